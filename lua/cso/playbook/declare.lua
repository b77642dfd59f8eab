--- Declaring resources and steps: `Service.Type "name" { … }`, `Service.Type("name", { … }) { … }`
--- and `cso.step "name" { … }`.
local check = require("cso.playbook.check")
local err = require("cso.std.err")
local evaluation = require("cso.playbook.evaluation")
local names = require("cso.playbook.names")
local options = require("cso.playbook.options")
local refs = require("cso.playbook.refs")
local source = require("cso.playbook.source")
local types = require("cso.playbook.types")
local value = require("cso.std.value")
local where = require("cso.std.where")

local declare = {}

local NONE = {} -- what all have in common that have none; nobody writes to it

local function check_table(t, what, name)
  if type(t) ~= "table" or getmetatable(t) and value.is_ref(t) then
    evaluation.fail("declaration", ("%s %q needs a table: %s %q { … }"):format(what, name, what, name))
  end
end

-- A mistake of the playbook's own is told with its line. What others raise to be recognised goes through.
local function told(raised)
  if type(raised) == "table" and not err.is(raised) then return raised end
  return source.failure(raised)
end

local function passed(ok, ...)
  if ok then return ... end
  error((...), 0)
end

--- A function of the playbook that is called when its evaluation is over.
local function later(e, fn)
  return function(...)
    evaluation.enter(e)
    return passed(xpcall(fn, told, ...))
  end
end

-- Conditions run in the evaluation that they were written in.
local function within(e, conditions)
  for _, one in ipairs(conditions) do one.run = later(e, one.run) end
end

local function refuse(address, at, faults)
  local place = evaluation.place(at)
  if #faults == 1 then
    evaluation.fail("property", ("%s: %s"):format(address, faults[1]), { where = place })
  end
  evaluation.fail("property", ("%s has %d faults"):format(address, #faults), {
    where = place, problems = faults,
  })
end

--- Adds a declaration under its address; an address is given out once.
local function add(e, decl)
  local address, list = decl.address, e.declarations
  if #address > names.SHORT then names.check_address(address, decl.where) end
  local before = e.by_address[address]
  if before then
    evaluation.fail("duplicate", ("%s is declared twice: first at %s"):format(decl.address,
      evaluation.place(before.where) or "an unknown place"), {
      where = evaluation.place(decl.where),
      hint = "give one of them another name",
    })
  end
  list[#list + 1], e.by_address[address] = decl, decl
end

local function depends(properties, after, plain)
  if plain then return after or NONE end
  local list = value.dependencies(properties)
  if not after or #after == 0 then return list end
  if #list == 0 then return after end -- sorted, each once, as options give it
  local seen = {}
  for _, address in ipairs(list) do seen[address] = true end
  for _, address in ipairs(after) do
    if not seen[address] then list[#list + 1] = address end
  end
  table.sort(list)
  return list
end

local function target_of(from)
  return next(from) ~= nil and { region = from.region, profile = from.profile, role = from.role } or nil
end

-- Declares what was begun.
local function declared(e, begun, t, target, properties)
  local name, place, given = begun.name, begun.where, begun.given
  evaluation.finished(e, begun)
  check_table(properties, t.short, name)
  local at = evaluation.standpoint(e)
  local module = at.module
  local address, opts = module .. t.short .. "." .. name, NONE
  if given then
    local wrong
    opts, wrong = options.resource(given)
    if wrong[1] then refuse(address, place, wrong) end
    if opts.when == false then return nil end
    if opts.pre then within(e, opts.pre) end
    if opts.post then within(e, opts.post) end
  end
  local checked, faults, plain = check.properties(t, properties)
  if faults[1] then refuse(address, place, faults) end
  local decl = {
    address = address, form = "resource", type = t.name, name = name, module = module == "" and module or module:sub(1, -2),
    where = place, properties = checked, options = opts,
    target = target_of(target or at.target), depends = depends(checked, opts.after, plain), tags = t.tags,
  }
  add(e, decl)
  return refs.resource(decl, t)
end

--- The word for a type: a function of name and options that waits for the properties. What that keeps for itself is
--- little: each value more would be another object for each declaration.
---@param type_name string
---@param target table?  region, profile, role; nil = those of the evaluation at that moment
---@return fun(name: string, options: table?): fun(properties: table): cso.Ref
function declare.resource(type_name, target)
  local t = types.get(type_name)
  return function(name, given)
    local e = evaluation.declaring("a declaration")
    names.check(name, t.short)
    if given ~= nil then check_table(given, t.short, name) end
    local file, line = where.at()
    local begun = evaluation.unfinished(e, t.short, name, { file = file, line = line }, given)
    return function(properties) return declared(e, begun, t, target, properties) end
  end
end

--- Checks properties that somebody else than the playbook has set in a declaration.
---@param decl table        of the form "resource"
---@param properties table
---@return table checked
---@return string[] faults
---@return string[] depends  addresses of what it needs
function declare.recheck(decl, properties)
  local t = types.get(decl.type)
  local checked, faults = properties, {}
  if t then checked, faults = check.properties(t, properties) end
  return checked, faults, depends(checked, decl.options.after)
end

--- Addresses of what a function names: resources in its upvalues, in plain tables there, and in the
--- functions that it calls. A step that asks for `group.TargetGroupArn:value()` needs the group.
local function named_by(fn)
  local found, seen = {}, {}
  local function walk(v, depth)
    local kind = type(v)
    if kind ~= "table" and kind ~= "function" or seen[v] or depth > 8 then return end
    seen[v] = true
    if kind == "function" then
      if not where.is_marked(debug.getinfo(v, "S").source) then return end
      for i = 1, 255 do
        local name, inner = debug.getupvalue(v, i)
        if not name then break end
        if name ~= "_ENV" then walk(inner, depth + 1) end
      end
    elseif value.is_ref(v) then
      for _, address in ipairs(value.dependencies(v)) do found[address] = true end
    elseif getmetatable(v) == nil then
      for _, inner in next, v do walk(inner, depth + 1) end
    end
  end
  walk(fn, 0)
  return found
end

--- `cso.step "name" { after, timeout, every, run }`.
---@param name string
---@return fun(given: table): cso.Ref
function declare.step(name)
  local e = evaluation.declaring("cso.step")
  names.check(name, "cso.step")
  local file, line = where.at()
  local place = { file = file, line = line }
  local begun = evaluation.unfinished(e, "cso.step", name, place)
  return function(given)
    evaluation.finished(e, begun)
    check_table(given, "cso.step", name)
    local module = evaluation.standpoint(e).module
    local address = module .. "step." .. name
    local opts, faults = options.step(given)
    if not given.run then faults[#faults + 1] = "option run is missing: the function that does it" end
    if faults[1] then refuse(address, place, faults) end
    if opts.when == false then return nil end
    local needs = named_by(opts.run)
    for _, other in ipairs(opts.after or {}) do needs[other] = true end
    local list = {}
    for other in pairs(needs) do list[#list + 1] = other end
    table.sort(list)
    local run = opts.run
    add(e, {
      address = address, form = "step", type = "cso.step", name = name, module = module:sub(1, -2),
      where = place, properties = {}, options = { after = list },
      target = target_of(evaluation.standpoint(e).target), depends = list, every = opts.every, timeout = opts.timeout,
      run = later(e, run),
    })
    return refs.step(address)
  end
end

return declare
