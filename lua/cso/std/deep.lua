--- Operations on whole trees of plain tables.
local deep = {}

--- Copies a tree. Tables with a metatable that is not an array mark are shared, not copied:
--- they are values of their own (refs, secrets).
---@param v any
---@return any
function deep.copy(v)
  if type(v) ~= "table" then return v end
  local mt = getmetatable(v)
  if mt and not mt.__cso_plain then return v end
  local out = {}
  for k, item in next, v do out[k] = deep.copy(item) end
  return setmetatable(out, mt)
end

--- Structural equality; integers and floats of the same value are equal.
---@param a any
---@param b any
---@return boolean
function deep.equal(a, b)
  if rawequal(a, b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  local mt = getmetatable(a)
  if mt and mt.__eq then return a == b end
  for k, v in next, a do
    if not deep.equal(v, rawget(b, k)) then return false end
  end
  for k in next, b do
    if rawget(a, k) == nil then return false end
  end
  return true
end

--- Whether two lists of texts or numbers are the same.
---@type fun(a: any[], b: any[]): boolean
deep.equal_lists = require("host.plain").alike

--- Sorts a list of texts, or of numbers, in place. Most lists are in order when they come; a sort would
--- not notice.
---@param list any[]
---@return any[] list
function deep.sort(list)
  for i = 2, #list do
    if list[i] < list[i - 1] then
      table.sort(list)
      break
    end
  end
  return list
end

local function before(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then return ta == "number" end
  return a < b
end

--- The keys of a table in a stable order: numbers first, then strings.
---@param t table
---@return any[]
function deep.keys(t)
  local keys, n, strings = {}, 0, true
  for k in next, t do
    n = n + 1
    keys[n] = k
    strings = strings and type(k) == "string"
  end
  -- Without a function of ours the sort does not leave C.
  if n > 1 then
    if strings then table.sort(keys) else table.sort(keys, before) end
  end
  return keys
end

--- Iterates over a table in the order of `deep.keys`.
---@param t table
---@return fun(): any, any
function deep.sorted_pairs(t)
  local keys, i = deep.keys(t), 0
  return function()
    i = i + 1
    local k = keys[i]
    if k ~= nil then return k, t[k] end
  end
end

--- Merges `over` onto a copy of `base`: maps merge key by key, everything else replaces.
---@param base any
---@param over any
---@return any
function deep.merge(base, over)
  if type(base) ~= "table" or type(over) ~= "table" or #over > 0 or #base > 0 then
    return deep.copy(over)
  end
  local out = deep.copy(base)
  for k, v in next, over do
    if out[k] == nil then out[k] = deep.copy(v) else out[k] = deep.merge(out[k], v) end
  end
  return out
end

--- The value under a dotted path ("Endpoint.Address"), or nil.
---@param t any
---@param path string
---@return any
function deep.get(t, path)
  for key in path:gmatch("[^.]+") do
    if type(t) ~= "table" then return nil end
    local v = t[key]
    if v == nil then v = t[math.tointeger(key)] end
    t = v
  end
  return t
end

--- Sets the value under a dotted path, making tables on the way.
---@param t table
---@param path string
---@param v any
function deep.set(t, path, v)
  local last
  for key in path:gmatch("[^.]+") do
    if last then
      if type(t[last]) ~= "table" then t[last] = {} end
      t = t[last]
    end
    last = key
  end
  t[last] = v
end

--- The items of a list as the keys of a set.
---@param list any[]?
---@return table<any, true>
function deep.index(list)
  local set = {}
  for _, item in ipairs(list or {}) do set[item] = true end
  return set
end

--- True when a list holds an item.
---@param list any[]?
---@param item any
---@return boolean
function deep.contains(list, item)
  for _, v in ipairs(list or {}) do
    if v == item then return true end
  end
  return false
end

return deep
