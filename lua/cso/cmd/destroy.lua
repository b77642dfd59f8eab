--- csorun destroy PLAYBOOK
local choices = require "cso.cmd.choices"

return {
  name = "destroy",
  help = "Remove everything that a stack holds",
  args = { { name = "PLAYBOOK|WORKSPACE", optional = true, complete = "file" } },
  rest = true,
  options = { choices.all, choices.only, choices.auto_approve, choices.rehearse, choices.policy, choices.policy_out,
    choices.stack, choices.target, choices.exclude, choices.refresh,
    choices.full, choices.short },
  waits = true,
  run = function(opts, args, ctx)
    local all, wrong = require "cso.cmd.workspace.wanted"(opts)
    if wrong then return nil, wrong end
    if all then return require("cso.cmd.workspace").run(ctx, "destroy", args[1]) end
    local work = require "cso.cmd.work"
    local job, e = work.plan(ctx, { file = args[1], command = "destroy", keep = true, destroy = true })
    if not job then return nil, e end
    if job.script then return 0 end
    return work.apply(ctx, job)
  end,
}
