--- csorun plan PLAYBOOK
local choices = require "cso.cmd.choices"

return {
  name = "plan",
  help = "Show what apply would change",
  args = { { name = "PLAYBOOK|WORKSPACE", optional = true, complete = "file" } },
  rest = true,
  options = { choices.all, choices.only,
    { long = "detailed-exitcode", help = "exit with 2 when changes are pending" },
    { long = "destroy", help = "show what destroy would remove" },
    { long = "out", short = "o", value = "FILE", complete = "file",
      help = "write the plan to FILE.json, for csorun apply FILE.json" },
    { long = "sign", value = "KEY", complete = "file",
      help = "sign it with an Ed25519 key: a PEM file, or env:NAME" },
    { long = "calls", help = "list the API calls that would change something" },
    choices.rehearse, choices.policy, choices.policy_out,
    choices.target, choices.exclude, choices.replace, choices.refresh, choices.refresh_only, choices.full, choices.short,
  },
  waits = true,
  run = function(opts, args, ctx)
    local all, wrong = require "cso.cmd.workspace.wanted"(opts)
    if wrong then return nil, wrong end
    if all then return require("cso.cmd.workspace").run(ctx, "plan", args[1]) end
    local err = require "cso.std.err"
    if not args[1] then
      return nil, err.new { code = "missing_argument", class = "usage", message = "plan needs PLAYBOOK",
        hint = "csorun plan PLAYBOOK, or csorun plan --all for a workspace" }
    end
    local exit = require "cso.cmd.exit"
    local work = require "cso.cmd.work"
    if opts.out and not require "cso.cmd.plan_name"(opts.out) then
      return nil, err.new { code = "plan_name", class = "usage",
        message = "a plan is JSON, and apply knows it by its name: " .. opts.out, hint = "--out " .. opts.out .. ".json" }
    end
    local key, e
    if opts.sign then
      key, e = require("cso.cmd.signature").private(ctx, opts.sign, opts.out)
      if not key then return nil, e end
    end
    if opts.refresh_only then return require("cso.cmd.refresh_only")(ctx, args[1], false) end
    local job
    job, e = work.plan(ctx, { file = args[1], command = "plan", destroy = opts.destroy })
    if not job then return nil, e end
    if job.script then return exit.codes.ok end
    if opts.calls then require("cso.cmd.foretold").show(ctx, job) end
    local no = work.refused(job.plan)
    if no then return nil, no end
    if opts.rehearse then
      local failed
      failed, e = require("cso.cmd.rehearsal").run(ctx, job)
      if e then return nil, e end
      if failed then return failed end
    end
    if opts.out then
      local planfile = require "cso.cmd.planfile"
      local ok
      ok, e = planfile.write(ctx, job, opts.out, key)
      if not ok then return nil, e end
      if not opts.json then
        ctx.out(("Written to %s; csorun apply %s does exactly this.\n"):format(opts.out, planfile.words(ctx, opts.out)))
      end
    end
    if opts.detailed_exitcode and not work.is_empty(job.plan) then return exit.codes.changes end
    return exit.codes.ok
  end,
}
