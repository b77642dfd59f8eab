--- Brings policy and a job together: where the rules come from, what they say of the plan, and who
--- is told.
local lazy = require "cso.std.lazy"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local policy = lazy "cso.policy"

local judge = {}

local BUILTIN = "builtin"

local function add(rules, new)
  for _, rule in ipairs(new) do
    local before = rules.by_id[rule.id]
    if before and before.where ~= rule.where then
      return nil, err.new { code = "duplicate_rule", class = "usage", where = rule.where,
        message = ("the rule %s is there twice: first at %s"):format(rule.id, before.where or "?"),
        hint = "give one of them another id" }
    end
    if not before then
      rules.by_id[rule.id] = rule
      rules[#rules + 1] = rule
    end
  end
  return true
end

-- The rules that a program says, checked.
local function said_by(program)
  local out = {}
  for i, given in ipairs(program.policies or {}) do
    local rule, e = require("cso.policy.rule").new(given.id, given.fields, given.where)
    if not rule then return nil, e end
    out[i] = rule
  end
  return out
end

local function files_in(path)
  local lfs = require "lfs"
  local mode = lfs.attributes(path, "mode")
  if mode ~= "directory" then return { path } end
  local out, folder = {}, path:gsub("/*$", "/")
  for name in lfs.dir(path) do
    if name:match("%.lua$") then out[#out + 1] = folder .. name end
  end
  table.sort(out)
  -- Whoever asks for rules must not go without any for a wrong path.
  if not out[1] then
    return nil, err.new { code = "policy_file", class = "usage", where = path,
      message = "there is no file of rules (*.lua) in this folder" }
  end
  return out
end

--- The rules of a file: a Lua program that says cso.policy and declares nothing.
---@param ctx cso.cmd.Context
---@param file string
---@return cso.policy.Rule[]? rules, cso.Err?
function judge.file(ctx, file)
  local playbook = require "cso.playbook"
  local evaluation = require "cso.playbook.evaluation"
  local before = evaluation.current()
  local program, e = playbook.load(file, { environ = ctx.environ, print = ctx.out })
  evaluation.enter(before)
  if not program then return nil, e end
  if #program.declarations > 0 or #(program.policies or {}) == 0 then
    return nil, err.new { code = "policy_file", class = "usage", where = file,
      message = #program.declarations > 0 and "a file of rules declares no resources" or "there is no rule in it",
      hint = 'cso.policy "TEAM-001" { on = "S3.Bucket", deny = function(r) … end }' }
  end
  return said_by(program)
end

local function places(ctx)
  local out = {}
  for _, name in ipairs(ctx.opts.policy or {}) do out[#out + 1] = name end
  for name in (ctx.environ.CSO_POLICY or ""):gmatch("[^,]+") do out[#out + 1] = name end
  return out
end

--- All rules that a command is to judge by.
---@param ctx cso.cmd.Context
---@param program table?
---@return table? rules  a list, with `by_id`; `asked` says that rules were asked for, cso.Err?
function judge.rules(ctx, program)
  local rules = { by_id = {} }
  local builtin = program and program.policy and program.policy.builtin
  for _, place in ipairs(places(ctx)) do
    if place == BUILTIN then
      builtin = true
    else
      local files, e = files_in(place)
      if not files then return nil, e end
      for _, file in ipairs(files) do
        local found
        found, e = judge.file(ctx, file)
        if not found then return nil, e end
        local ok
        ok, e = add(rules, found)
        if not ok then return nil, e end
      end
    end
  end
  local own, e = said_by(program or {})
  if not own then return nil, e end
  local ok
  ok, e = add(rules, own)
  if ok then rules.strict = #rules > 0 end
  if ok and builtin then ok, e = add(rules, require("cso.policy.pack").rules()) end
  if not ok then return nil, e end
  return rules
end

--- Before the plan: loads the rules and lets those that fix do so.
---@param ctx cso.cmd.Context
---@param job table   gets `rules`, `findings`
---@return true? ok, cso.Err?
function judge.before(ctx, job)
  local program = job.program or { declarations = {}, stack = { name = job.name } }
  local rules, e = judge.rules(ctx, program)
  if not rules then return nil, e end
  job.rules = rules
  if #rules == 0 then return true end
  local known = deep.keys(rules.by_id)
  for _, rule in ipairs(require("cso.policy.pack").rules()) do
    if not rules.by_id[rule.id] then known[#known + 1] = rule.id end
  end
  local skip = program.policy and program.policy.skip
  e = policy.check_skips(known, policy.declared(program), skip, rules.strict)
  if e then
    e.where = e.where or program.policy and program.policy.where
    return nil, e
  end
  job.production = policy.is_production(program)
  if job.destroy then
    job.findings = {}
    return true
  end
  job.findings, e = policy.fix { rules = rules, program = program, skip = skip, production = job.production,
    check = require("cso.playbook.declare").recheck }
  if not job.findings then return nil, e end
  return true
end

--- After the plan: judges it.
---@param job table
---@return true? ok, cso.Err?
function judge.after(job)
  if not job.rules or #job.rules == 0 then return true end
  local found, e = policy.judge { rules = job.rules, resources = policy.resources(job.plan, job.program),
    skip = job.program and job.program.policy and job.program.policy.skip, stack = job.name, production = job.production }
  if not found then return nil, e end
  for _, one in ipairs(found) do table.insert(job.findings, one) end
  job.plan.findings = job.findings
  return true
end

--- Tells what was found, and writes it where it was asked for.
---@param ctx cso.cmd.Context
---@param job table
---@return true? ok, cso.Err?
function judge.show(ctx, job)
  local out = ctx.opts.policy_out
  if not job.findings then
    if not out or #out == 0 then return true end
    job.findings = {}
  end
  if ctx.opts.json then
    local view = require("cso.ui.json").new { write = ctx.out, time = os.time }
    for _, found in ipairs(job.findings) do view:event("policy_finding", found) end
    view:event("policy_done", { counts = policy.count(job.findings) })
  else
    ctx.out(require("cso.ui.policy")(job.findings, policy.count(job.findings), { paint = ctx.paint, full = ctx.opts.full,
      rules = #(job.rules or {}) }))
  end
  return require("cso.cmd.reports").write(out, job)
end

--- The error that keeps a plan from being applied, or nil.
---@param findings cso.policy.Finding[]?
---@return cso.Err?
function judge.refused(findings)
  local first, n
  n = 0
  for _, found in ipairs(findings or {}) do
    if found.status == "violated" and found.level == "deny" then
      n = n + 1
      first = first or found
    end
  end
  if not first then return nil end
  local w = first.where
  return err.new { code = "policy_denied", class = "policy", where = w and ("%s:%s"):format(w.file, w.line) or nil,
    message = ("%s by policy: %s %s: %s"):format(n == 1 and "denied" or n .. " denials", first.rule, first.address, first.text),
    hint = first.hint and ("%s; or skip the rule there and say why: policy = { skip = { [\"%s\"] = \"…\" } }"):format(first.hint,
      first.rule) }
end

return judge
