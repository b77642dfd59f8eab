--- Runs what waits: fn in a task of its own. What fails there is raised, with the place where it failed.
local task = require "cso.task"

---@param fn fun()
return function(fn)
  local ok, e = task.run(function()
    fn()
    return true
  end)
  if not ok then error(type(e) == "table" and (e.traceback or e.message) or e, 0) end
end
