--- What a playbook may say: the words of `cso` that belong to an evaluation.
local lazy = require "cso.std.lazy"
local api = lazy "cso.playbook.api"
local declare = require("cso.playbook.declare")
local duration = require "cso.std.duration"
local env = lazy "cso.playbook.env"
local evaluation = require("cso.playbook.evaluation")
local lifecycle = require("cso.playbook.lifecycle")
local module = lazy "cso.playbook.module"
local namespace = require("cso.playbook.namespace")
local policy = require("cso.playbook.policy")
local pure = require("cso.playbook.pure")
local redact = require "cso.std.redact"
local source = require("cso.playbook.source")
local suggest = require("cso.std.suggest")
local template = lazy "cso.playbook.template"
local text = lazy "cso.std.text"
local value = require("cso.std.value")
local where = require("cso.std.where")

local words = {}

local fail, declaring = evaluation.fail, evaluation.declaring

-- Not taken from their modules here: that would load them.
function words.env(...) return env.load(...) end
function words.module(...) return module.describe(...) end
words.step = declare.step
words.moved = lifecycle.moved
words.policy = policy.policy
words.forget = lifecycle.forget

--- cso.use(name, address) { inputs }
function words.use(name, address)
  return module.use(name, address)
end

local stack_fields = { name = true, tags = true, region = true, state = true }

--- cso.stack { name, tags, region, state }: what this playbook's resources are remembered under.
function words.stack(given)
  local e = declaring("cso.stack")
  if type(given) ~= "table" then fail("stack", "cso.stack needs a table: cso.stack { name = \"…\" }") end
  for k in pairs(given) do
    if not stack_fields[k] then
      local best = suggest(tostring(k), { "name", "tags", "region", "state" })
      fail("stack", ("cso.stack has no field %s"):format(tostring(k)),
        { hint = best and ("did you mean %s?"):format(best) or "it takes name, tags, region and state" })
    end
  end
  if e.stack then fail("stack", "cso.stack is said twice: first at " .. (e.stack.where or "?")) end
  local name = given.name or e.opts.stack
  if e.opts.stack and name ~= e.opts.stack then
    fail("stack_name", ("this playbook names its stack %s, and %s names it %s"):format(tostring(name),
      e.opts.workspace or "the workspace", e.opts.stack), { hint = "leave the name out here, or make them the same" })
  end
  if type(name) ~= "string" or not name:match("^[%w][%w._-]*$") or #name > 128 then
    fail("stack", "the stack's name must be a string of letters, digits, dots and hyphens")
  end
  local tags = {}
  for k, v in pairs(given.tags or {}) do
    if type(k) ~= "string" or type(v) == "table" then
      fail("stack", "the stack's tags must be a map of strings")
    end
    tags[k] = tostring(v)
  end
  if given.state ~= nil and type(given.state) ~= "string" then
    fail("stack", "the stack's state must be a file or s3://BUCKET/KEY, known now")
  end
  e.stack = { name = name, tags = tags, region = given.region, state = given.state, where = where.here(1) }
  if given.region then e.main.target = { region = given.region } end
  if e.opts.named then e.opts.named(name, given.state) end
end

--- cso.outputs "network": what another stack of the workspace says, to be read.
function words.outputs(name)
  local e = declaring("cso.outputs")
  if type(name) ~= "string" then fail("outputs", "cso.outputs needs the name of a stack: cso.outputs \"network\"") end
  if not e.opts.outputs then fail("no_workspace", "cso.outputs works only where csorun runs a workspace") end
  local values, problem = e.opts.outputs(name, fail)
  if values then return values end
  problem.where = problem.where or where.here(1)
  error(problem, 0)
end

local target_fields = { region = true, profile = true, role = true }

--- cso.target { region, profile, role }: aws, api and use for another region or account.
function words.target(given)
  declaring("cso.target")
  if type(given) ~= "table" or next(given) == nil then
    fail("target", "cso.target needs a table: cso.target { region = \"eu-west-1\" }")
  end
  for k, v in pairs(given) do
    if not target_fields[k] then
      fail("target", ("cso.target has no field %s"):format(tostring(k)),
        { hint = "it takes region, profile and role" })
    end
    if type(v) ~= "string" then fail("target", ("%s must be a string, known now"):format(k)) end
  end
  return {
    aws = namespace.aws(given), api = api.namespace(given), region = given.region,
    use = function(name, address) return module.use(name, address, given) end,
  }
