--- What was moved gets the ownership tag of its new address: by the old one it would be looked for
--- in vain, or taken for a thing that is made there later.
local adopt = require "cso.apply.adopt"
local deep = require "cso.std.deep"
local surely = require "cso.apply.surely"
local task = require "cso.task"

local PARALLEL = 8

local function renew(run, node)
  local r = run.handle(node.address, node.kind, node.record)
  r.action, r.attributes = "update", {}
  local model, e = node.kind:read(r)
  -- What is not there has no tags.
  if not model then return model == false and true or nil, e end
  r.current, r.attributes = model, model
  return adopt.sign(r)
end

--- Renews the tags of all nodes that the plan marks; what can't be renewed is a failure of the run.
---@param run table
return function(run)
  local wanted, list = {}, {}
  for address, node in pairs(run.plan.nodes) do
    if node.retag and (node.action == "noop" or node.action == "update") then wanted[address] = node end
  end
  for _, node in deep.sorted_pairs(wanted) do list[#list + 1] = node end
  task.map(list, function(node)
    -- It looks what is missing each time, so a lost answer is no reason to give up.
    local ok, e = surely(run, function() return renew(run, node) end)
    if not ok then run.failed[#run.failed + 1] = { address = node.address, err = e } end
  end, { limit = PARALLEL })
end
