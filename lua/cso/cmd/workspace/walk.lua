--- Walks the stacks of a workspace: who waits for nobody runs at once, a failed one's dependants not at all.
local child = require "cso.cmd.workspace.child"
local exit = require "cso.cmd.exit"
local task = require "cso.task"

local walk = {}

-- Processes at a time. Each keeps the calls to AWS within its own budget; the account's is one.
local AT_ONCE = 8

---@class cso.cmd.workspace.Outcome
---@field status "done"|"pending"|"failed"|"skipped"|"stopped"|"declined"
---@field code integer?      of the process
---@field out string?        what it wrote, where that is kept
---@field because string?    the stack that failed, of a skipped one
---@field seconds number

local function outcome_of(result)
  if not result then return "failed" end
  if result.code == exit.codes.ok then return "done" end
  if result.code == exit.codes.changes then return "pending" end
  return "failed"
end

local HINDERS = require("cso.std.deep").index { "failed", "skipped", "stopped", "declined" }

-- What hinders a stack: one before it that did not come to its end.
local function hindered(before, outcomes)
  for _, name in ipairs(before) do
    local o = outcomes[name]
    if o and HINDERS[o.status] then return o.because or name end
  end
end

local function forward(run, stopping)
  local uv = require "luv"
  local closers = {}
  for _, name in ipairs { "SIGINT", "SIGTERM", "SIGHUP" } do
    closers[#closers + 1] = task.on_signal(name, function()
      stopping.requested = true
      for _, pid in pairs(run.running) do uv.kill(pid, name:lower()) end
    end)
  end
  return function()
    for _, close in ipairs(closers) do close() end
  end
end

--- Runs a command over stacks, in their order or in its reverse.
---@param ctx cso.cmd.Context
---@param run cso.cmd.workspace.Run
---@param how { command: string, more: string[]?, reverse: boolean?, whole: boolean?, names: table<string, boolean>,
---  pending: (fun(need: string, outcomes: table): boolean?), seen: "keep"|"ask"|"tell"|nil, tells: boolean?,
---  again: (fun(name: string): boolean?, cso.Err?)? }   again: asks whether a plan that nobody saw is to be
---  carried out
---@return table<string, cso.cmd.workspace.Outcome> outcomes
---@return boolean stopped   by a signal
function walk.run(ctx, run, how)
  local graph, outcomes, tasks, stopping = run.workspace.graph, {}, {}, { requested = false }
  local before = how.reverse and graph.after or graph.before
  local order, places = graph.order, task.semaphore(AT_ONCE)
  local close = forward(run, stopping)
  local asking = task.semaphore(1)
  local function ran(name)
    return child.run(ctx, run, run.workspace.stacks[name], { command = how.command, more = how.more, whole = how.whole,
      seen = how.seen, tells = how.tells, pending = function(need) return how.pending(need, outcomes) end })
  end
  -- One question at a time. The answer is to the plan that was shown last, and that one is carried out.
  local function asked(name, result)
    while how.again and result and result.code == exit.codes.changes and not stopping.requested do
      asking:acquire()
      local yes, e = how.again(name)
      asking:release()
      if not yes then return nil, e, e == nil end
      result, e = ran(name)
      if not result then return nil, e end
    end
    return result
  end
  local function one(name)
    for _, other in ipairs(before[name]) do
      if tasks[other] then task.await(tasks[other]) end
    end
    local because = hindered(before[name], outcomes)
    if because then
      outcomes[name] = { status = "skipped", because = because, seconds = 0 }
      return
    end
    places:acquire()
    if stopping.requested then
      places:release()
      outcomes[name] = { status = "stopped", seconds = 0 }
      return
    end
    local began = task.now()
    local result, e = ran(name)
    local declined
    if result then result, e, declined = asked(name, result) end
    places:release()
    if e then ctx:fail(e) end
    outcomes[name] = { status = declined and "declined" or outcome_of(result), code = result and result.code or e and exit.of(e),
      out = result and result.out, seconds = task.now() - began }
  end
  local ok, e = pcall(task.scope, function(s)
    for i = 1, #order do
      local name = how.reverse and order[#order + 1 - i] or order[i]
      if how.names[name] then tasks[name] = s:spawn(one, name) end
    end
  end)
  close()
  if not ok then error(e, 0) end
  return outcomes, stopping.requested
end

return walk
