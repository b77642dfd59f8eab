--- csorun rollback RUN: makes things again what they were before a run.
local choices = require "cso.cmd.choices"

return {
  name = "rollback",
  help = "Undo a run: make things again what they were before it",
  args = { { name = "RUN" } },
  options = { choices.auto_approve, choices.accept_loss, choices.stack,
    { long = "playbook", value = "FILE", complete = "file", help = "the playbook whose stack it is" },
    { long = "plan", help = "show what would be done, and do nothing" },
    choices.full, choices.short },
  waits = true,
  run = function(opts, args, ctx)
    local back, exit, runs = require "cso.cmd.back", require "cso.cmd.exit", require "cso.cmd.runs"
    local stack, work = require "cso.cmd.stack", require "cso.cmd.work"
    local name, e = stack.name(ctx, opts.playbook, opts.stack)
    if not name then return nil, e end
    local store, run, job, ok
    store, e = stack.open(ctx, name, { lock = not opts.plan and "rollback" or nil })
    if not store then return nil, e end
    run, e = runs.find(store, args[1])
    if not run then return nil, e end
    local _, undone = require("cso.plan.undo").undone(store:runs())
    if undone[run.id] then
      if not opts.json then ctx.out(("Run %s is undone already, by %s.\n"):format(run.id, undone[run.id])) end
      return exit.codes.ok
    end
    job, e = back.plan(ctx, store, name, run)
    if not job then return nil, e end
    if opts.plan then return exit.codes.ok end
    ok, e = back.accepted(ctx, job)
    if not ok then return nil, e end
    return work.apply(ctx, job)
  end,
}
