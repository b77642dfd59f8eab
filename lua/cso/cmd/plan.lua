--- csorun plan PLAYBOOK
local choices = require "cso.cmd.choices"

return {
  name = "plan",
  help = "Show what apply would change",
  args = { { name = "PLAYBOOK", complete = "file" } },
  rest = true,
  options = {
    { long = "detailed-exitcode", help = "exit with 2 when changes are pending" },
    { long = "destroy", help = "show what destroy would remove" },
    choices.target, choices.replace, choices.refresh, choices.full, choices.short,
  },
  waits = true,
  run = function(opts, args, ctx)
    local exit = require "cso.cmd.exit"
    local work = require "cso.cmd.work"
    local job, e = work.plan(ctx, { file = args[1], command = "plan", destroy = opts.destroy })
    if not job then return nil, e end
    if job.script then return exit.codes.ok end
    local no = not opts.destroy and work.refused(job.plan)
    if no then return nil, no end
    if opts.detailed_exitcode and not work.is_empty(job.plan) then return exit.codes.changes end
    return exit.codes.ok
  end,
}
