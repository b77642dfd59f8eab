--- Signatures of saved plans: who may apply only what another has seen checks them. Ed25519 over the
--- canonical JSON of the plan without its signature: keys sorted, no spaces.
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local x509 = require "cso.std.x509"

local signature = {}

local ALGORITHM = "Ed25519"
local LONGEST = 65536 -- bytes of a file of keys
local PUBLIC = "%-%-%-%-%-BEGIN PUBLIC KEY%-%-%-%-%-.-%-%-%-%-%-END PUBLIC KEY%-%-%-%-%-"
local MAKE = "make one: openssl genpkey -algorithm ed25519 -out plan.key && openssl pkey -in plan.key -pubout -out plan.pub"

local function refuse(class, code, message, hint)
  return nil, err.new { code = code, class = class, message = message, hint = hint }
end

-- The text of a key: a file's, or a variable's of the environment.
local function text_of(ctx, place)
  local name = place:match "^env:(.+)$"
  if name then
    local text = ctx.environ[name]
    if text and text ~= "" then return text end
    return refuse("config", "no_key", ("the variable %s, which should hold a key, is not set"):format(name))
  end
  local text, e = fs.read(place, LONGEST)
  if text then return text end
  return refuse("config", "no_key", ("can't read the key %s: %s"):format(place, e.message), MAKE)
end

local function name_of(raw) return hash.sha256_hex(raw):sub(1, 16) end

-- The 32 bytes of a public key stand at the end of what its PEM holds.
local function raw_of(pem) return hash.base64_decode((pem:gsub("%-%-%-.-%-%-%-[-]*", ""):gsub("%s", ""))):sub(-32) end

--- The private key that --sign names, tried before anything is planned.
---@param ctx cso.cmd.Context
---@param place string   a file, or env:NAME
---@param out string?    where the plan goes
---@return string? pem, cso.Err?
function signature.private(ctx, place, out)
  if not out then
    return refuse("usage", "nothing_to_sign", "--sign signs the file that --out writes", "add --out FILE.json")
  end
  local pem, e = text_of(ctx, place)
  if not pem then return nil, e end
  local ok
  ok, e = x509.ed25519(pem, "")
  if not ok then return refuse("config", "bad_key", ("%s: %s"):format(place, e.message), MAKE) end
  return pem
end

--- Signs a text.
---@param pem string
---@param text string
---@return { algorithm: string, key: string, value: string }? signature, cso.Err?
function signature.make(pem, text)
  local raw, public = x509.ed25519(pem, text)
  if not raw then return refuse("config", "bad_key", public.message, MAKE) end
  return { algorithm = ALGORITHM, key = name_of(public), value = hash.base64_encode(raw) }
end

local function places(ctx)
  if ctx.opts.verify then return ctx.opts.verify end
  local list = {}
  for place in (ctx.environ.CSORUN_PLAN_KEYS or ""):gmatch "[^,]+" do list[#list + 1] = place end
  return list
end

-- All public keys that may have signed.
local function public_keys(ctx, named)
  local keys = {}
  for _, place in ipairs(named) do
    local text, e = text_of(ctx, place)
    if not text then return nil, e end
    local n = #keys
    for pem in text:gmatch(PUBLIC) do keys[#keys + 1] = pem end
    for i = n + 1, #keys do
      local ok, why = x509.ed25519_verify(keys[i], "", "")
      if ok == nil then return refuse("config", "bad_key", ("%s: %s"):format(place, why.message), MAKE) end
    end
    if #keys == n then
      return refuse("config", "bad_key", place .. " holds no public key in PEM form",
        text:find("PRIVATE KEY", 1, true) and "that is the private half: openssl pkey -in KEY -pubout -out plan.pub" or MAKE)
    end
  end
  return keys
end

--- Checks a plan's signature where the command line or CSORUN_PLAN_KEYS asks for one.
---@param ctx cso.cmd.Context
---@param made table?     as it stands in the plan
---@param text string     what should have been signed
---@param path string
---@return true? ok, cso.Err?  class "policy"
function signature.check(ctx, made, text, path)
  local named = places(ctx)
  if #named == 0 then
    if ctx.environ.CSORUN_PLAN_KEYS then
      return refuse("config", "no_key", "CSORUN_PLAN_KEYS is set and names no key", "unset it, or name files of public keys")
    end
    return true
  end
  local keys, e = public_keys(ctx, named)
  if not keys then return nil, e end
  if made == nil then
    return refuse("policy", "unsigned_plan", path .. " is not signed, and only signed plans are applied here",
      "plan again with --sign KEY")
  end
  local raw = type(made) == "table" and made.algorithm == ALGORITHM and type(made.value) == "string"
    and hash.base64_decode(made.value)
  if not raw then
    return refuse("policy", "bad_signature", path .. " bears a signature that can't be read", "plan again with --sign KEY")
  end
  for _, pem in ipairs(keys) do
    -- The name of the key is signed by nothing: it has to be the one that the signature itself proves.
    if x509.ed25519_verify(pem, text, raw) and made.key == name_of(raw_of(pem)) then return true end
  end
  return refuse("policy", "wrong_signature", ("the signature of %s was not made by %s, or the plan was altered since"):format(
    path, #keys == 1 and "the key that is trusted here" or ("one of the %d keys that are trusted here"):format(#keys)),
    "nothing was changed; have it planned again and signed by somebody who may")
end

return signature
