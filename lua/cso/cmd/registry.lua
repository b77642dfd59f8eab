--- Finds commands by name. A command's file is loaded when it is needed, so that a start
--- pays for one command only.
local groups = require "cso.cmd.list"

local registry = { groups = groups, names = {} }
local known = {}

for _, group in ipairs(groups) do
  for i = 2, #group do
    known[group[i]] = true
    table.insert(registry.names, group[i])
  end
end
table.sort(registry.names)

--- The command of that name, or nil.
---@param name string
---@return cso.cmd.Command?
function registry.find(name)
  if known[name] then return require("cso.cmd." .. name) end
end

--- Every command, loaded, in the order of their names.
---@return cso.cmd.Command[]
function registry.all()
  local list = {}
  for i, name in ipairs(registry.names) do list[i] = registry.find(name) end
  return list
end

return registry
