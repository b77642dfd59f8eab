--- The built-in pack: what the common scanners of infrastructure look at. Each rule brings an example
--- that keeps it and one that does not.
local rule = require "cso.policy.rule"

local PARTS = { "compute", "data", "edge", "identity", "network", "storage" }

local pack = {}
local loaded

--- All rules of the pack, sorted by id.
---@return cso.policy.Rule[]
function pack.rules()
  if loaded then return loaded end
  loaded = {}
  for _, part in ipairs(PARTS) do
    for _, given in ipairs(require("cso.policy.pack." .. part)) do
      local fields = {}
      for name, v in pairs(given) do fields[name] = v end
      fields.id = nil
      loaded[#loaded + 1] = assert(rule.new(given.id, fields, "the built-in pack"))
    end
  end
  table.sort(loaded, function(a, b) return a.id < b.id end)
  return loaded
end

--- An example of a rule as resources: address → properties; `needs` lists what it refers to,
--- `production` says what stack it stands in.
---@param example table
---@return cso.policy.Resource[] resources, boolean production
function pack.resources(example)
  local out, production = {}, false
  for address, given in pairs(example) do
    if address == "production" then
      production = given
    else
      local properties = {}
      for name, v in pairs(given) do properties[name] = v end
      local needs = properties.needs or {}
      properties.needs = nil
      out[#out + 1] = { address = address, type = assert(rule.type_name(address:match("^(.+)%.[^.]+$"))), action = "create",
        properties = properties, depends = needs }
    end
  end
  table.sort(out, function(a, b) return a.address < b.address end)
  return out, production
end

return pack
