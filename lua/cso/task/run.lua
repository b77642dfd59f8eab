--- The driver: runs tasks and waits for the host in turn.
local failure = require("cso.task.failure")
local loop = require("host.loop")
local reactor = require("cso.task.reactor")
local sched = require("cso.task.sched")
local scope = require("cso.task.scope")
local timers = require("cso.task.timers")
local err = require("cso.std.err")

local running = false

-- Names of where the tasks below a scope wait.
local function waiting_places(s, places)
  if s.task.waiting then places[#places + 1] = scope.name(s.task) end
  local inner = s.task.scope
  while inner do
    for child in pairs(inner.tasks) do waiting_places(child.root, places) end
    if inner == s then break end
    inner = inner.outer
  end
  return places
end

local function deadlock(root)
  local places = waiting_places(root.root, {})
  table.sort(places)
  root.root:fail(err.new {
    code = "deadlock", class = "internal",
    message = "nothing is left that could wake what waits at " .. table.concat(places, ", "),
  })
end

-- Milliseconds that the host may sleep; nil when only the host can wake us.
local function patience()
  if not sched.idle() then return 0 end
  local at = timers.next()
  return at and math.max(0, math.ceil((at - loop.now()) * 1000))
end

local function turn(ms)
  reactor.dispatch(loop.wait(ms))
  timers.fire(loop.now())
end

local function drive(root)
  while true do
    sched.round()
    if root.done then return end
    local ms = patience()
    if ms == nil and not loop.alive() then
      if root.root.failure and root.root.failure.code == "deadlock" then
        error("tasks don't end after a deadlock was reported: "
          .. table.concat(waiting_places(root.root, {}), ", "), 0)
      end
      deadlock(root)
    else
      -- What raises here is a luv callback or the handler of a source or a signal.
      local ok, f = xpcall(turn, failure.note, ms)
      if not ok then root.root:fail(f) end
    end
  end
end

--- Runs fn(...) as the root task until it has ended.
---@param fn function
---@return any ... fn's results, or nil and the error
return function(fn, ...)
  if running then error("task.run inside task.run: use task.spawn or task.scope", 2) end
  running = true
  local root = scope.spawn(nil, fn, ...)
  local ok, fault = pcall(drive, root)
  running = false
  sched.tidy()
  if not ok then
    sched.reset()
    error(fault, 0)
  end
  if root.ok then return table.unpack(root.values, 1, root.n) end
  return nil, root.values[1]
end
