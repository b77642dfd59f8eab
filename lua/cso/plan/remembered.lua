--- What csorun made by itself (a password, a key) lives in the state, and its secrets in what keeps them. It is the
--- same one again where those are still to be had, be it from what a service remembers of before a change.
local value = require "cso.std.value"

local remembered = {}

--- An earlier record of such a thing with its secrets at hand; nil where one of them is kept nowhere, and for
--- things of other kinds.
---@param K cso.Kind
---@param record cso.Record
---@param fetch fun(secret: any): any   the secret with its content, or nil when nothing keeps it
---@param address string   what it will be called
---@return cso.Record?
function remembered.again(K, record, fetch, address)
  if K.spec.service ~= "local" then return nil end
  local attributes, hides = {}, false
  for name, v in pairs(record.attributes) do
    if value.is_secret(v) then
      v, hides = fetch(v), true
      if not v then return nil end
      v = value.secret(value.reveal(v), { origin = { address = address, path = name } })
    end
    attributes[name] = v
  end
  if not hides then return nil end
  local out = {}
  for k, v in pairs(record) do out[k] = v end
  out.attributes = attributes
  return out
end

return remembered
