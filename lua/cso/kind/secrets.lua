--- Getting a secret back. State knows a secret by its digest and by where it was made; the value
--- itself lives in a resource that was declared to keep it (a Secrets Manager secret, a parameter),
--- whole or as one member of a JSON object. A service that remembers what was there before a change
--- is asked for that, too: a rollback, or a run after one that died, needs what was changed last.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local json = require "cso.std.json"
local kinds = require "cso.kind"
local read = require "cso.kind.read"
local value = require "cso.std.value"

local secrets = {}

--- The part of what is kept that has the digest, or nil.
local function part_of(text, info)
  if value.digest(info.salt, text) == info.digest then return text end
  local tree = text:match("^%s*{") and json.decode(text)
  if type(tree) ~= "table" then return nil end
  for _, v in pairs(tree) do
    if type(v) == "string" and value.digest(info.salt, v) == info.digest then return v end
  end
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
