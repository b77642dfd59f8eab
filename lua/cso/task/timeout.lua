--- A time limit on a call.
local err = require("cso.std.err")
local failure = require("cso.task.failure")
local loop = require("host.loop")
local sched = require("cso.task.sched")
local scope = require("cso.task.scope")
local timers = require("cso.task.timers")

--- Calls fn() and cancels it when it takes longer: then raises an error of code "timeout".
---@param seconds number
---@param fn function
---@param what string? what takes so long, for the message
---@return any ... fn's results
return function(seconds, fn, what)
  local t = sched.check()
  local s = scope.new(t, t.scope)
  local expired = false
  local timer = timers.add(loop.now() + seconds, function()
    expired = not s.cancelled
    s:cancel("time limit")
  end)
  -- The scope swallows its own cancellation; whether the body came to its end tells them apart.
  local ended = false
  local ok, outcome = scope.run(s, function()
    local results = table.pack(fn())
    ended = true
    return table.unpack(results, 1, results.n)
  end)
  timers.cancel(timer)
  if not ok then failure.pass(outcome) end
  if expired and not ended then
    error(err.new {
      code = "timeout", class = "service",
      message = ("%s took longer than %g s"):format(what or "an operation", seconds),
    }, 0)
  end
  return table.unpack(outcome, 1, outcome.n)
end
