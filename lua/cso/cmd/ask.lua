--- Asks a person on the terminal. While nobody answers, everything else goes on (a lock in a bucket is
--- renewed), and Ctrl-C, SIGTERM and a terminal that is closed end the command in order: what it holds is
--- given back.
local err = require "cso.std.err"
local task = require "cso.task"

local function answer(ctx)
  local line, closers = task.future(), {}
  local before = rawget(ctx, "guarded")
  rawset(ctx, "guarded", true)
  for i, name in ipairs { "SIGINT", "SIGTERM", "SIGHUP" } do
    closers[i] = task.on_signal(name, function()
      if not line.done then line:complete { interrupted = true } end
    end)
  end
  local reader = task.spawn(function()
    local ok, text = pcall(require("cso.cmd.s3.standard").line)
    if not line.done then line:complete { text = ok and text or nil } end
  end)
  local said = task.await(line)
  reader:cancel()
  for _, close in ipairs(closers) do close() end
  rawset(ctx, "guarded", before)
  return said
end

--- Asks whether to go on. A refusal is an answer, not a failure of csorun.
---@param ctx cso.cmd.Context
---@param question string
---@param what string   what can't be done unasked, for the error: "apply asks before it changes anything"
---@return boolean? yes   nil and an error where nobody can answer
---@return cso.Err?
return function(ctx, question, what)
  if ctx.opts.auto_approve then return true end
  if ctx.opts.json or not (ctx.is_terminal(0) and ctx.is_terminal(1)) then
    return nil, err.new { code = "no_answer", class = "usage", message = what .. ", and nobody is there to answer",
      hint = "add --auto-approve, or run it on a terminal" }
  end
  ctx.out(("\n%s Only \"yes\" is taken as a yes: "):format(ctx.paint.bold(question)))
  io.stdout:flush()
  local said = answer(ctx)
  if said.interrupted then
    ctx.out("\n")
    return nil, err.new { code = "interrupted", class = "interrupted", message = "interrupted: nothing was changed" }
  end
  if said.text and said.text:match "^%s*[Yy][Ee][Ss]%s*$" then return true end
  ctx.out(said.text and "Nothing was changed.\n" or "\nNothing was changed.\n")
  return false
end
