--- Key pairs. A name is the identity; the private half leaves the simulator once and is not kept.
local base = require "sim.service.ec2.base"
local hash = require "cso.std.hash"

local key = {}

local function new(ctx, input, kind, fingerprint, public)
  if base.all(ctx, "key"):get(input.KeyName) then
    ctx:fail("InvalidKeyPair.Duplicate", ("The keypair already exists"))
  end
  if input.KeyName == "" or #input.KeyName > 255 then
    ctx:fail("InvalidParameterValue", ("Invalid value '%s' for keyPairNames. It should be 1 to 255 characters.")
      :format(input.KeyName))
  end
  local tags = base.tags(ctx, input, "key-pair")
  return base.save(ctx, "key", input.KeyName, { KeyName = input.KeyName, KeyPairId = ctx.ids:ec2("key"),
    KeyType = kind, KeyFingerprint = fingerprint, Tags = tags, CreateTime = ctx.now, PublicKey = public })
end

local function colons(hex) return (hex:gsub("%x%x", "%0:"):sub(1, -2)) end

--- The material is random text in PEM's form: nothing in the simulator can be logged in to.
function key.CreateKeyPair(ctx, input)
  local kind = input.KeyType or "rsa"
  local body = {}
  for i = 1, kind == "rsa" and 25 or 6 do body[i] = hash.base64_encode(ctx.ids:digits():sub(1, 48)) end
  local row = new(ctx, input, kind, colons(ctx.ids:hex(40)))
  local label = kind == "rsa" and "RSA PRIVATE KEY" or "OPENSSH PRIVATE KEY"
  return { KeyName = row.KeyName, KeyPairId = row.KeyPairId, KeyFingerprint = row.KeyFingerprint, Tags = row.Tags,
    KeyMaterial = ("-----BEGIN %s-----\n%s\n-----END %s-----"):format(label, table.concat(body, "\n"), label) }
end

local kinds = { ["ssh-rsa"] = "rsa", ["ssh-ed25519"] = "ed25519" }

function key.ImportKeyPair(ctx, input)
  local text = input.PublicKeyMaterial
  local kind, blob = text:match("^%s*(%S+)%s+(%S+)")
  kind = kinds[kind or ""]
  if not kind and text:find("BEGIN PUBLIC KEY", 1, true) then
    kind, blob = "rsa", text:gsub("%-%-%-%-%-[^\n]*", ""):gsub("%s", "")
  end
  local raw = kind and hash.base64_decode(blob)
  if not raw then ctx:fail("InvalidKey.Format", "Key is not in valid OpenSSH public key format") end
  local row = new(ctx, input, kind, colons(hash.sha256_hex(raw):sub(1, 32)), text)
  return { KeyName = row.KeyName, KeyPairId = row.KeyPairId, KeyFingerprint = row.KeyFingerprint, Tags = row.Tags }
end

function key.DeleteKeyPair(ctx, input)
  local row
  if input.KeyPairId then row = base.all(ctx, "key"):one("KeyPairId", input.KeyPairId)
  elseif input.KeyName then row = base.all(ctx, "key"):get(input.KeyName)
  else ctx:fail("MissingParameter", "The request must contain the parameter KeyName or KeyPairId") end
  if row then base.all(ctx, "key"):delete(row.KeyName) end
  return { Return = true, KeyPairId = row and row.KeyPairId }
end

local describe = base.describe { kind = "key", ids = "KeyNames", out = "KeyPairs", filters = {
  ["key-name"] = "KeyName", ["key-pair-id"] = "KeyPairId", fingerprint = "KeyFingerprint" } }

function key.DescribeKeyPairs(ctx, input)
  if input.KeyPairIds and input.KeyPairIds[1] then
    input.KeyNames = {}
    for i, id in ipairs(input.KeyPairIds) do
      local row = base.all(ctx, "key"):one("KeyPairId", id)
      if not row then ctx:fail("InvalidKeyPair.NotFound", ("The key pair '%s' does not exist"):format(id)) end
      input.KeyNames[i] = row.KeyName
    end
  end
  local out = describe(ctx, input)
  if not input.IncludePublicKey then
    for i, row in ipairs(out.KeyPairs) do
      local copy = {}
      for k, v in next, row do copy[k] = v end
      copy.PublicKey = nil
      out.KeyPairs[i] = copy
    end
  end
  return out
end

return key
