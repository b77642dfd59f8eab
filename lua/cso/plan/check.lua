--- The playbook's own checks, and the conditions of its resources as far as they can be known by now.
--- A failed one does not stop the plan from being shown; apply refuses.
local lazy = require "cso.std.lazy"
local condition = lazy "cso.kind.condition"
local deep = require "cso.std.deep"

-- What a thing is now, for the conditions of what does not change.
local function model_of(node)
  local tree = {}
  for k, v in pairs(node.desired or {}) do tree[k] = v end
  for k, v in pairs(type(node.model) == "table" and node.model or {}) do
    if tree[k] == nil then tree[k] = v end
  end
  return tree
end

local changes = { create = true, update = true, replace = true }

local function ask(node)
  if changes[node.action] and node.options.pre then return condition.ask(node, "pre", node.desired) end
  -- What changes is asked after the change; what stays has to keep its promise.
  if node.action == "noop" and not node.excluded and node.options.post then
    return condition.ask(node, "post", model_of(node))
  end
end

return function(work)
  work.checks_failed = {}
  for _, check in ipairs(work.program and work.program.checks or {}) do
    if not check.ok then work.checks_failed[#work.checks_failed + 1] = check end
  end
  for _, node in deep.sorted_pairs(work.conditional) do
    local e = ask(node)
    if e and e.code ~= "condition_failed" then return nil, e end
    if e then
      work.checks_failed[#work.checks_failed + 1] = { text = e.message, ok = false, hint = e.hint, where = e.where }
    end
  end
  return true
end
