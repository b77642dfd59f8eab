--- Ctrl-C while something is applied. Once: nothing new starts, what is in flight is finished and
--- remembered. Twice: the process ends at once; the journal knows what was under way.
local exit = require "cso.cmd.exit"
local task = require "cso.task"

local stop = {}

--- Runs fn(flag) with the signals caught; flag.requested becomes true at the first one.
---@param view table  told in words what happens (view:note, where it has one)
---@param ctx cso.cmd.Context
---@param fn fun(flag: table): ...
---@return any ...
function stop.guard(view, ctx, fn)
  local flag = { requested = false }
  local function caught()
    if flag.requested then
      view:close()
      ctx.note("\nStopped at once. The journal has what was under way; the next run goes on from it.\n")
      os.exit(exit.codes.interrupted)
    end
    flag.requested = true
    local text = "stopping: finishing what is in flight, Ctrl-C again stops at once"
    if view.note then view:note(text) else ctx.note(text .. "\n") end
  end
  local closers = { task.on_signal("SIGINT", caught), task.on_signal("SIGTERM", caught),
    task.on_signal("SIGHUP", caught) }
  -- Whoever waits for signals with something to give back leaves them to this.
  local before = rawget(ctx, "guarded")
  rawset(ctx, "guarded", true)
  local results = table.pack(pcall(fn, flag))
  rawset(ctx, "guarded", before)
  for _, close in ipairs(closers) do close() end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- Until the context is closed, the first signal outside of a guard ends the command in order: its awaits
--- raise, and what it holds is given back. The second one ends the process at once.
---@param ctx cso.cmd.Context
function stop.in_order(ctx)
  local root, asked = rawget(ctx, "root"), false
  if not root then return end
  for _, name in ipairs { "SIGINT", "SIGTERM", "SIGHUP" } do
    ctx:defer(task.on_signal(name, function()
      if rawget(ctx, "guarded") then return end
      if asked then os.exit(exit.codes.interrupted) end
      asked = true
      rawset(ctx, "interrupted", true)
      root:cancel "interrupted"
    end))
  end
end

return stop
