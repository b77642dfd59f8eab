--- JMESPath: compiles an expression to a closure. Pure; null inside results is `json.null`,
--- a null result is nil.
local err = require "cso.std.err"
local deep = require "cso.std.deep"
local functions = require "cso.std.jmespath.functions"
local json = require "cso.std.json"
local parser = require "cso.std.jmespath.parser"
local types = require "cso.std.jmespath.types"

local jmespath = {}

local null, array = json.null, json.array
local is_array, is_object, truthy = types.is_array, types.is_object, types.truthy
local compile
local make = {}

function make.current() return function(v) return v end end

function make.literal(node)
  local value = node.value
  return function() return value end
end

function make.field(node)
  local name = node.name
  return function(v)
    if type(v) ~= "table" or is_array(v) then return null end
    local item = v[name]
    if item == nil then return null end
    return item
  end
end

function make.index(node)
  local n = node.n
  return function(v)
    if not is_array(v) then return null end
    local item = v[n < 0 and #v + n + 1 or n + 1]
    if item == nil then return null end
    return item
  end
end

function make.sub(node)
  local left, right = compile(node[1]), compile(node[2])
  return function(v)
    local inner = left(v)
    if inner == null then return null end
    return right(inner)
  end
end

-- Unlike a sub-expression, what follows a pipe sees null too.
function make.pipe(node)
  local left, right = compile(node[1]), compile(node[2])
  return function(v) return right(left(v)) end
end

local function bound(n, count, default, low, high)
  if n == nil then return default end
  if n < 0 then n = n + count end
  return math.max(low, math.min(high, n))
end

function make.slice(node)
  local step = node.step or 1
  if step == 0 then
    error({ kind = "invalid-value", message = "the step of a slice must not be 0" }, 0)
  end
  return function(v)
    if not is_array(v) then return null end
    local n, out = #v, {}
    local from, to
    if step > 0 then
      from, to = bound(node.from, n, 0, 0, n), bound(node.to, n, n, 0, n) - 1
    else
      from, to = bound(node.from, n, n - 1, -1, n - 1), bound(node.to, n, -1, -1, n - 1) + 1
    end
    for i = from, to, step do out[#out + 1] = v[i + 1] end
    return array(out)
  end
end

local function project(list, right)
  local out = {}
  for i = 1, #list do
    local item = right(list[i])
    if item ~= null then out[#out + 1] = item end
  end
  return array(out)
end

function make.projection(node)
  local left, right = compile(node.left), compile(node.right)
  return function(v)
    local list = left(v)
    if not is_array(list) then return null end
    return project(list, right)
  end
end

function make.values(node)
  local left, right = compile(node.left), compile(node.right)
  return function(v)
    local o = left(v)
    if not is_object(o) then return null end
    local list = {}
    for _, item in deep.sorted_pairs(o) do list[#list + 1] = item end
    return project(list, right)
  end
end

function make.filter(node)
  local left, right, condition =
    compile(node.left), compile(node.right), compile(node.condition)
  return function(v)
    local list = left(v)
    if not is_array(list) then return null end
    local kept = {}
    for i = 1, #list do
      if truthy(condition(list[i])) then kept[#kept + 1] = list[i] end
    end
    return project(kept, right)
  end
end

function make.flatten(node)
  local inner = compile(node[1])
  return function(v)
    local list = inner(v)
    if not is_array(list) then return null end
    local out = {}
    for i = 1, #list do
      if is_array(list[i]) then
        table.move(list[i], 1, #list[i], #out + 1, out)
      else
        out[#out + 1] = list[i]
      end
    end
    return array(out)
  end
end

function make.multi_list(node)
  local items = {}
  for i, item in ipairs(node.items) do items[i] = compile(item) end
  return function(v)
    if v == null then return null end
    local out = {}
    for i = 1, #items do out[i] = items[i](v) end
    return array(out)
  end
end

function make.multi_hash(node)
  local items = {}
  for i, item in ipairs(node.pairs) do items[i] = { item.key, compile(item.value) } end
  return function(v)
    if v == null then return null end
    local out = {}
    for i = 1, #items do out[items[i][1]] = items[i][2](v) end
    return out
  end
end

make["or"] = function(node)
  local a, b = compile(node[1]), compile(node[2])
  return function(v)
    local x = a(v)
    if truthy(x) then return x end
    return b(v)
  end
end

make["and"] = function(node)
  local a, b = compile(node[1]), compile(node[2])
  return function(v)
    local x = a(v)
    if not truthy(x) then return x end
    return b(v)
  end
end

make["not"] = function(node)
  local a = compile(node[1])
  return function(v) return not truthy(a(v)) end
end

local orders = {
  lt = function(a, b) return a < b end, lte = function(a, b) return a <= b end,
  gt = function(a, b) return a > b end, gte = function(a, b) return a >= b end,
}

function make.compare(node)
  local a, b, op = compile(node[1]), compile(node[2]), node.op
  if op == "eq" then return function(v) return types.equal(a(v), b(v)) end end
  if op == "ne" then return function(v) return not types.equal(a(v), b(v)) end end
  local order = orders[op]
  return function(v)
    local x, y = a(v), b(v)
    if type(x) ~= "number" or type(y) ~= "number" then return null end
    return order(x, y)
  end
end

function make.expref(node)
  local run = compile(node[1])
  return function() return setmetatable({ run = run }, types.expref_mt) end
end

function make.call(node)
  local args = {}
  for i, item in ipairs(node.args) do args[i] = compile(item) end
  return function(v)
    local values = {}
    for i = 1, #args do values[i] = args[i](v) end
    return functions.call(node.name, values)
  end
end

function compile(node) return make[node.kind](node) end

local function failure(text, e)
  if type(e) ~= "table" or not e.kind then error(e, 0) end
  return err.new {
    code = "jmespath", class = "usage", kind = e.kind,
    message = ("%s in the expression %q"):format(e.message, text),
  }
end

local cache = setmetatable({}, { __mode = "v" })

--- Compiles an expression to a function of the data. The function returns nil for null, or
--- nil and an error.
---@param text string
---@return (fun(data: any): any, cso.Err?)? fn
---@return cso.Err? err
function jmespath.compile(text)
  if cache[text] then return cache[text] end
  local ok, run = pcall(function() return compile(parser(text)) end)
  if not ok then return nil, failure(text, run) end
  local function fn(data)
    if data == nil then data = null end
    local good, v = pcall(run, data)
    if not good then return nil, failure(text, v) end
    if v == null then return nil end
    return v
  end
  cache[text] = fn
  return fn
end

--- Evaluates an expression.
---@param text string
---@param data any
---@return any value nil for null
---@return cso.Err? err `kind` is syntax, unknown-function, invalid-arity, invalid-type or invalid-value
function jmespath.search(text, data)
  local fn, e = jmespath.compile(text)
  if not fn then return nil, e end
  return fn(data)
end

return jmespath
