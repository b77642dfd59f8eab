--- The built-in functions: a signature each, checked before the call.
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local types = require "cso.std.jmespath.types"

local null, array = json.null, json.array
local functions = {}

local function fail(kind, text, ...)
  error({ kind = kind, message = text:format(...) }, 0)
end

local function define(name, signature, fn, variadic)
  functions[name] = { signature = signature, run = fn, variadic = variadic, name = name }
end

local function matches(v, wanted)
  local t = types.of(v)
  for word in wanted:gmatch("[^|]+") do
    if word == "any" and t ~= "expref" then return true end
    if word == t then return true end
    local inner = word:match("^array%[(.*)%]$")
    if inner and t == "array" then
      local all = true
      for i = 1, #v do
        if types.of(v[i]) ~= inner then all = false end
      end
      if all then return true end
    end
  end
  return false
end

--- Checks the arguments and calls.
---@param name string
---@param args any[]
---@return any
function functions.call(name, args)
  local f = rawget(functions, name)
  if type(f) ~= "table" then fail("unknown-function", "unknown function %s()", name) end
  local wanted = #f.signature
  if #args < wanted or (#args > wanted and not f.variadic) then
    fail("invalid-arity", "%s() takes %d arguments, got %d", name, wanted, #args)
  end
  for i, v in ipairs(args) do
    local s = f.signature[i] or f.signature[wanted]
    if not matches(v, s) then
      fail("invalid-type", "%s() takes %s as argument %d, got %s", name, s, i, types.of(v))
    end
  end
  return f.run(table.unpack(args))
end

-- Stable, and safe when a comparison raises: table.sort is neither.
local function merge_sort(list, less)
  local n = #list
  if n < 2 then return list end
  local source, target, width = list, {}, 1
  while width < n do
    for low = 1, n, 2 * width do
      local a, mid = low, math.min(low + width, n + 1)
      local b, stop = mid, math.min(low + 2 * width, n + 1)
      for k = low, stop - 1 do
        if a < mid and (b >= stop or not less(source[b], source[a])) then
          target[k] = source[a]
          a = a + 1
        else
          target[k] = source[b]
          b = b + 1
        end
      end
    end
    source, target = target, source
    width = width * 2
  end
  return source
end

local function copy(list)
  return table.move(list, 1, #list, 1, {})
end

local function keyed(name, list, expref)
  local out, kind = {}, nil
  for i, v in ipairs(list) do
    local key = expref.run(v)
    local t = types.of(key)
    if t ~= "number" and t ~= "string" or (kind and t ~= kind) then
      fail("invalid-type", "%s() needs keys that are all numbers or all strings, got %s", name, t)
    end
    kind = t
    out[i] = { key = key, value = v }
  end
  return out
end

local function to_text(v)
  if type(v) == "string" then return v end
  return (json.encode(v))
end

local function best(list, better)
  local found = null
  for i = 1, #list do
    if found == null or better(list[i], found) then found = list[i] end
  end
  return found
end

local function best_by(name, better)
  return function(list, expref)
    local found
    for _, item in ipairs(keyed(name, list, expref)) do
      if not found or better(item.key, found.key) then found = item end
    end
    return found and found.value or null
  end
end

local function less(a, b) return a < b end
local function more(a, b) return a > b end

local function total(list)
  local sum = 0
  for i = 1, #list do sum = sum + list[i] end
  return sum
end

define("abs", { "number" }, math.abs)
define("avg", { "array[number]" }, function(list)
  if #list == 0 then return null end
  return total(list) / #list
end)
define("ceil", { "number" }, math.ceil)
define("contains", { "array|string", "any" }, function(where, what)
  if type(where) == "string" then
    return type(what) == "string" and where:find(what, 1, true) ~= nil
  end
  for i = 1, #where do
    if types.equal(where[i], what) then return true end
  end
  return false
end)
define("ends_with", { "string", "string" }, function(s, tail)
  return tail == "" or s:sub(-#tail) == tail
end)
define("floor", { "number" }, math.floor)
define("join", { "string", "array[string]" }, function(glue, list) return table.concat(list, glue) end)
define("keys", { "object" }, function(o) return array(deep.keys(o)) end)
define("length", { "string|array|object" }, function(v)
  if type(v) == "string" then return utf8.len(v) or #v end
  if types.is_array(v) then return #v end
  return #deep.keys(v)
end)
define("map", { "expref", "array" }, function(expref, list)
  local out = {}
  for i = 1, #list do out[i] = expref.run(list[i]) end
  return array(out)
end)
define("max", { "array[number]|array[string]" }, function(list) return best(list, more) end)
define("max_by", { "array", "expref" }, best_by("max_by", more))
define("merge", { "object" }, function(...)
  local out = {}
  for _, o in ipairs { ... } do
    for k, v in next, o do out[k] = v end
  end
  return out
end, true)
define("min", { "array[number]|array[string]" }, function(list) return best(list, less) end)
define("min_by", { "array", "expref" }, best_by("min_by", less))
define("not_null", { "any" }, function(...)
  for i = 1, select("#", ...) do
    local v = (select(i, ...))
    if v ~= null then return v end
  end
  return null
end, true)
define("reverse", { "array|string" }, function(v)
  local out = {}
  if type(v) == "string" then
    for _, c in utf8.codes(v) do table.insert(out, 1, utf8.char(c)) end
    return table.concat(out)
  end
  for i = #v, 1, -1 do out[#out + 1] = v[i] end
  return array(out)
end)
define("sort", { "array[number]|array[string]" }, function(list)
  return array(merge_sort(copy(list), less))
end)
define("sort_by", { "array", "expref" }, function(list, expref)
  local sorted = merge_sort(keyed("sort_by", list, expref), function(a, b) return a.key < b.key end)
  local out = {}
  for i, item in ipairs(sorted) do out[i] = item.value end
  return array(out)
end)
define("starts_with", { "string", "string" }, function(s, head) return s:sub(1, #head) == head end)
define("sum", { "array[number]" }, total)
define("to_array", { "any" }, function(v)
  if types.is_array(v) then return v end
  return array { v }
end)
define("to_number", { "any" }, function(v)
  if type(v) == "number" then return v end
  if type(v) == "string" and v:match("^%-?%d+%.?%d*[eE]?[+-]?%d*$") then
    local n = tonumber(v)
    if not n or n - n ~= 0 then return null end -- 1e999
    return math.tointeger(n) or n
  end
  return null
end)
define("to_string", { "any" }, to_text)
define("type", { "any" }, types.of)
define("values", { "object" }, function(o)
  local out = {}
  for _, v in deep.sorted_pairs(o) do out[#out + 1] = v end
  return array(out)
end)

return functions
