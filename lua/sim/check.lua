--- Input validation from the model. The protocol readers call `scalar` for each leaf and collect
--- problems; `fault` turns the first problem into the error that the service family gives for it.
local json = require "cso.std.json"
local pattern = require "sim.pattern"

local check = {}

---@class sim.Problem
---@field kind "missing"|"unknown"|"type"|"enum"|"range"|"length"|"pattern"
---@field path string
---@field value any
---@field rule string?

local function problem(list, kind, path, value, rule)
  list[#list + 1] = { kind = kind, path = path, value = value, rule = rule }
end
check.problem = problem

local function enum_set(shape)
  local set = {}
  for _, v in ipairs(shape.enum) do set[v] = true end
  return set
end

--- Compiles the constraint check of a scalar shape.
---@param shape table botocore shape
---@return (fun(v:any, path:string, problems:sim.Problem[]))|nil nil when there is nothing to check
function check.compile(shape)
  local kind, min, max = shape.type, shape.min, shape.max
  if kind == "string" then
    local enum = shape.enum and enum_set(shape)
    local match = shape.pattern and pattern.compile(shape.pattern)
    if not (enum or min or max or match) then return nil end
    return function(v, path, problems)
      if enum and not enum[v] then
        problem(problems, "enum", path, v, table.concat(shape.enum, ", "))
      elseif min and #v < min then
        problem(problems, "length", path, v, "greater than or equal to " .. min)
      elseif max and #v > max and utf8.len(v) ~= nil and utf8.len(v) > max then
        problem(problems, "length", path, v, "less than or equal to " .. max)
      elseif match and not match(v) then
        problem(problems, "pattern", path, v, shape.pattern)
      end
    end
  elseif (min or max) and (kind == "integer" or kind == "long" or kind == "float" or kind == "double") then
    return function(v, path, problems)
      if min and v < min then
        problem(problems, "range", path, v, "greater than or equal to " .. min)
      elseif max and v > max then
        problem(problems, "range", path, v, "less than or equal to " .. max)
      end
    end
  elseif (min or max) and (kind == "list" or kind == "map") then
    return function(v, path, problems)
      local n = 0
      for _ in next, v do n = n + 1 end
      if min and n < min then
        problem(problems, "length", path, v, "greater than or equal to " .. min)
      elseif max and n > max then
        problem(problems, "length", path, v, "less than or equal to " .. max)
      end
    end
  end
end

local function shown(v)
  if v == nil or v == json.null then return "null" end
  if type(v) == "table" then return "structure" end
  return tostring(v)
end

-- The sentence that most services use for a broken constraint.
local function sentence(p)
  local member
  if p.kind == "missing" then
    member = "Member must not be null"
  elseif p.kind == "enum" then
    member = "Member must satisfy enum value set: [" .. p.rule .. "]"
  elseif p.kind == "length" then
    member = "Member must have length " .. p.rule
  elseif p.kind == "range" then
    member = "Member must have value " .. p.rule
  elseif p.kind == "pattern" then
    member = "Member must satisfy regular expression pattern: " .. p.rule
  elseif p.kind == "unknown" then
    return "Unknown member at '" .. p.path .. "'"
  else
    return "Value '" .. shown(p.value) .. "' at '" .. p.path .. "' has the wrong type, expected " .. p.rule
  end
  return ("Value '%s' at '%s' failed to satisfy constraint: %s"):format(shown(p.value), p.path, member)
end

local function detected(problems)
  local list = {}
  for i, p in ipairs(problems) do list[i] = sentence(p) end
  return ("%d validation error%s detected: %s"):format(#list, #list == 1 and "" or "s",
    table.concat(list, "; "))
end

-- How each family of services words a refusal: code per kind of problem, and the text.
local families = {
  ec2 = {
    codes = { missing = "MissingParameter", unknown = "UnknownParameter", type = "InvalidParameterValue",
      enum = "InvalidParameterValue", range = "InvalidParameterValue", length = "InvalidParameterValue",
      pattern = "InvalidParameterValue" },
    text = function(problems)
      local p = problems[1]
      if p.kind == "missing" then return "The request must contain the parameter " .. p.path end
      if p.kind == "unknown" then return "The parameter " .. p.path .. " is not recognized" end
      return ("Value (%s) for parameter %s is invalid. %s"):format(shown(p.value), p.path,
        p.kind == "type" and "Expected " .. p.rule .. "." or sentence(p))
    end,
  },
  query = { codes = { default = "ValidationError", unknown = "MalformedInput", type = "MalformedInput" } },
  json = { codes = { default = "ValidationException", type = "SerializationException",
    unknown = "SerializationException" } },
  ["rest-json"] = { codes = { default = "ValidationException", type = "SerializationException",
    unknown = "SerializationException" } },
  ["rest-xml"] = { codes = { default = "InvalidInput", unknown = "MalformedXML", type = "MalformedXML" } },
}
families.cbor = families.json

--- The error for a list of problems.
---@param problems sim.Problem[]
---@param family string protocol name
---@param codes table? the service's own codes per kind of problem
---@return table fault
function check.fault(problems, family, codes)
  local f = families[family]
  local kind = problems[1].kind
  local code = codes and (codes[kind] or codes.default) or f.codes[kind] or f.codes.default
  return { code = code, message = (f.text or detected)(problems), status = 400 }
end

return check
