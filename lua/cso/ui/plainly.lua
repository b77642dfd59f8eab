--- Any tree as plain data that may be shown: secrets, unknowns and refs become their words,
--- errors plain tables, text that is no UTF-8 its size. Nothing secret comes through here.
local json = require "cso.std.json"
local value = require "cso.std.value"

local plainly

local SECRET, UNKNOWN = "(sensitive)", "(known after apply)"
local MAX_DEPTH = 60

local function of_error(e)
  local out = {}
  for _, key in ipairs { "code", "message", "class", "where", "hint", "service", "operation",
    "status", "request_id" } do
    local v = e[key]
    if type(v) == "string" or type(v) == "number" then out[key] = v end
  end
  if type(e.cause) == "table" then out.cause = of_error(e.cause) end
  return out
end

local function of_table(t, depth)
  if value.is_secret(t) then return SECRET end
  if value.is_unknown(t) or value.is_ref(t) then return UNKNOWN end
  if rawget(t, "class") and rawget(t, "message") then return of_error(t) end
  if depth > MAX_DEPTH then return "(too deep)" end
  local out = {}
  if rawlen(t) > 0 or getmetatable(t) == json.array_mt then
    for i = 1, rawlen(t) do out[i] = plainly(rawget(t, i), depth + 1) end
    return json.array(out)
  end
  for k, v in next, t do
    out[tostring(k)] = plainly(v, depth + 1)
  end
  return out
end

--- A copy of a tree that may be shown and encoded.
---@param v any
---@param depth integer?
---@return any
plainly = function(v, depth)
  local kind = type(v)
  if kind == "table" then return of_table(v, depth or 0) end
  if kind == "string" then
    return utf8.len(v) and v or ("(%d bytes of binary data)"):format(#v)
  end
  if kind == "number" then return v == v and v ~= math.huge and v ~= -math.huge and v or tostring(v) end
  if kind == "boolean" or v == nil or v == json.null then return v end
  return ("(%s)"):format(kind)
end

return plainly
