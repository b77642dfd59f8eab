--- csorun apply PLAYBOOK, which is also what csorun PLAYBOOK does; csorun apply PLAN.json
local choices = require "cso.cmd.choices"

return {
  name = "apply",
  help = "Plan, ask, and make the account what the playbook (or a saved plan) says",
  args = { { name = "PLAYBOOK|WORKSPACE", optional = true, complete = "file" } },
  rest = true,
  options = { choices.all, choices.only, choices.auto_approve,
    { long = "plan", value = "FILE", complete = "file", help = "do what a plan written with plan --out says" },
    { long = "verify", value = "KEY", many = true, complete = "file",
      help = "a plan signed by this key: PEM file, env:NAME (CSORUN_PLAN_KEYS)" },
    { long = "rollback-on-error", help = "when something fails, undo what this run did" },
    choices.accept_loss, choices.rehearse, choices.policy, choices.policy_out,
    choices.target, choices.exclude, choices.replace, choices.refresh, choices.refresh_only,
    choices.full, choices.short },
  waits = true,
  run = function(opts, args, ctx)
    local all, wrong = require "cso.cmd.workspace.wanted"(opts)
    if wrong then return nil, wrong end
    if all then return require("cso.cmd.workspace").run(ctx, "apply", args[1]) end
    local err = require "cso.std.err"
    local work = require "cso.cmd.work"
    local file, written = args[1], opts.plan
    if require "cso.cmd.plan_name"(file) then file, written = nil, file end
    if opts.refresh_only and not written and not opts.verify then
      return require("cso.cmd.refresh_only")(ctx, file, true)
    end
    if not file and not written and not opts.refresh_only then
      return nil, err.new { code = "missing_argument", class = "usage", message = "apply what?",
        hint = "csorun apply PLAYBOOK, or csorun apply PLAN.json" }
    end
    if opts.verify and not written then
      return nil, err.new { code = "nothing_to_verify", class = "usage",
        message = "--verify is for saved plans; " .. (opts.refresh_only and "--refresh-only makes none" or file .. " is none"),
        hint = ("csorun plan %s --out plan.json --sign KEY, then csorun apply plan.json --verify PUBLIC_KEY"):format(
          file or "PLAYBOOK") }
    end
    local saved, e
    if opts.refresh_only and written then
      return nil, err.new { code = "bad_option", class = "usage",
        message = "--refresh-only writes down what is there, and a saved plan says what is to be done",
        hint = "leave one of both out" }
    end
    if written then
      saved, e = require("cso.cmd.planfile").read(ctx, written)
      if not saved then return nil, e end
      file = saved.playbook
    end
    local job
    job, e = work.plan(ctx, { file = file, command = saved and saved.options.destroy and "destroy" or "apply",
      keep = true, saved = saved, destroy = saved and saved.options.destroy or nil })
    if not job then return nil, e end
    if job.script then return 0 end
    return work.apply(ctx, job, opts.rollback_on_error and require("cso.cmd.back").after_failure or nil)
  end,
}
