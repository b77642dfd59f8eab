--- The actions of a plan while it is made. Most things stay as they are, and most steps ask only about
--- those that don't: these have a list of their own, so that a step costs what it looks at.
local actions = {}

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

--- Makes something of an action that was none.
---@param work table
---@param action cso.Action   of work.actions, a "noop"
---@param name string
---@param reasons string[]
function actions.awaken(work, action, name, reasons)
  work.nodes[action.address].action, action.action, action.reasons = name, name, reasons
  work.acting[#work.acting + 1] = action
end

return actions