end

local function current(what)
  local e = evaluation.current()
  if not e then fail("no_playbook", what .. " works only in a playbook") end
  return e
end

--- cso.account(): id and arn of who runs this, asked for when first read.
function words.account()
  local e = current("cso.account")
  e.account = e.account or setmetatable({}, {
    __index = function(self, key)
      if key ~= "id" and key ~= "arn" then
        fail("attribute", ("cso.account() has no %s"):format(tostring(key)), { hint = "it has id and arn" })
      end
      local ask = e.opts.identity
      if not ask and not e.opts.session then
        fail("no_session", "cso.account works only where csorun has a session with AWS", { class = "config" })
      end
      local who, problem
      if ask then who, problem = ask() else who, problem = e.opts.session:identity() end
      if not who then
        if type(problem) == "table" then problem.where = problem.where or where.here(1) end
        error(problem, 0)
      end
      rawset(self, "id", who.id or who.account or who.Account)
      rawset(self, "arn", who.arn or who.Arn)
      return rawget(self, key)
    end,
  })
  return e.account
end

--- cso.region(): the region in which things are declared now.
function words.region()
  local e = current("cso.region")
  local region = evaluation.standpoint(e).target.region or (e.opts.session and e.opts.session:region())
  if not region then
    fail("no_region", "no region is chosen", { class = "config",
      hint = "use --region, AWS_REGION or cso.stack { region = … }" })
  end
  return region
end

