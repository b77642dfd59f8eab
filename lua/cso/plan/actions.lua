--- The actions of a plan while it is made. Most things stay as they are, and most steps ask only about
--- those that don't: these have a list of their own, so that a step costs what it looks at. What stays has no action
--- of its own either: its node stands in the list, which says that it is a "noop", and of what.
local theirs = require "cso.plan.theirs"

local actions = {}

local NONE = {} -- nobody writes to it

--- Begins anew.
---@param work table   gets `actions`, and `acting`: those of them that do something
function actions.begin(work)
  work.actions, work.acting = {}, {}
end

---@param work table
---@param action cso.Action
function actions.add(work, action)
  work.actions[#work.actions + 1] = action
  if action.action ~= "noop" then work.acting[#work.acting + 1] = action end
end

local function action_of(work, node, reasons, changes)
  local target = node.decl.target
  return {
    address = node.address, action = node.action, type = node.type, reasons = reasons or NONE,
    changes = changes or NONE, where = node.where, replace_order = node.replace_order, region = target and target.region,
    theirs = node.action == "replace" and theirs(work, node.address) or nil, depends = node.depends,
    before = node.model or nil, after = node.desired, form = node.form,
  }
end

--- Says what happens to a declared thing.
---@param work table
---@param node table
---@param name string        the action
---@param reasons string[]?
---@param changes table[]?
function actions.decide(work, node, name, reasons, changes)
  node.action = name
  actions.add(work, name == "noop" and node or action_of(work, node, reasons, changes))
end

--- Says that a declared thing stays as it is.
---@param work table
---@param node table
function actions.stay(work, node)
  local list = work.actions
  node.action, list[#list + 1] = "noop", node
end

--- Makes something of what was to stay.
---@param work table
---@param nth integer       its place in work.actions
---@param name string
---@param reasons string[]
function actions.awaken(work, nth, name, reasons)
  local node = work.nodes[work.actions[nth].address]
  node.action = name
  local action = action_of(work, node, reasons)
  work.actions[nth], work.acting[#work.acting + 1] = action, action
end

return actions
