--- Adds to CloudFormation's types what data/additions.lua knows of their services.
local additions = require "cso.models.data.additions"
local deep = require "cso.std.deep"

local extend = {}

--- Adds it, in place.
---@param types table<string, cso.catalogue.Type>
---@return string[] faults  what is in the types by now
function extend.all(types)
  local faults = {}
  for name, more in deep.sorted_pairs(additions) do
    local T = types[name]
    for property, values in deep.sorted_pairs(T and more.enums or {}) do
      local enum = T.properties[property] and T.properties[property].type.enum
      for _, v in ipairs(values) do
        if not enum or deep.contains(enum, v) then
          faults[#faults + 1] = ("%s.%s: %s"):format(name, property, v)
        else
          enum[#enum + 1] = v
        end
      end
    end
    for property, P in deep.sorted_pairs(T and more.properties or {}) do
      if T.properties[property] then
        faults[#faults + 1] = ("%s.%s"):format(name, property)
      else
        T.properties[property] = deep.copy(P)
      end
    end
  end
  return faults
end

return extend
