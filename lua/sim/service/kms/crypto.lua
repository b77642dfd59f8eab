--- The data plane. A ciphertext carries its key's id and a seal over the encryption context, so
--- that only the right key and context open it; it protects nothing else, and need not.
local base = require "sim.service.kms.base"
local hash = require "cso.std.hash"
local json = require "cso.std.json"

local crypto = {}

local MARK = "simkms1"

local function seal(context) return hash.sha256_hex(json.encode(context or {})):sub(1, 16) end

local function usable(ctx, name)
  local row = base.alive(ctx, name)
  if not row.Enabled then ctx:fail("DisabledException", row.Arn .. " is disabled.") end
  return row
end

local function pack(row, context, plain)
  return ("%s %s %s %s"):format(MARK, row.KeyId, seal(context), hash.base64_encode(plain))
end

function crypto.Encrypt(ctx, input)
  local row = usable(ctx, input.KeyId)
  return { CiphertextBlob = pack(row, input.EncryptionContext, input.Plaintext), KeyId = row.Arn,
    EncryptionAlgorithm = "SYMMETRIC_DEFAULT" }
end

function crypto.Decrypt(ctx, input)
  local id, print, plain = (input.CiphertextBlob or ""):match("^" .. MARK .. " (%S+) (%S+) (%S*)$")
  if not id or print ~= seal(input.EncryptionContext) then
    ctx:fail("InvalidCiphertextException", "The ciphertext or its context is not valid.")
  end
  local row = usable(ctx, id)
  if input.KeyId and base.need(ctx, input.KeyId).KeyId ~= id then
    ctx:fail("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
  end
  return { Plaintext = hash.base64_decode(plain), KeyId = row.Arn, EncryptionAlgorithm = "SYMMETRIC_DEFAULT" }
end

local function data_key(ctx, input)
  local row = usable(ctx, input.KeyId)
  local size = input.NumberOfBytes or (input.KeySpec == "AES_128" and 16) or 32
  local plain = hash.random(size)
  return { KeyId = row.Arn, Plaintext = plain, CiphertextBlob = pack(row, input.EncryptionContext, plain) }
end

crypto.GenerateDataKey = data_key

function crypto.GenerateDataKeyWithoutPlaintext(ctx, input)
  local out = data_key(ctx, input)
  out.Plaintext = nil
  return out
end

function crypto.GenerateRandom(_, input) return { Plaintext = hash.random(input.NumberOfBytes or 32) } end

return crypto
