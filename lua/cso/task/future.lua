--- A value that is there later, and the one place where a task waits for one.
local failure = require("cso.task.failure")
local sched = require("cso.task.sched")

---@class cso.task.Future
---@field done boolean
---@field ok boolean?           once done
---@field abandon fun(self)?    called when the last task that waited has given up
local Future = {}
Future.__index = Future
Future.__name = "cso.task.Future"

local future = {}

---@return cso.task.Future
function future.new()
  return setmetatable({ done = false }, Future)
end

function Future:settle(ok, ...)
  if self.done then return false end
  self.done, self.ok = true, ok
  self.n = select("#", ...)
  self.values = { ... }
  local waiters = self.waiters
  self.waiters = nil
  if waiters then
    for i = 1, #waiters do
      local t = waiters[i]
      if t and t.waiting == self then
        t.waiting = nil
        sched.ready(t)
      end
    end
  end
  return true
end

--- Gives the future its values. False when it already has an outcome.
---@return boolean
function Future:complete(...)
  return self:settle(true, ...)
end

--- Fails the future. False when it already has an outcome.
---@param e any
---@return boolean
function Future:fail(e)
  return self:settle(false, failure.as_table(e))
end

--- Forgets a task that no longer waits. Its place stays empty, so that the others keep theirs.
function Future:leave(t)
  local waiters = self.waiters
  waiters[t.place] = false
  waiters.live = waiters.live - 1
  if waiters.live == 0 and self.abandon then self:abandon() end
end

function Future:result()
  if self.ok then return table.unpack(self.values, 1, self.n) end
  failure.pass(self.values[1])
end

-- Waits without looking at cancellation: for joins, whose children are reached on their own.
local function wait(f, t, firm)
  local waiters = f.waiters
  if not waiters then
    waiters = { live = 0 }
    f.waiters = waiters
  end
  waiters.live = waiters.live + 1
  t.place = #waiters + 1
  waiters[t.place] = t
  t.waiting, t.firm = f, firm
  sched.suspend()
  t.firm = nil
end

--- Suspends the current task until the future has an outcome; gives its values or raises its
--- failure. Raises the cancellation of an enclosing scope.
---@param f cso.task.Future
---@return any ...
function future.await(f)
  local t = sched.check()
  local cancelled = t.scope:cancellation()
  if cancelled then
    if not f.done and f.abandon and not (f.waiters and f.waiters.live > 0) then f:abandon() end
    error(cancelled, 0)
  end
  if not f.done then
    wait(f, t, false)
    local interrupt = t.interrupt
    if interrupt then
      t.interrupt = nil
      error(interrupt, 0)
    end
  end
  return f:result()
end

--- Waits for the outcome, whatever is cancelled meanwhile; does not raise it.
---@param f cso.task.Future
function future.join(f)
  if not f.done then wait(f, sched.check(), true) end
end

--- Stops a task's wait: its await raises e.
---@param t table
---@param e table
function future.interrupt(t, e)
  local f = t.waiting
  if not f or t.firm then return end
  t.waiting = nil
  t.interrupt = e
  f:leave(t)
  sched.ready(t)
end

future.Future = Future

return future