--- cso.check(text, ok, hint): told with every plan.
function words.check(said, ok, hint)
  local e = declaring("cso.check")
  if type(said) ~= "string" then fail("check", "cso.check needs a text and a condition") end
  if value.is_ref(ok) then
    fail("check", "the condition of cso.check must be known now",
      { hint = "use a cso.step for what is known later" })
  end
  e.checks[#e.checks + 1] = { text = said, ok = ok and true or false, hint = hint, where = where.here(1) }
end

local function no_whole_resource(name, v, at)
  local address, path = value.info(v)
  if path == "" then
    fail("output", ("output %s is the resource %s itself"):format(name, address),
      { hint = "name the attribute that you mean", where = at })
  elseif type(v) == "table" and not value.is_ref(v) and not value.is_secret(v) then
    for _, item in next, v do no_whole_resource(name, item, at) end
  end
end

--- cso.output { name = value }: said as often as wanted, each name once.
function words.output(given)
  local e = declaring("cso.output")
  if type(given) ~= "table" or value.is_ref(given) then
    fail("output", "cso.output needs a table: cso.output { name = value }")
  end
  local at = where.here(1)
  for name, v in pairs(given) do
    if type(name) ~= "string" then fail("output", "outputs need names: cso.output { name = value }") end
    local before = e.outputs[name]
    if before then
      fail("duplicate", ("the output %s is given twice: first at %s"):format(name, before.where or "?"))
    end
    local unfit = value.unfit(v)
    if unfit then fail("output", ("output %s can't be remembered: %s"):format(name, unfit), { where = at }) end
    no_whole_resource(name, v, at)
    e.outputs[name] = { name = name, value = v, where = at }
  end
end

--- Path and content of a file that a playbook names: beside the file that says it, else beside the
--- playbook (csorun's own modules have no folder of their own).
local function find_file(path, what)
  local e = current(what)
  if type(path) ~= "string" then fail("file", what .. " needs a path") end
  local asking = where.at(2)
  local tried = {}
  for _, dir in ipairs { asking and e.dirs[asking] or e.dir, e.dir } do
    local full = source.join(dir, path)
    local content = full ~= tried[#tried] and source.read(full)
    if content then return full, content end
    if full ~= tried[#tried] then tried[#tried + 1] = full end
  end
  fail("no_file", ("there is no file %s"):format(path), { hint = "tried " .. table.concat(tried, ", ") })
end

--- cso.file(path): the content of a file.
function words.file(path)
  local _, content = find_file(path, "cso.file")
  return content
end

--- cso.template(path, values): a rendered template; later, when values are known later.
function words.template(path, values)
  local full, content = find_file(path, "cso.template")
  if values ~= nil and type(values) ~= "table" then
    fail("template", "the template's values must be a table")
  end
  return template.render(content, full, values)
end

--- cso.render(text, values): the same for a text that is no file.
function words.render(content, values)
  if type(content) ~= "string" then fail("template", "cso.render needs a text") end
  return template.render(content, where.here(1) or "template", values)
end

local function out(line)
  local e = current("cso.print")
  -- A step may have opened a secret; what it prints stands in logs.
  if e.opts.print then e.opts.print(redact.text(line)) end
end

local function line(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = value.describe(parts[i]) end
  out(table.concat(parts, "\t") .. "\n")
end

words.print = setmetatable({
  --- cso.print.line(…): values, with tabs between them.
  line = line,
  --- cso.print.table(headers, rows): aligned columns.
  table = function(headers, rows)
    local shown = {}
    for i, row in ipairs(rows) do
      shown[i] = {}
      for c, cell in pairs(row) do shown[i][c] = type(cell) == "table" and value.describe(cell) or cell end
    end
    out(text.table(headers, shown))
  end,
}, { __call = function(_, ...) line(...) end })

--- The functions among the arguments, and in lists there, carry the module they were written in.
local function carried(e, v, depth)
  if type(v) == "function" then return evaluation.carry(e, v) end
  if type(v) ~= "table" or depth > 0 or getmetatable(v) then return v end
  local copy = {}
  for k, item in pairs(v) do copy[k] = carried(e, item, depth + 1) end
  return copy
end

-- Cooperative work comes from the one who runs the evaluation.
local function tasks(name)
  local e = current("cso." .. name)
  local task = e.opts.task or evaluation.tasks and evaluation.tasks()
  if not task then fail("no_task", "cso." .. name .. " works only where csorun runs tasks") end
  return task, e
end

--- A scope whose children carry the module that they were spawned in.
local function carrying(e, s)
  return setmetatable({
    spawn = function(_, fn, ...) return s:spawn(evaluation.carry(e, fn), ...) end,
  }, { __index = function(_, key)
    local v = s[key]
    if type(v) ~= "function" then return v end
    return function(_, ...) return v(s, ...) end
  end })
end

--- cso.scope(function(s) s:spawn(fn) end): ends when all of it has ended.
function words.scope(fn)
  local task, e = tasks("scope")
  return task.scope(function(s) return fn(carrying(e, s)) end)
end

-- Times are said as everywhere: seconds, or "90s", "5m".
local timed = { sleep = true, timeout = true }

for _, name in ipairs { "parallel", "map", "sleep", "spawn", "await", "timeout", "semaphore" } do
  words[name] = function(...)
    local task, e = tasks(name)
    local args = table.pack(...)
    if timed[name] then
      local seconds, problem = duration.parse(args[1])
      if not seconds then fail("duration", ("cso.%s: %s"):format(name, problem)) end
      args[1] = seconds
    end
    for i = 1, args.n do args[i] = carried(e, args[i], 0) end
    return task[name](table.unpack(args, 1, args.n))
  end
end

--- The words of one evaluation, its namespaces among them.
---@param e cso.Evaluation
---@return table
function words.of(e)
  local own = { aws = namespace.aws(), args = e.opts.args or {} }
  return setmetatable(own, {
    __index = function(_, key)
      if key == "of" or key == "names" then return nil end
      local v = words[key]
      if v ~= nil then return v end
      v = pure[key]
      if v ~= nil then return v end
      v = key == "api" and api.namespace() or namespace.own(key)
      rawset(own, key, v)
      return v
    end,
  })
end

--- All words, for "did you mean" and completion.
---@return string[]
function words.names()
  local list = { "aws", "api", "args" }
  for _, t in ipairs { words, pure } do
    for name in pairs(t) do
      if name ~= "of" and name ~= "names" then list[#list + 1] = name end
    end
  end
  for _, name in ipairs(require("cso.playbook.types").names("cso")) do list[#list + 1] = name end
  table.sort(list)
  return list
end

return words
