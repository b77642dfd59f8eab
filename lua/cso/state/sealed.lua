--- Sealed bytes: AES-256-GCM under a key that somebody else finds. A line that says what they are, a
--- header that says how to find the key, the nonce, the ciphertext with its tag. Header and name are
--- authenticated, too, so that nothing passes for something else that was sealed with the same key.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local json = require "cso.std.json"

local sealed = {}

local MAGIC = "csorun-sealed-1\n"
local NONCE = 12
local LONGEST_HEADER = 16384

---@class cso.state.Keys           where keys come from
---@field fresh fun(): table?, string|cso.Err   header, and the key that new things are sealed with
---@field find fun(header: table): string?, cso.Err?   the key of a header; nil without error: none of ours

---@class cso.state.Sealer
---@field keys cso.state.Keys?     for what is written; nil: it stays as it is
---@field old cso.state.Keys?      for what was written before
---@field plain boolean            what is not sealed may be read
---@field stale boolean?           something was read that should be written anew, sealed or in clear
local Sealer = {}
Sealer.__index = Sealer

local function refuse(code, message, hint)
  return nil, err.new { code = code, class = "config", message = message, hint = hint }
end

local function check_of(key) return hash.hex_encode(hash.hmac_sha256(key, "csorun key check")):sub(1, 16) end

---@param keys cso.state.Keys?
---@param old cso.state.Keys?
---@param plain boolean?
---@return cso.state.Sealer
function sealed.new(keys, old, plain)
  return setmetatable({ keys = keys, old = old, plain = keys == nil or plain or false }, Sealer)
end

--- True for bytes that say they are sealed.
---@param bytes string
---@return boolean
function sealed.is_one(bytes) return bytes:sub(1, #MAGIC) == MAGIC end

--- The header and the key that something new is sealed with.
---@return table? header, string|cso.Err key
function Sealer:fresh()
  local header, key = self.keys.fresh()
  if not header then return nil, key end
  header.check = check_of(key)
  return header, key
end

--- Seals bytes, where there is a key for it.
---@param bytes string
---@param what string    what they are; the same has to be said to open them
---@return string? covered, cso.Err?
function Sealer:out(bytes, what)
  if not self.keys then return bytes end
  local header, key = self:fresh()
  if not header then return nil, key end
  local head = sealed.head(header)
  local nonce = assert(hash.random(NONCE))
  local text, e = hash.aes_gcm_seal(key, nonce, bytes, head .. what)
  if not text then return refuse("seal", e.message) end
  return head .. nonce .. text
end

-- The key of a header, and which of the two it is. Who is refused by the one (a KMS says in several ways
-- that something was sealed with another key) may still be helped by the other.
local function key_of(self, header)
  local failed
  for _, name in ipairs { "keys", "old" } do
    local key, e
    if self[name] then key, e = self[name].find(header) end
    if key and check_of(key) == header.check then return key, name end
    failed = failed or e
  end
  return nil, failed
end

--- Finds the key of something sealed.
---@param header table
---@param name string     for people
---@return string? key
---@return "keys"|"old"|cso.Err which   code "sealed" (no key), "wrong_key"
function Sealer:key(header, name)
  if not (self.keys or self.old) then
    return refuse("sealed", name .. " is encrypted, and no key is configured",
      "set CSORUN_ENCRYPT as it was when it was written (docs/state.md)")
  end
  local key, which = key_of(self, header)
  if key or which then return key, which end
  return refuse("wrong_key", name .. " was encrypted with another key than CSORUN_ENCRYPT tells",
    "see what CSORUN_ENCRYPT names; after a change of keys CSORUN_ENCRYPT_OLD says what it was encrypted with")
end

--- What stands in clear at the beginning of sealed bytes.
---@param bytes string
---@return table? header, integer? stop   where it ends
function sealed.header(bytes)
  local stop = sealed.is_one(bytes) and bytes:sub(1, LONGEST_HEADER):find("\n", #MAGIC + 1, true)
  local header = stop and json.decode(bytes:sub(#MAGIC + 1, stop - 1))
  if type(header) == "table" then return header, stop end
end

--- A header as it stands before sealed bytes.
---@param header table
---@return string
function sealed.head(header) return MAGIC .. json.encode(header, { sort = true }) .. "\n" end

--- Opens what was sealed.
---@param covered string
---@param what string
---@param name string?   for people
---@return string? bytes, cso.Err?   code "sealed" (no key), "wrong_key", "altered_seal", "not_sealed"
function Sealer:back(covered, what, name)
  name = name or what
  if not sealed.is_one(covered) then
    if self.plain then
      self.stale = self.keys and true or self.stale
      return covered
    end
    return refuse("not_sealed", name .. " is not encrypted, and CSORUN_ENCRYPT says that it has to be",
      "when you know that it is yours: CSORUN_ENCRYPT_OLD=none reads it, and what is written is encrypted")
  end
  local header, stop = sealed.header(covered)
  if not header or #covered < stop + NONCE then
    return refuse("altered_seal", name .. " is encrypted, and was cut off or altered", "put back another copy of it")
  end
  local key, which = self:key(header, name)
  if not key then return nil, which end
  if which == "old" then self.stale = true end
  local text = hash.aes_gcm_open(key, covered:sub(stop + 1, stop + NONCE), covered:sub(stop + NONCE + 1),
    covered:sub(1, stop) .. what)
  if text then return text end
  return refuse("altered_seal", name .. " was altered after it was encrypted, or put in the place of another",
    "put back another copy of it")
end

return sealed
