--- Policy: rules in Lua over what a plan leaves behind. Pure: it gets rules and resources and gives
--- findings; who loads the one, plans the other and shows the third is none of its business.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local suggest = require "cso.std.suggest"
local view = require "cso.policy.view"

local policy = {}

---@class cso.policy.Finding
---@field rule string
---@field title string
---@field severity string
---@field level "deny"|"warn"|"fix"
---@field status "violated"|"unknown"|"suppressed"|"fixed"
---@field address string
---@field where { file: string, line: integer }?
---@field text string         what is wrong, for people
---@field why string?
---@field hint string?
---@field reason string?      why it was suppressed
---@field fix table?          properties that would mend it

local PRODUCTION = { "^prod$", "^prod[%-_.]", "[%-_.]prod$", "[%-_.]prod[%-_.]", "^production" }

--- Whether a stack is a production one: its environment says so, or its name or tag does.
---@param program table?
---@return boolean
function policy.is_production(program)
  if not program then return false end
  local env = program.environment or {}
  if type(env.prod) == "boolean" then return env.prod end
  local stack = program.stack or {}
  for _, text in ipairs { stack.tags and stack.tags.Environment or "", env.environment or "", stack.name or "" } do
    for _, pattern in ipairs(PRODUCTION) do
      if type(text) == "string" and text:lower():match(pattern) then return true end
    end
  end
  return false
end

--- The resources of a plan, sorted by address.
---@param made table     from cso.plan
---@param program table?  where what goes may still be declared
---@return cso.policy.Resource[]
function policy.resources(made, program)
  local out, declared = {}, program and program.by_address or {}
  for address, node in pairs(made.nodes) do
    if node.form == "resource" and node.action and not node.excluded then
      local gone = node.action == "delete" or node.action == "forget"
      local properties = gone and (type(node.model) == "table" and node.model or {}) or node.desired or {}
      local decl = node.decl or declared[address]
      local exceptions = decl and decl.options and decl.options.policy
      out[#out + 1] = { address = address, type = node.type, action = node.action, where = decl and decl.where,
        properties = properties, depends = node.depends or {}, skip = exceptions and exceptions.skip }
    end
  end
  table.sort(out, function(a, b) return a.address < b.address end)
  return out
end

--- The resources of a program before there is a plan, for rules that fix.
---@param program table
---@return cso.policy.Resource[]
function policy.declared(program)
  local out = {}
  for _, decl in ipairs(program.declarations) do
    if decl.form == "resource" then
      out[#out + 1] = { address = decl.address, type = decl.type, action = "create", where = decl.where, decl = decl,
        properties = decl.properties, depends = decl.depends, skip = decl.options.policy and decl.options.policy.skip }
    end
  end
  return out
end

