--- Plan, ask, apply: what plan, apply and destroy have in common.
local lazy = require "cso.std.lazy"
local account = require "cso.cmd.account"
local ahead = require "cso.cmd.ahead"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local exit = require "cso.cmd.exit"
local is_saved_plan = require "cso.cmd.plan_name"
local judge = require "cso.cmd.judge"
local planfile = lazy "cso.cmd.planfile"
local stack = require "cso.cmd.stack"
local stop = require "cso.cmd.stop"
local tally = require "cso.cmd.tally"
local value = require "cso.std.value"
local watch = require "cso.cmd.watch"

local work = {}

-- Outputs whose value will differ, as changes that the plan's renderer knows.
local function output_changes(before, after)
  local names = deep.merge(before, {})
  for name in pairs(after) do names[name] = true end
  local changes = {}
  for _, name in ipairs(deep.keys(names)) do
    local old, new = before[name], after[name]
    local secret = value.is_secret(old) or value.is_secret(new)
    local unknown = value.has_unknown(new)
    if unknown or (not secret and not deep.equal(old, new)) or (secret and (old == nil) ~= (new == nil)) then
      changes[#changes + 1] = { path = name, before = old, after = new, unknown = unknown or nil,
        sensitive = secret or nil, gone = new == nil or nil }
    end
  end
  return changes
end

local function no_outputs_change(made)
  return not made.changed_outputs
end

--- Notes in the plan of a job which outputs will differ.
---@param job table
function work.compare_outputs(job)
  if job.plan.changed_outputs then
    job.plan.output_changes = output_changes(job.store:outputs(), job.plan.outputs or {})
  end
end

local function planned(ctx, job, named)
  local opts = ctx.opts
  local name, program = stack.name(ctx, job.file, opts.stack, named)
  if not name then return nil, program end
  job.name, job.program = name, program
  if program and #program.declarations == 0 and program.evaluated == "script" then
    job.script = true
    -- A script has just run, which is what apply is for; the others did nothing, and say so.
    if job.command ~= "apply" then
      ctx.note(("%s declares nothing: there is nothing to %s\n"):format(job.file, job.command))
    end
    return job
  end
  local e
  if job.opening then job.opening() end
  if job.opened ~= name then job.store, job.early = nil, nil end
  if not job.store then
    job.store, e = stack.open(ctx, name, { create = job.keep and not job.destroy, memory = true,
      lock = job.keep and job.command or nil })
  end
  if not job.store then return nil, e end
  if job.saved then
    local ok
    ok, e = planfile.check_sources(ctx, job.saved, job)
    if not ok then return nil, e end
  end
  local fine
  fine, e = judge.before(ctx, job)
  if not fine then return nil, e end
  job.plan, e = watch.run(ctx, function()
    return require("cso.plan").make {
      program = program, state = job.store, session = ctx.session, emit = ctx.emit, stack = name,
      refresh = opts.refresh, destroy = job.destroy, targets = opts.target, exclude = opts.exclude, replace = opts.replace,
      sleep = ctx.sleep, now = ctx.now, early = job.early,
    }
  end)
  if not job.plan then return nil, e end
  work.compare_outputs(job)
  if job.saved then
    local ok
    ok, e = planfile.check_actions(ctx, job.saved, job.plan)
    if not ok then return nil, e end
  end
  fine, e = judge.after(job)
  if not fine then return nil, e end
  work.show(ctx, job)
  fine, e = judge.show(ctx, job)
  if not fine then return nil, e end
  fine, e = require("cso.cmd.workspace.seen").check(ctx, job.plan)
  if fine == nil then return nil, e end
  job.unseen = not fine
  local here = require("cso.cmd.workspace.outputs").place(ctx.environ)
  if here then
    fine, e = require("cso.cmd.workspace.to_come").keep(ctx, job.plan, here.to_come)
    if not fine then return nil, e end
  end
  return job
end

--- Makes the plan of a playbook's stack, shows it.
---@param ctx cso.cmd.Context
---@param job { file: string?, name: string?, destroy: boolean?, command: string, keep: boolean, saved: table? }
---  keep: the state is created and locked, because the plan is going to be applied; saved: the
---  written plan that this one has to be equal to
---@return table? job  with program, store, plan; job.script when the playbook declares nothing
---@return cso.Err?
function work.plan(ctx, job)
  if not job.saved and is_saved_plan(job.file) then
    return nil, err.new { code = "no_playbook", class = "usage", message = job.file .. " is no playbook",
      hint = ("a saved plan is done by csorun apply %s; %s takes the playbook that it was made from"):format(job.file,
        job.command) }
  end
  -- What a plan makes lives until its end: to sort it by age, and all once more when Lua is left, is for nothing, and
  -- so is to look through it each time that it has doubled.
  collectgarbage("incremental", 300)
  if not job.keep then require("cso.std.limits").large_pages() end
  return ahead.within(ctx, job, planned)
end

--- Shows a plan (as events it was told while it was made).
---@param ctx cso.cmd.Context
---@param job table
function work.show(ctx, job)
  local made = job.plan
  if ctx.opts.json then
    local stream = require "cso.ui.json"
    local view = stream.new { write = ctx.out, time = os.time }
    for _, check in ipairs(made.checks_failed or {}) do view:event("check_failed", check) end
    return
  end
  local render = require "cso.ui.plan"
  ctx.out(ctx:fitted(render.plan(made, { paint = ctx.paint, stack = job.name, quiet = ctx.opts.quiet,
    place = account.place(ctx), destroy = job.destroy,
    detail = ctx.opts.full and "full" or ctx.opts.short and "short" or nil }), 1))
  local lines = render.accepted(made, ctx.paint)
  if lines ~= "" then ctx.out(lines) end
