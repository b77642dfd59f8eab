--- Checks params against an operation's input shape before anything is sent: all faults at
--- once, each with its path. Enumerations are not enforced, because AWS adds values faster
--- than anybody rebuilds; of the limits only the lower ones are, as the SDKs do.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"
local suggest = require "cso.std.suggest"

local null = json.null

local function kind_of(v)
  if v == null then return "null" end
  local t = type(v)
  if t == "number" then return math.type(v) == "integer" and "integer" or "number" end
  if t == "table" then
    if #v > 0 then return "list" end
    return next(v) == nil and "empty table" or "map"
  end
  return t
end

local function add(faults, path, text)
  faults[#faults + 1] = { path = path, message = text }
end

local function expected(faults, path, what, v)
  add(faults, path, ("expected %s, got %s"):format(what, kind_of(v)))
end

local check

local function text_length(v) return utf8.len(v) or #v end

local function text(S, ref, v, path, faults, s)
  if shape.trait(S, ref, "jsonvalue") then return end
  if type(v) ~= "string" then return expected(faults, path, "string", v) end
  if s.min and s.min > 0 and text_length(v) < s.min then
    add(faults, path, ("must have at least %d characters, has %d"):format(s.min, text_length(v)))
  end
end

local function blob(_, _, v, path, faults, s)
  if type(v) ~= "string" then return expected(faults, path, "string of bytes", v) end
  if s.min and #v < s.min then
    add(faults, path, ("must have at least %d bytes, has %d"):format(s.min, #v))
  end
end

local function integer(_, _, v, path, faults, s)
  if type(v) ~= "number" or not math.tointeger(v) then
    return expected(faults, path, "integer", v)
  end
  if s.min and v < s.min then
    add(faults, path, ("must be at least %s, is %d"):format(s.min, math.tointeger(v)))
  end
end

local specials = { NaN = true, Infinity = true, ["-Infinity"] = true }

local function float(_, _, v, path, faults, s)
  if specials[v] then return end
  if type(v) ~= "number" then return expected(faults, path, "number", v) end
  if s.min and v < s.min then
    add(faults, path, ("must be at least %s, is %s"):format(s.min, scalar.number(v)))
  end
end

local function boolean(_, _, v, path, faults)
  if type(v) ~= "boolean" then expected(faults, path, "boolean", v) end
end

local function timestamp(_, _, v, path, faults)
  if not scalar.read_time(v) then
    expected(faults, path, "timestamp (epoch seconds or ISO 8601 text)", v)
  end
end

local function list(S, _, v, path, faults, s)
  if type(v) ~= "table" then return expected(faults, path, "list", v) end
  local n = #v
  for k in next, v do
    if math.type(k) ~= "integer" or k < 1 or k > n then
      return add(faults, path, ("expected list, got map with key %q"):format(tostring(k)))
    end
  end
  if s.min and n < s.min then
    add(faults, path, ("must have at least %d elements, has %d"):format(s.min, n))
  end
  for i = 1, n do
    if v[i] == null then
      if not s.sparse then expected(faults, path .. "[" .. i .. "]", "a value", v[i]) end
    else
      check(S, s.member, v[i], path .. "[" .. i .. "]", faults)
    end
  end
end

local function map(S, _, v, path, faults, s)
  if type(v) ~= "table" then return expected(faults, path, "map", v) end
  for _, k in ipairs(deep.keys(v)) do
    if type(k) ~= "string" then
      return add(faults, path, "expected map, got list")
    end
    local here = path .. "." .. k
    check(S, s.key, k, here, faults)
    if v[k] == null then
      if not s.sparse then expected(faults, here, "a value", v[k]) end
    else
      check(S, s.value, v[k], here, faults)
    end
  end
end

local function unknown(faults, path, key, s)
  if type(key) ~= "string" then
    return add(faults, path, "expected structure, got list")
  end
  local near = suggest(key, deep.keys(s.members or {}))
  local tail = near and (", did you mean %s?"):format(near) or ""
  add(faults, path .. "." .. key, "unknown member" .. tail)
end

local function structure(S, ref, v, path, faults, s)
  if s.document or ref.document then return end
  if type(v) ~= "table" then return expected(faults, path, "structure", v) end
  local members = s.members or {}
  for _, name in ipairs(s.required or {}) do
    if v[name] == nil or v[name] == null then
      add(faults, path .. "." .. name, "required member is missing")
    end
  end
  local given = 0
  for _, key in ipairs(deep.keys(v)) do
    local member = members[key]
    if not member then
      unknown(faults, path, key, s)
    elseif v[key] ~= null then
      given = given + 1
      check(S, member, v[key], path .. "." .. key, faults)
    end
  end
  if s.union and given ~= 1 then
    add(faults, path, ("must have exactly one of %s, has %d"):format(
      table.concat(deep.keys(members), ", "), given))
  end
end

local checks = {
  string = text, character = text, blob = blob, integer = integer, long = integer,
  float = float, double = float, boolean = boolean, timestamp = timestamp,
  list = list, map = map, structure = structure,
}

function check(S, ref, v, path, faults)
  local s = S:shape(ref.shape)
  local fn = checks[s.type]
  if fn then fn(S, ref, v, path, faults, s) end
end

local validate = {}

--- All faults of the params of an operation.
---@param S table
---@param op table
---@param params table
---@return { path: string, message: string }[]
function validate.faults(S, op, params)
  local faults = {}
  if op.input then
    check(S, op.input, params, op.name, faults)
  elseif next(params) ~= nil then
    add(faults, op.name, "takes no input")
  end
  return faults
end

--- nil when the params are good, else one usage error that lists all faults.
---@param S table
---@param op table
---@param params table
---@return cso.Err?
function validate.check(S, op, params)
  if type(params) ~= "table" then
    return err.new { code = "ValidationError", class = "usage", service = S.name,
      operation = op.name, message = op.name .. ": expected a table of members, got " .. type(params) }
  end
  local faults = validate.faults(S, op, params)
  if #faults == 0 then return nil end
  local lines = {}
  for i, f in ipairs(faults) do lines[i] = f.path .. ": " .. f.message end
  return err.new {
    code = "ValidationError", class = "usage", service = S.name, operation = op.name,
    faults = faults, message = table.concat(lines, "\n"),
  }
end

return validate
