--- Shows the events of some work while it goes on: picks the view, keeps its clock ticking.
local task = require "cso.task"

local watch = {}

local TICK = 0.1 -- wall seconds

-- A person watches when the output is a terminal that can move its cursor, and no CI system that
-- only pretends to be one.
local function is_watched(ctx)
  local environ = ctx.environ
  return ctx.is_terminal(1) and environ.TERM ~= "dumb" and not (environ.CI and environ.CI ~= "")
end

local function make_view(ctx)
  local opts = ctx.opts
  if opts.json then
    return require("cso.ui.json").new { write = ctx.out, time = function() return os.time() end,
      trace = opts.trace }
  end
  if opts.quiet then
    return { event = function() end, tick = function() end, close = function() end }
  end
  local view = { write = ctx.out, now = ctx.now, clock = task.now, paint = ctx.paint, trace = opts.trace }
  if is_watched(ctx) then
    view.size = require("cso.std.term").size
    return require("cso.ui.live").new(view)
  end
  return require("cso.ui.human").new(view)
end

--- Runs fn(view) with its events shown. The view is closed however fn ends.
---@param ctx cso.cmd.Context
---@param fn fun(view: cso.ui.View): ...
---@return any ...  what fn returns; raises what it raises
function watch.run(ctx, fn)
  local view = make_view(ctx)
  local forget = ctx.bus.listen(function(name, data) view:event(name, data) end)
  local ticker = task.spawn(function()
    while true do
      task.sleep(TICK)
      view:tick()
    end
  end)
  ctx.watched = true
  local results = table.pack(pcall(fn, view))
  ctx.watched = nil
  ticker:cancel()
  forget()
  view:close()
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

return watch
