--- Kinds whose things live in csorun's state alone: reading them is remembering them.
local declare = require "cso.kind.declare"

local function recall(declared, attributes)
  local model = {}
  for k, v in next, attributes do model[k] = v end
  for k, v in next, declared do model[k] = v end
  return model
end

local function remembered(r)
  return recall(r.desired, r.attributes)
end

--- Makes such a kind. Every property change replaces: what was made can't be made otherwise later.
---@param type_name string
---@param describe table     the type in the catalogue's form
---@param create fun(r: cso.Handle)
---@return cso.Kind
return function(type_name, describe, create)
  local handles = {}
  for property, P in pairs(describe.properties) do
    P.replace = P.replace or "always"
    handles[#handles + 1] = property
  end
  describe.name, describe.definitions = type_name, describe.definitions or {}
  return declare(type_name) {
    service = "local", id = "Id", describe = describe, handles = handles,
    create = create, read = remembered, recall = recall, delete = function() end,
    -- No service has it still: who remembers it whole hands it over.
    recover = {
      can = function() return false end,
      take = function(r) r.attributes = r.recovers.attributes end,
    },
    seconds = { create = 0.1, delete = 0 },
  }
end
