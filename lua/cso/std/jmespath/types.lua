--- The types of JSON as JMESPath sees them. Null is `json.null`; a table is an array when it
--- is marked as one or holds a sequence.
local json = require "cso.std.json"

local types = {}
local null = json.null

---@param v any
---@return boolean
function types.is_array(v)
  return type(v) == "table" and (getmetatable(v) == json.array_mt or v[1] ~= nil)
end

---@param v any
---@return boolean
function types.is_object(v)
  return type(v) == "table" and not types.is_array(v)
end

--- A function given as an argument (`&expr`) is marked so that it is no JSON value.
types.expref_mt = {}

---@param v any
---@return string
function types.of(v)
  if v == nil or v == null then return "null" end
  local t = type(v)
  if t ~= "table" then return t end
  if getmetatable(v) == types.expref_mt then return "expref" end
  return types.is_array(v) and "array" or "object"
end

---@param v any
---@return boolean
function types.truthy(v)
  if v == nil or v == null or v == false or v == "" then return false end
  if type(v) == "table" then return next(v) ~= nil end
  return true
end

---@param a any
---@param b any
---@return boolean
function types.equal(a, b)
  if rawequal(a, b) then return true end
  local ta = types.of(a)
  if ta ~= types.of(b) then return false end
  if ta == "array" then
    if #a ~= #b then return false end
    for i = 1, #a do
      if not types.equal(a[i], b[i]) then return false end
    end
    return true
  elseif ta == "object" then
    for k, v in next, a do
      if not types.equal(v, b[k]) then return false end
    end
    for k in next, b do
      if a[k] == nil then return false end
    end
    return true
  end
  return a == b
end

return types