end

--- True when applying would change nothing.
---@param made table
---@return boolean
function work.is_empty(made)
  for _, action in ipairs(made.actions) do
    if action.action ~= "noop" then return false end
  end
  return no_outputs_change(made) and #(made.moves or {}) == 0
end

-- True when something bears the ownership tag of an address that it had before: no change that anybody has
-- to see, but the run that moved it may have died before it came to that.
local function is_tagged_otherwise(made)
  for _, node in pairs(made.nodes) do
    if node.retag then return true end
  end
  return false
end

local function refused(made)
  -- What the playbook checks is about what it declares, and here all of that goes.
  local checks = not made.destroy and made.checks_failed or {}
  if #checks == 0 then return judge.refused(made.findings) end
  local n = #checks == 1 and "a check" or ("%d checks"):format(#checks)
  return err.new { code = "check_failed", class = "policy", where = checks[1].where,
    message = ("%s of the playbook failed: %s"):format(n, checks[1].text or "?"), hint = checks[1].hint }
end

work.refused = refused

local function confirmed(ctx, job)
  local question = job.question or job.destroy and ("Destroy everything in stack %s?"):format(job.name)
    or ("Apply this to stack %s?"):format(job.name)
  return require "cso.cmd.ask"(ctx, question, job.command .. " asks before it changes anything")
end

work.confirmed = confirmed

local function tell_outputs(ctx, outputs)
  if ctx.opts.json then
    ctx.out(require("cso.std.json").encode(
      require("cso.ui.json").object("outputs", { values = outputs }, os.time())) .. "\n")
  else
    local text = require("cso.ui.plan").outputs(outputs, ctx.paint)
    if text ~= "" then ctx.out("\n" .. text) end
  end
end

--- What the history keeps of a run from its start: what was applied, and as whom.
local function facts_of(ctx, job)
  local facts = {}
  for k, v in pairs(job.facts or {}) do facts[k] = v end
  local file = job.program and job.program.file or job.file
  facts.playbook = file
  facts.digest = file and job.program and job.program.files and job.program.files[file] or nil
  facts.region = ctx.session:region()
  local keyless = {}
  for _, action in ipairs(job.plan.actions) do
    -- What lives in the state alone is made without anybody's keys.
    local name = action.type or ""
    if keyless[name] == nil then keyless[name] = not name:match "^AWS::" end
    if action.action ~= "noop" and not keyless[name] then
      local ok, who = pcall(ctx.session.identity, ctx.session, {})
      facts.caller = ok and who and (who.Arn or who.arn) or nil
      break
    end
  end
  facts.simulated = account.is_simulated(ctx.opts) or nil
  return facts
end

-- What needs nothing to be done may have to be remembered otherwise.
local function keep_agreed(job)
  if job.command ~= "apply" or job.undoing or job.destroy then return 0 end
  return require("cso.plan.agreed").keep(job.store, job.plan)
end

--- Applies the plan of a job after asking.
---@param ctx cso.cmd.Context
---@param job table  from work.plan, with `keep`
---@param after_failure (fun(ctx: cso.cmd.Context, job: table, result: table): integer)?  what is done
---  when something failed; it gives the exit code then
---@return integer? exit_code
---@return cso.Err?
function work.apply(ctx, job, after_failure)
  local made = job.plan
  -- The run over the workspace asks, and begins this stack anew.
  if job.unseen then return exit.codes.changes end
  local no = refused(made)
  if no then return nil, no end
  if work.is_empty(made) and not job.undoing and not is_tagged_otherwise(made) then
    if keep_agreed(job) > 0 then job.store:advance() end
    if not job.destroy then tell_outputs(ctx, job.store:outputs()) end
    return exit.codes.ok
  end
  if ctx.opts.rehearse then
    local failed, wrong = require("cso.cmd.rehearsal").run(ctx, job)
    if failed or wrong then return failed, wrong end
  end
  -- A saved plan was approved by whoever hands it to apply: nothing else can come of it.
  -- Of an undoing that has nothing left to do, only its end is to be written down.
  local yes, e = job.saved ~= nil or job.approved or work.is_empty(made), nil
  if not yes then yes, e = confirmed(ctx, job) end
  if not yes then return e == nil and exit.codes.failed or nil, e end
  keep_agreed(job)
  local result
  local counts, enough = tally.start(ctx.bus)
  result, e = watch.run(ctx, function(view)
    -- The plan was told to another view: this one needs to know how much there is to do.
    for _, action in ipairs(made.actions) do
      if action.action ~= "noop" and view.progress then view:event("planned", action) end
    end
    return stop.guard(view, ctx, function(flag)
      return require("cso.apply").run {
        plan = made, program = job.program, state = job.store, session = ctx.session, emit = ctx.emit,
        sleep = ctx.sleep, now = ctx.now, stop = flag, command = job.command, who = ctx:who(),
        facts = facts_of(ctx, job), tally = counts, spends = true,
        identity = function(target) return ctx.session:identity(target) end,
      }
    end)
  end)
  enough()
  if not result then return nil, e end
  if not ctx.opts.json then
    ctx.out(require("cso.ui.summary").run(result, { paint = ctx.paint, read = ctx.read_source,
      trace = ctx.opts.trace, verb = job.verb or job.destroy and "Destroyed" or "Applied" }))
  end
  if not job.destroy and #result.failed == 0 and not result.interrupted then
    tell_outputs(ctx, result.outputs)
  end
  job.result = result
  local may_go_back = not result.interrupted and not result.keyless
  if after_failure and #result.failed > 0 and may_go_back then return after_failure(ctx, job, result) end
  return exit.of_result(result)
end

return work
