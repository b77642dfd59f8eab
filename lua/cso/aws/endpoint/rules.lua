--- Runs an endpoint rule set: parameters in, an endpoint or an error out. Pure.
local catalogue = require "cso.std.catalogue"
local err = require "cso.std.err"
local library = require "cso.aws.endpoint.library"

local rules = {}

local resolve

local function template(text, scope)
  if not text:find("[{}]") then return text end
  local out, at = {}, 1
  while at <= #text do
    local two, one = text:sub(at, at + 1), text:sub(at, at)
    if two == "{{" or two == "}}" then
      out[#out + 1] = one
      at = at + 2
    elseif one == "{" then
      local stop = text:find("}", at, true)
      if not stop then error({ rule = "unclosed brace in " .. text }, 0) end
      local v = scope
      for part in text:sub(at + 1, stop - 1):gmatch("[^#]+") do
        v = v and library.getAttr(v, part)
      end
      if v == nil then error({ rule = "nothing to put into " .. text }, 0) end
      out[#out + 1] = tostring(v)
      at = stop + 1
    else
      local stop = text:find("[{}]", at) or #text + 1
      out[#out + 1] = text:sub(at, stop - 1)
      at = stop
    end
  end
  return table.concat(out)
end

local function call(fn, scope, functions)
  local argv, args = fn.argv, {}
  for i = 1, #argv do args[i] = resolve(argv[i], scope, functions) end
  local f = functions[fn.fn]
  if not f then error({ rule = "unknown function " .. tostring(fn.fn) }, 0) end
  return f(table.unpack(args, 1, #argv))
end

function resolve(v, scope, functions)
  if type(v) == "string" then return template(v, scope) end
  if type(v) ~= "table" then return v end
  if v.fn then return call(v, scope, functions) end
  if v.ref then return scope[v.ref] end
  local out = {}
  for k, item in next, v do out[k] = resolve(item, scope, functions) end
  return out
end

local evaluate

-- Each rule sees what its parents assigned; what it assigns itself ends with it.
local function holds(rule, scope, functions)
  for _, condition in ipairs(rule.conditions or {}) do
    local v = call(condition, scope, functions)
    if v == nil or v == false then return false end
    if condition.assign then scope[condition.assign] = v end
  end
  return true
end

function evaluate(list, outer, functions)
  for _, rule in ipairs(list) do
    local scope = setmetatable({}, { __index = outer })
    if holds(rule, scope, functions) then
      if rule.type == "endpoint" then
        local e = rule.endpoint
        return {
          url = resolve(e.url, scope, functions),
          properties = e.properties and resolve(e.properties, scope, functions) or {},
          headers = e.headers and resolve(e.headers, scope, functions) or {},
        }
      elseif rule.type == "error" then
        return nil, resolve(rule.error, scope, functions)
      end
      local found, why = evaluate(rule.rules, scope, functions)
      if found or why then return found, why end
    end
  end
end

local types = { string = "string", boolean = "boolean", stringarray = "table" }

local function inputs(set, given)
  local params = {}
  for name, spec in next, set.parameters or {} do
    local v = given[name]
    if v == nil then v = spec.default end
    if v == nil then
      if spec.required then
        return nil, ("the endpoint needs a value for %s"):format(name)
      end
    elseif type(v) ~= types[(spec.type or "string"):lower()] then
      return nil, ("the endpoint parameter %s must be a %s"):format(name, spec.type)
    end
    params[name] = v
  end
  return params
end

local needs = { endpoint = "endpoint", error = "error", tree = "rules" }

-- What a rule set lacks, looked for when running it went wrong; nil for nothing.
local function malformed(set, list, path)
  list, path = list or set.rules, path or "rules"
  if type(list) ~= "table" then return path .. " is no list" end
  for i, rule in ipairs(list) do
    local here = ("%s[%d]"):format(path, i)
    if type(rule) ~= "table" then return here .. " is no rule" end
    local part = needs[rule.type]
    if not part then return here .. " has no type that a rule has" end
    if rule[part] == nil then return ("%s has no %s"):format(here, part) end
    if part == "endpoint" and rule.endpoint.url == nil then return here .. " has no url" end
    for j, condition in ipairs(rule.conditions or {}) do
      if type(condition) ~= "table" or not condition.fn or type(condition.argv) ~= "table" then
        return ("%s.conditions[%d] has no fn with its argv"):format(here, j)
      end
    end
    local inner = part == "rules" and malformed(set, rule.rules, here .. ".rules")
    if inner then return inner end
  end
end

--- Resolves an endpoint.
---@param set table rule set
---@param params table values by parameter name
---@param partitions table? the partitions file; the catalogue's own by default
---@return { url: string, properties: table, headers: table }? endpoint
---@return cso.Err? err class "config"
function rules.resolve(set, params, partitions)
  local function fail(text)
    return nil, err.new { code = "EndpointError", class = "config", message = text }
  end
  local scope, why = inputs(set, params)
  if not scope then return fail(why) end
  local functions = setmetatable({ ["aws.partition"] = library.partition(partitions or catalogue.partitions()) },
    { __index = library })
  local ok, found, text = pcall(evaluate, set.rules, scope, functions)
  if not ok then
    if type(found) == "table" and found.rule then return fail(found.rule) end
    local what = malformed(set)
    if what then return fail("the rule set is malformed: " .. what) end
    error(found, 0)
  end
  if found then return found end
  return fail(text or "no endpoint rule fits these parameters")
end

return rules
