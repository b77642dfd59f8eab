--- What a run lets go of on its way, where nobody else wants the plan any more: first what shows it, then of each
--- thing all that was only needed to make it. A thousand things weigh two megabytes less at the end of it.
local release = {}

local function empty(t)
  for k in next, t or {} do t[k] = nil end
end

--- Once a run has begun, what it does stands in its moments.
---@param plan table      loses its actions and its graph
---@param program table?  loses its declarations, and so does the evaluation whose lists these are
function release.the_plan(plan, program)
  plan.actions, plan.graph = {}, nil
  if not program then return end
  empty(program.declarations)
  empty(program.by_address)
end

--- A thing had its last moment: what others ask of it is what it is, and whether an update of it is over.
---@param plan table
---@param info table<string, { moment: string, node: table, name: string }>   of all moments
---@param node table
function release.thing(plan, info, node)
  -- A step is asked for what it stands behind; of a replacement, the other half may come.
  if node.form ~= "resource" or node.action == "replace" then return end
  local address = node.address
  local left = { address = address, form = node.form, kind = node.kind, action = node.action }
  if node.updates then left.updates = node.updates end
  if plan.nodes[address] == node then plan.nodes[address] = left end
  for _, moment in ipairs { "do", "ready", "del" } do
    local v = info[moment .. ":" .. address]
    if v then v.node = left end
  end
end

return release
