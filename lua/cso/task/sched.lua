--- The ready list and the coroutines on it. Knows nothing of scopes or futures.
local limits = require("host.limits")

local sched = {}

-- What a task yields; anything else was yielded by somebody else's coroutine.yield.
local MARK = {}

-- What a coroutine yields whose task has ended. It waits for the next one: a new coroutine, with the stack
-- that it grows, is most of what a short task takes of memory.
local ENDED = {}
local KEPT = 64

local running = limits.running
local ready, current = {}, nil
local idle = {}

--- A coroutine for a task, which runs `body` with it once the task is on the ready list.
---@param body fun(t: table)   raises nothing
---@return thread
function sched.coroutine(body)
  local co = table.remove(idle)
  if co then return co end
  return coroutine.create(function(t)
    while true do
      body(t)
      t = coroutine.yield(ENDED)
    end
  end)
end

--- The task that runs, or nil in the driver.
---@return table?
function sched.current()
  return current
end

--- Puts a task at the end of the ready list.
---@param t table
function sched.ready(t)
  ready[#ready + 1] = t
end

---@return boolean
function sched.idle()
  return ready[1] == nil
end

--- The running task, when it may be suspended here; raises otherwise.
---@return table
function sched.check()
  if not current then
    error("task.await outside of a task: use task.run", 3)
  end
  if coroutine.running() ~= current.co then
    error("task.await inside another coroutine: only the task's own can wait", 3)
  end
  if not coroutine.isyieldable() then
    error("task.await can't wait here: a callback of string.gsub, table.sort, tostring, "
      .. "require or the like can't be suspended", 3)
  end
  return current
end

--- Suspends the running task until it is made ready.
function sched.suspend()
  coroutine.yield(MARK)
end

-- The yield can't be answered, so the error is raised where it happened: by a hook that fires at
-- the coroutine's next instruction. Scopes and cleanups around it then end as for any other error.
local function raise_in(co)
  debug.sethook(co, function()
    debug.sethook(co)
    error("coroutine.yield in a task: only task.await suspends", 2)
  end, "", 1)
end

local function step(t)
  current = t
  running(t.co)
  local ok, yielded = coroutine.resume(t.co, t)
  while ok and yielded ~= MARK and yielded ~= ENDED do
    raise_in(t.co)
    ok, yielded = coroutine.resume(t.co)
  end
  current = nil
  running()
  if not ok then
    -- The body catches everything; what arrives here is a fault of this room.
    error(debug.traceback(t.co, tostring(yielded)), 0)
  end
  if yielded == ENDED then
    if #idle < KEPT then idle[#idle + 1] = t.co end
    t.co = nil
  end
end

--- Runs every task that is ready now, once.
function sched.round()
  local batch = ready
  ready = {}
  for i = 1, #batch do step(batch[i]) end
end

--- Lets go of coroutines that no task has.
function sched.tidy() idle = {} end

--- Forgets everything: after a fault of the room itself.
function sched.reset()
  ready, current, idle = {}, nil, {}
end

return sched
