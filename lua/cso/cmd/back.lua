--- Undoing a run: the plan that makes things again what they were before it, and its application.
--- `csorun rollback` and `csorun apply --rollback-on-error` have this in common.
local err = require "cso.std.err"
local exit = require "cso.cmd.exit"
local keepers = require "cso.cmd.keepers"
local undo = require "cso.plan.undo"
local value = require "cso.std.value"
local watch = require "cso.cmd.watch"
local work = require "cso.cmd.work"

local back = {}

--- Gives a secret its value back from what keeps it, or nil; and what makes handles that read.
local function fetcher(ctx, store, stack)
  local open, handle_of = keepers(ctx, store, stack)
  return function(secret)
    local found = open(secret)
    local ok, text = pcall(value.reveal, found)
    return ok and text ~= nil and found or nil
  end, handle_of
end

--- Says what won't be as it was.
local function tell(ctx, undoing)
  if ctx.opts.json then
    local view = require("cso.ui.json").new { write = ctx.out, time = os.time }
    for _, one in ipairs(undoing.losses) do view:event("not_restored", one) end
    for _, text in ipairs(undoing.notes) do view:event("note", { text = text }) end
    return
  end
  local term = require "cso.ui.term"
  for _, one in ipairs(undoing.losses) do
    ctx.out(("%s %s  %s\n"):format(ctx.paint.red("can't be brought back:"), ctx.paint.bold(one.address), term.clean(one.text)))
  end
  for _, text in ipairs(undoing.notes) do ctx.out(("note: %s\n"):format(term.clean(text))) end
end

--- Plans the undoing of a run and shows it.
---@param ctx cso.cmd.Context
---@param store cso.Store    locked
---@param stack string
---@param run table          one of store:runs()
---@return table? job, cso.Err?
function back.plan(ctx, store, stack, run)
  local undoing, e = undo.program(store, stack, run, fetcher(ctx, store, stack))
  if not undoing then return nil, e end
  local job = { command = "rollback", name = stack, store = store, program = undoing.program, undoing = undoing,
    facts = { undoes = run.id }, question = ("Undo run %s of stack %s?"):format(run.id, stack), verb = "Rolled back" }
  job.plan, e = watch.run(ctx, function()
    return require("cso.plan").make { program = undoing.program, state = store, session = ctx.session, emit = ctx.emit,
      stack = stack, only = undoing.only, remember = undoing.remember, undoes = run.id,
      sleep = ctx.sleep, now = ctx.now }
  end)
  if not job.plan then return nil, e end
  undo.further_losses(job.plan, undoing, store:befores(run.id))
  work.compare_outputs(job)
  work.show(ctx, job)
  tell(ctx, undoing)
  local ok
  ok, e = undo.check(job.plan, undoing)
  if not ok then return nil, e end
  return job
end

--- Refuses what would come back without what it held, unless that is accepted.
---@param ctx cso.cmd.Context
---@param job table   of back.plan
---@return true? ok, cso.Err?
function back.accepted(ctx, job)
  local losses = job.undoing.losses
  if #losses == 0 or ctx.opts.accept_loss then return true end
  local problems = {}
  for i, one in ipairs(losses) do problems[i] = ("%s: %s"):format(one.address, one.text) end
  return nil, err.new { code = "loss", class = "policy", problems = problems,
    message = ("%d thing%s can't be brought back: %s"):format(#losses, #losses == 1 and "" or "s", problems[1]),
    hint = "add --accept-loss to undo the rest" }
end

--- After an apply that failed: undoes what it did. What was there before stays worth more than what
--- was asked for, so nothing is taken back that would lose something for good.
---@param ctx cso.cmd.Context
---@param job table      of the apply
---@param result table   of the apply
---@return integer exit_code   `failed` when nothing of the run is left, `partial` when something is
function back.after_failure(ctx, job, result)
  local function say(color, text)
    if ctx.opts.json then
      require("cso.ui.json").new { write = ctx.out, time = os.time }:event("note", { text = text })
    else
      ctx.out(ctx.paint.bold(ctx.paint[color](text)) .. "\n")
    end
  end
  local function left(why)
    if why then ctx:fail(why) end
    say("red", ("What the run did is not undone, or not wholly; csorun rollback %s undoes the rest."):format(result.run))
    return exit.codes.partial
  end
  say("yellow", ("Undoing what run %s did."):format(result.run))
  local run, e = require("cso.cmd.runs").find(job.store, result.run)
  local undoing
  if run then undoing, e = back.plan(ctx, job.store, job.name, run) end
  if not undoing then return left(e) end
  local ok
  ok, e = back.accepted(ctx, undoing)
  if not ok then return left(e) end
  undoing.approved = true
  local code
  code, e = work.apply(ctx, undoing)
  if code ~= exit.codes.ok then return left(e) end
  say("green", "Rolled back: nothing of the run is left.")
  return exit.codes.failed
end

return back
