--- Getting a secret back. State knows a secret by its digest and by where it was made; the value
--- itself lives in a resource that was declared to keep it (a Secrets Manager secret, a parameter),
--- whole, as a text in a JSON document, or in the midst of one. A service that remembers what was there before a change
--- is asked for that, too: a rollback, or a run after one that died, needs what was changed last.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local json = require "cso.std.json"
local kinds = require "cso.kind"
local read = require "cso.kind.read"
local value = require "cso.std.value"

local secrets = {}

-- Longer texts are not looked through for a secret that stands in their midst, nor are shorter or longer secrets
-- looked for there: csorun makes no others.
local LONGEST_TEXT, SHORTEST, LONGEST = 2048, 8, 128

local function fits(text, info) return value.digest(info.salt, text) == info.digest end

local function whole(text, info) return fits(text, info) and text or nil end

-- A part of one length that has the digest.
local function window(text, info, length)
  for first = 1, #text - length + 1 do
    local part = text:sub(first, first + length - 1)
    if fits(part, info) then return part end
  end
end

--- What stands in the midst of a text, as a password in an address or a key before its certificate. The digest
--- says nothing of where and of how long, but who made it may.
local function inside(text, info)
  for block in text:gmatch "%-%-%-%-%-BEGIN [%u ]+%-%-%-%-%-.-%-%-%-%-%-END [%u ]+%-%-%-%-%-\n?" do
    if fits(block, info) then return block end
  end
  -- What others made may be of any form; nobody puts a long text into an address.
  if not info.origin or #text > LONGEST_TEXT or text:find("-----BEGIN ", 1, true) then return nil end
  local found = info.length and window(text, info, info.length)
  for length = found and LONGEST + 1 or SHORTEST, math.min(LONGEST, #text - 1) do
    found = window(text, info, length)
    if found then break end
  end
  return found or nil
end

--- The part of what is kept that has the digest, or nil.
local function part_of(text, info)
  local tree = text:match("^%s*[{%[]") and json.decode(text)
  local function search(part, way)
    if type(part) == "string" then return way(part, info) end
    for _, item in pairs(type(part) == "table" and part or {}) do
      local found = search(item, way)
      if found then return found end
    end
  end
  return whole(text, info) or tree and search(tree, whole) or search(tree or text, inside)
end

--- What a thing holds now of which a secret's digest tells.
---@param K cso.Kind   with `fetch`
---@param r cso.Handle  that reads
---@param info table    of value.secret_info
---@return string? text  nil when it is another
function secrets.present(K, r, info)
  return part_of(K.spec.fetch(r), info)
end

--- What a thing held before it was changed, as far as its service remembers.
---@param K cso.Kind
---@param r cso.Handle  that reads
---@param info table    of value.secret_info
---@return string? text
function secrets.earlier(K, r, info)
  for text in K.spec.earlier and K.spec.earlier(r) or function() end do
    local found = part_of(text, info)
    if found then return found end
  end
end

-- Looks in all that may keep a secret. What fails is given beside: one of several may be gone by now.
local function look(records, handle_of, from, from_one)
  local broken
  for address, record in deep.sorted_pairs(records) do
    local K = kinds.native(record.type)
    if K and K.spec.keeps and record.declared[K.spec.keeps] ~= nil and (not from or deep.contains(record.depends, from)) then
      local ok, found = pcall(from_one, K, handle_of(address, K, record))
      if ok and found then return found end
      if not ok and not (err.is(found) and read.is_gone(found)) then broken = found end
    end
  end
  return nil, broken
end

-- How long a secret is that its maker was asked for by its length.
local function length_of(record)
  local K = record and kinds.native(record.type)
  return K and K.schema.properties.length and tonumber(record.declared.length or K:default_of "length") or nil
end

--- Gives a sealed secret a way to fetch its value; anything else is given back as it is.
---@param v any
---@param records table<string, cso.Record>
---@param handle_of fun(address: string, K: cso.Kind, record: cso.Record): cso.Handle
---@param held string[]?   what was kept by things that this run deletes
---@return any
function secrets.with_fetch(v, records, handle_of, held)
  if not value.is_secret(v) then return v end
  local info = value.secret_info(v)
  if info.known or not info.digest then return v end
  return value.secret(nil, {
    digest = info.digest, salt = info.salt, origin = info.origin,
    fetch = function()
      local from = info.origin and info.origin.address
      info.length = length_of(records[from or ""])
      local found, broken = look(records, handle_of, from, function(K, r) return secrets.present(K, r, info) end)
      if found then return found end
      for _, text in ipairs(held or {}) do
        found = part_of(text, info)
        if found then return found end
      end
      -- What a keeper is asked for last costs a call for each of its versions.
      found = look(records, handle_of, from, function(K, r) return secrets.earlier(K, r, info) end)
      if found then return found end
      if broken then error(broken, 0) end
      error(err.new { code = "secret_lost", class = "config",
        message = ("the value of %s.%s is kept nowhere"):format(from or "a secret", info.origin and info.origin.path or "?"),
        hint = from and ("declare an AWS::SecretsManager::Secret that holds it, or have another made: --replace " .. from)
          or "declare an AWS::SecretsManager::Secret that holds it" }, 0)
    end,
  })
end

return secrets
