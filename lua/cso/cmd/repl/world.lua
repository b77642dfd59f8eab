--- What exists, for completion: the catalogue, the globals of the REPL and its clients.
local catalogue = require "cso.std.catalogue"

local world = {}

local function service(name)
  return (catalogue.service((name:gsub("_", "-"))))
end

--- The world of a REPL.
---@param env table          its globals
---@param commands string[]  words behind ":"
---@return cso.cmd.World
function world.new(env, commands)
  return {
    env = env, commands = commands,
    services = function()
      local names = {}
      for i, name in ipairs(catalogue.services()) do names[i] = (name:gsub("-", "_")) end
      return names
    end,
    operations = function(name)
      local model = service(name)
      return model and model:operations() or {}
    end,
    input = function(name, operation)
      local model = service(name)
      local found = model and model:operation(operation)
      if not found or not found.input then return nil end
      return model:shape(found.input.shape), function(shape) return model:shape(shape) or {} end
    end,
    types = catalogue.types,
    service_of = function(v)
      local name = type(v) == "table" and rawget(v, "service")
      return type(name) == "string" and service(name) and name or nil
    end,
  }
end

return world