-- What a rule may ask about the others.
local function plan_view(resources, facts)
  local by_type, views = {}, {}
  local function of(resource)
    local known = views[resource]
    if not known or known.of ~= resource.properties then
      known = { of = resource.properties, view = view.of(resource, facts) }
      views[resource] = known
    end
    return known.view
  end
  for _, resource in ipairs(resources) do
    by_type[resource.type] = by_type[resource.type] or {}
    table.insert(by_type[resource.type], resource)
  end
  -- A misspelt type has no resources in any plan, and a rule that asks for them would let all pass.
  local function of_type(short)
    local name = type(short) == "string" and require("cso.policy.rule").type_name(short)
    if not name then error(("there is no type %s"):format(tostring(short)), 0) end
    return by_type[name] or {}
  end
  local whole = { stack = facts.stack, production = facts.production or false }
  --- All resources of a type.
  function whole.all(_, short)
    local out = {}
    for i, resource in ipairs(of_type(short)) do out[i] = of(resource) end
    return out
  end
  --- The resources of a type that refer to a resource.
  function whole.users(_, short, r)
    local out = {}
    for _, resource in ipairs(of_type(short)) do
      if deep.contains(resource.depends, r.address) then out[#out + 1] = of(resource) end
    end
    return out
  end
  return whole, of
end

local function level_of(rule)
  return rule.deny and "deny" or rule.warn and "warn" or "fix"
end

local function finding(rule, resource, status, text)
  return { rule = rule.id, title = rule.title, severity = rule.severity, level = level_of(rule), status = status,
    address = resource.address, where = resource.where, text = text, why = rule.why, hint = rule.hint }
end

-- A rule that is broken must not pass for one that was kept.
local function broken(rule, resource, raised)
  error(err.new { code = "policy_rule", class = "usage", where = rule.where,
    message = ("the rule %s failed on %s: %s"):format(rule.id, resource.address, tostring(raised)) }, 0)
end

local function ask(fn, rule, resource, r, whole)
  local ok, answer = pcall(fn, r, whole)
  if ok then return answer end
  if rawequal(answer, view.UNKNOWN) then return view.UNKNOWN end
  broken(rule, resource, answer)
end

local function judge(rule, resource, r, whole)
  local answer = ask(rule.deny or rule.warn, rule, resource, r, whole)
  if answer == nil or answer == false then return nil end
  if answer == view.UNKNOWN then
    return finding(rule, resource, "unknown", "can't be known before it is applied")
  end
  if answer ~= true and type(answer) ~= "string" then
    broken(rule, resource, ("it gave a %s; it says in a text what is wrong, and gives nil when nothing is"):format(type(answer)))
  end
  local text = answer == true and rule.title or answer
  local found = finding(rule, resource, "violated", text)
  if rule.fix then
    local proposed = ask(rule.fix, rule, resource, r, whole)
    if type(proposed) == "table" and proposed ~= view.UNKNOWN then found.fix = proposed end
  end
  return found
end

local function applies(rule, resource)
  return rule.actions[resource.action] and deep.contains(rule.on, resource.type)
end

local function sort(findings)
  table.sort(findings, function(a, b)
    if a.address ~= b.address then return a.address < b.address end
    return a.rule < b.rule
  end)
  return findings
end

--- Judges resources by rules.
---@param opts { rules: cso.policy.Rule[], resources: cso.policy.Resource[], skip: table<string, string>?, stack: string?, production: boolean? }
---@return cso.policy.Finding[]? findings  sorted by address and rule, cso.Err?
function policy.judge(opts)
  local whole, of = plan_view(opts.resources, opts)
  local findings = {}
  local ok, e = pcall(function()
    for _, rule in ipairs(opts.rules) do
      if rule.deny or rule.warn then
        for _, resource in ipairs(opts.resources) do
          local found = applies(rule, resource) and judge(rule, resource, of(resource), whole)
          if found then
            local reason = resource.skip and resource.skip[rule.id] or opts.skip and opts.skip[rule.id]
            if reason then found.status, found.reason = "suppressed", reason end
            findings[#findings + 1] = found
          end
        end
      end
    end
  end)
  if not ok then return nil, err.wrap(e, "usage") end
  return sort(findings)
end

-- What is declared with what a rule sets over it. A ref is one value and not looked into.
local function with(properties, change)
  local out = {}
  for name, v in next, properties do out[name] = v end
  for name, v in next, change do
    local old = out[name]
    local plain = type(v) == "table" and getmetatable(v) == nil
    local both = plain and type(old) == "table" and getmetatable(old) == nil
    out[name] = both and deep.merge(old, v) or plain and deep.copy(v) or v
  end
  return out
end

-- What a rule sets has to be what somebody could have declared.
local function set(rule, resource, change, check)
  local decl = resource.decl
  local properties, faults, depends = with(decl.properties, change), {}, nil
  if check then properties, faults, depends = check(decl, properties) end
  if faults[1] then broken(rule, resource, "it sets what can't be declared: " .. table.concat(faults, "; ")) end
  decl.properties, decl.depends = properties, depends or decl.depends
  resource.properties, resource.depends = decl.properties, decl.depends
end

--- Lets the rules that only fix set properties of declarations. Declared values are not overwritten
--- unless the rule says so by returning them.
---@param opts { rules: cso.policy.Rule[], program: table, skip: table<string, string>?, production: boolean?, check: (fun(decl: table, properties: table): table, string[], string[])? }
---  check: gives properties as a declaration has them, faults, and what they refer to
---@return cso.policy.Finding[]? findings, cso.Err?
function policy.fix(opts)
  local resources = policy.declared(opts.program)
  local whole, of = plan_view(resources, { stack = opts.program.stack.name, production = opts.production })
  local findings = {}
  local ok, e = pcall(function()
    for _, rule in ipairs(opts.rules) do
      if rule.fix and not rule.deny and not rule.warn then
        for _, resource in ipairs(resources) do
          local skipped = resource.skip and resource.skip[rule.id] or opts.skip and opts.skip[rule.id]
          local change = applies(rule, resource) and not skipped and ask(rule.fix, rule, resource, of(resource), whole)
          if change and not rawequal(change, view.UNKNOWN) then
            if type(change) ~= "table" then
              broken(rule, resource, ("fix gave a %s; it gives a table of properties, or nil"):format(type(change)))
            end
            local names = deep.keys(change)
            set(rule, resource, change, opts.check)
            local found = finding(rule, resource, "fixed", "sets " .. table.concat(names, ", "))
            found.fix = change
            findings[#findings + 1] = found
          end
        end
      end
    end
  end)
  if not ok then return nil, err.wrap(e, "usage") end
  return sort(findings)
end

--- What rules that fix would set, without setting it: for trying them out.
---@param opts { rules: cso.policy.Rule[], resources: cso.policy.Resource[], production: boolean? }
---@return cso.policy.Finding[]? findings, cso.Err?
function policy.try_fix(opts)
  local program = { stack = { name = "example" }, declarations = {} }
  for i, resource in ipairs(opts.resources) do
    program.declarations[i] = { address = resource.address, form = "resource", type = resource.type,
      properties = resource.properties, options = {}, depends = resource.depends }
  end
  return policy.fix { rules = opts.rules, program = program, production = opts.production }
end

--- Finds suppressions of rules that do not exist: a misspelt one suppresses nothing.
---@param known string[]      ids of all rules that there are
---@param resources cso.policy.Resource[]
---@param skip table<string, string>?  those of the whole stack
---@param strict boolean      also for ids that don't look like the built-in pack's
---@return cso.Err?
function policy.check_skips(known, resources, skip, strict)
  local index = deep.index(known)
  local function look(list, place)
    for _, id in ipairs(deep.keys(list or {})) do
      if not index[id] and (strict or id:match("^CSO%-")) then
        local near = suggest(id, known)
        return err.new { code = "unknown_rule", class = "usage", where = place,
          message = ("there is no rule %s to be skipped"):format(id),
          hint = near and ("did you mean %s?"):format(near) or "csorun policy list shows all of them" }
      end
    end
  end
  local e = look(skip)
  for _, resource in ipairs(resources) do
    local w = resource.where
    e = e or look(resource.skip, w and ("%s:%s"):format(w.file, w.line))
  end
  return e
end

--- How many findings there are of each sort.
---@param findings cso.policy.Finding[]
---@return { deny: integer, warn: integer, fixed: integer, unknown: integer, suppressed: integer }
function policy.count(findings)
  local counts = { deny = 0, warn = 0, fixed = 0, unknown = 0, suppressed = 0 }
  for _, found in ipairs(findings) do
    local key = found.status == "violated" and found.level or found.status
    counts[key] = counts[key] + 1
  end
  return counts
end

return policy
