--- Checks params against an operation's input shape before anything is sent: all faults at
--- once, each with its path. Enumerations are not enforced, because AWS adds values faster
--- than anybody rebuilds; of the limits only the lower ones are, as the SDKs do.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local file = require "cso.aws.file"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"
local suggest = require "cso.std.suggest"

local null = json.null
local number_kind = math.type

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

-- A check of a shape is a function check(v, at), compiled once. `at` is the place in the params, as a
-- stack of names, and the list of faults found so far: a path is only written out for a fault.
local function add(at, text, name)
  local parts = { name }
  for i = at.depth, 1, -1 do
    local part = at[i]
    table.insert(parts, 1, type(part) == "number" and ("[%d]"):format(part) or part)
  end
  at.faults[#at.faults + 1] = { path = table.concat(parts), message = text }
end

local function expected(at, what, v) add(at, ("expected %s, got %s"):format(what, kind_of(v))) end

local compile

-- Checks what stands under a name (".Name", or 3 for the third item of a list) of the current place.
local function inside(check, name, v, at)
  local depth = at.depth + 1
  at.depth, at[depth] = depth, name
  check(v, at)
  at.depth = depth - 1
end

-- The keys of a map: in any order as long as all is well, in a stable one to tell faults.
local function each(v, at)
  if at.ordered then return deep.sorted_pairs(v) end
  return next, v
end

local function text_length(v) return utf8.len(v) or #v end

local function text(s, S, ref)
  if shape.trait(S, ref, "jsonvalue") then return nil end
  local min = s.min and s.min > 0 and s.min
  return function(v, at)
    if type(v) ~= "string" then return expected(at, "string", v) end
    if min and text_length(v) < min then
      add(at, ("must have at least %d characters, has %d"):format(min, text_length(v)))
    end
  end
end

local function blob(s, _, ref)
  local streams = ref.streaming or s.streaming
  return function(v, at)
    if file.is(v) then
      if not streams then add(at, "is not sent as a stream: give its bytes instead of a file") end
      return
    end
    if type(v) ~= "string" then return expected(at, "string of bytes", v) end
    if s.min and #v < s.min then
      add(at, ("must have at least %d bytes, has %d"):format(s.min, #v))
    end
  end
end

local function integer(s)
  return function(v, at)
    if type(v) ~= "number" or not math.tointeger(v) then return expected(at, "integer", v) end
    if s.min and v < s.min then
      add(at, ("must be at least %s, is %d"):format(s.min, math.tointeger(v)))
    end
  end
end

local specials = { NaN = true, Infinity = true, ["-Infinity"] = true }

local function float(s)
  return function(v, at)
    if specials[v] then return end
    if type(v) ~= "number" then return expected(at, "number", v) end
    if s.min and v < s.min then
      add(at, ("must be at least %s, is %s"):format(s.min, scalar.number(v)))
    end
  end
end

local function boolean()
  return function(v, at)
    if type(v) ~= "boolean" then expected(at, "boolean", v) end
  end
end

local function timestamp()
  return function(v, at)
    if not scalar.read_time(v) then
      expected(at, "timestamp (epoch seconds or ISO 8601 text)", v)
    end
  end
end

local function missing(v, at) expected(at, "a value", v) end

local function list(s, S)
  local item
  return function(v, at)
    if type(v) ~= "table" then return expected(at, "list", v) end
    local n = #v
    for k in next, v do
      if number_kind(k) ~= "integer" or k < 1 or k > n then
        return add(at, ("expected list, got map with key %q"):format(tostring(k)))
      end
    end
    if s.min and n < s.min then
      add(at, ("must have at least %d elements, has %d"):format(s.min, n))
    end
    item = item or compile(S, s.member)
    for i = 1, n do
      if v[i] ~= null then
        inside(item, i, v[i], at)
      elseif not s.sparse then
        inside(missing, i, v[i], at)
      end
    end
  end
end

local function map(s, S)
  local key, value
  return function(v, at)
    if type(v) ~= "table" then return expected(at, "map", v) end
    key, value = key or compile(S, s.key), value or compile(S, s.value)
    for k, item in each(v, at) do
      if type(k) ~= "string" then return add(at, "expected map, got list") end
      inside(key, "." .. k, k, at)
      if item ~= null then
        inside(value, "." .. k, item, at)
      elseif not s.sparse then
        inside(missing, "." .. k, item, at)
      end
    end
  end
end

local function unknown(at, key, members)
  if type(key) ~= "string" then return add(at, "expected structure, got list") end
  local near = suggest(key, deep.keys(members))
  local tail = near and (", did you mean %s?"):format(near) or ""
  add(at, "unknown member" .. tail, "." .. key)
end

local function structure(s, S, ref)
  if s.document or ref.document then return nil end
  local members, required = s.members or {}, s.required or {}
  local checks = {}
  return function(v, at)
    if type(v) ~= "table" then return expected(at, "structure", v) end
    for i = 1, #required do
      local name = required[i]
      if v[name] == nil or v[name] == null then
        add(at, "required member is missing", "." .. name)
      end
    end
    local given = 0
    for key, item in each(v, at) do
      local check = checks[key]
      if not check then
        if members[key] then
          check = { compile(S, members[key]), "." .. key }
          checks[key] = check
        else
          unknown(at, key, members)
        end
      end
      if check and item ~= null then
        given = given + 1
        inside(check[1], check[2], item, at)
      end
    end
    if s.union and given ~= 1 then
      add(at, ("must have exactly one of %s, has %d"):format(
        table.concat(deep.keys(members), ", "), given))
    end
  end
end

-- The events of a stream: a list, each with one event under its name.
local function events(s, S)
  local item = structure({ members = s.members, union = true }, S, {})
  return function(v, at)
    if type(v) ~= "table" or next(v) ~= nil and #v == 0 then
      return expected(at, "list of events, each { EventName = { … } }", v)
    end
    for i = 1, #v do inside(item, i, v[i], at) end
  end
end

local makers = {
  string = text, character = text, blob = blob, byte = integer, short = integer, integer = integer, long = integer,
  float = float, double = float, boolean = boolean, timestamp = timestamp,
  list = list, map = map, structure = structure,
}

local function anything() end

function compile(S, ref)
  -- What a reference says of its own is part of what is compiled.
  local own = ref.jsonvalue and "\0json" or ref.document and "\0document"
    or ref.streaming and "\0stream"
  local cache, key = shape.cache(S, "check"), own and ref.shape .. own or ref.shape
  local check = cache[key]
  if not check then
    local s = S:shape(ref.shape)
    local make = s.eventstream and events or makers[s.type]
    check = make and make(s, S, ref) or anything
    cache[key] = check
  end
  return check
end

local validate = {}

--- All faults of the params of an operation.
---@param S table
---@param op table
---@param params table
---@return { path: string, message: string }[]
function validate.faults(S, op, params)
  local at = { op.name, depth = 1, faults = {} }
  if op.input then
    local check = compile(S, op.input)
    check(params, at)
    if #at.faults > 0 then
      at = { op.name, depth = 1, faults = {}, ordered = true }
      check(params, at)
    end
  elseif next(params) ~= nil then
    add(at, "takes no input")
  end
  return at.faults
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
