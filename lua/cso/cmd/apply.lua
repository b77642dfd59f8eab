--- csorun apply PLAYBOOK, which is also what csorun PLAYBOOK does
local choices = require "cso.cmd.choices"

return {
  name = "apply",
  help = "Plan, ask, and make the account what the playbook says",
  args = { { name = "PLAYBOOK", complete = "file" } },
  rest = true,
  options = { choices.auto_approve, choices.target, choices.replace, choices.refresh,
    choices.full, choices.short },
  waits = true,
  run = function(_, args, ctx)
    local work = require "cso.cmd.work"
    local job, e = work.plan(ctx, { file = args[1], command = "apply", keep = true })
    if not job then return nil, e end
    if job.script then return 0 end
    return work.apply(ctx, job)
  end,
}
