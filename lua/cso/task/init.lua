--- Cooperative tasks. The rules (ownership, failure, cancellation) are in ARCHITECTURE.md, "Tasks".
--- One primitive per file; this one is the face.
local failure = require("cso.task.failure")
local future = require("cso.task.future")
local loop = require("host.loop")
local reactor = require("cso.task.reactor")
local sched = require("cso.task.sched")
local scope = require("cso.task.scope")
local timers = require("cso.task.timers")

local task = {}

task.run = require("cso.task.run")
task.await = future.await
task.future = future.new
task.traceback = failure.traceback
task.now = loop.now
task.on = reactor.on
task.source = reactor.source

local function finish(ok, outcome)
  if not ok then failure.pass(outcome) end
  return table.unpack(outcome, 1, outcome.n)
end

--- The running task, or nil outside of one.
---@return cso.task.Task?
function task.current()
  return sched.current()
end

--- Starts fn(...) as a child of the innermost scope of the current task.
---@param fn function
---@return cso.task.Task
function task.spawn(fn, ...)
  local t = sched.current()
  if not t then error("task.spawn outside of a task: use task.run", 2) end
  return scope.spawn(t.scope, fn, ...)
end

--- Calls fn(...): true and its values, or false and the error. Does not catch the cancellation
--- of an enclosing scope.
---@param fn function
---@return boolean ok
---@return any ... values, or the error
function task.try(fn, ...)
  local t = sched.current()
  local results = table.pack(xpcall(fn, failure.note, ...))
  if not results[1] and t and scope.encloses(t.scope, failure.scope_of(results[2])) then
    error(results[2], 0)
  end
  return table.unpack(results, 1, results.n)
end

--- Calls fn(scope) and waits for every task spawned into the scope. The first failure cancels the
--- rest and is raised.
---@param fn fun(s: cso.task.Scope): ...
---@return any ... fn's results
function task.scope(fn)
  local t = sched.check()
  local s = scope.new(t, t.scope)
  return finish(scope.run(s, fn, s))
end

--- Calls fn(...) and keeps the cancellation of what lies outside away from it.
---@param fn function
---@return any ... fn's results
function task.shield(fn, ...)
  local t = sched.check()
  return finish(scope.run(scope.new(t, t.scope, true), fn, ...))
end

--- Runs fn when the current task ends, however it ends; fn may await.
---@param fn fun()
function task.defer(fn)
  sched.check().root:defer(fn)
end

--- Waits so many seconds; 0 lets the others run.
---@param seconds number
function task.sleep(seconds)
  local f = future.new()
  if seconds > 0 then
    local timer = timers.add(loop.now() + seconds, function() f:complete() end)
    f.abandon = function() timers.cancel(timer) end
  else
    local t = sched.check()
    if not t.scope:cancellation() then
      sched.ready(t)
      return sched.suspend()
    end
  end
  return future.await(f)
end

--- What is under way, for leak checks: all zero outside of task.run.
---@return { tasks: integer, timers: integer, awaited: integer }
function task.stats()
  return { tasks = scope.live(), timers = timers.count(), awaited = reactor.count() }
end

task.timeout = require("cso.task.timeout")
task.map = require("cso.task.map").map
task.parallel = require("cso.task.map").parallel
task.semaphore = require("cso.task.semaphore")
task.queue = require("cso.task.queue")
task.on_signal = require("cso.task.signal")

return task
