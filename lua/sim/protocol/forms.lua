--- The forms in which values travel: "tree" forms of the query protocols (strings under dotted
--- names), json and cbor values, XML elements. Each says how to get at its parts; `sim.protocol.read`
--- walks shapes with them.
local check = require "sim.check"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local text = require "sim.protocol.text"

local forms = {}

--- Notes that a value has the wrong type.
---@param problems sim.Problem[]
---@param path string
---@param v any
---@param want string what it should be
local function bad(problems, path, v, want) check.problem(problems, "type", path, v, want) end
forms.bad = bad

local whole = { integer = true, long = true, byte = true, short = true, bigInteger = true }
local fraction = { float = true, double = true, bigDecimal = true }

-- From a JSON value.
local function json_scalar(kind, as_is)
  if kind == "string" or kind == "character" then
    return function(v, path, problems)
      if type(v) == "string" then return v end
      bad(problems, path, v, "string")
    end
  elseif whole[kind] then
    return function(v, path, problems)
      local n = type(v) == "number" and math.tointeger(v)
      if n then return n end
      bad(problems, path, v, "integer")
    end
  elseif fraction[kind] then
    return function(v, path, problems)
      if type(v) == "number" then return v end
      bad(problems, path, v, "number")
    end
  elseif kind == "boolean" then
    return function(v, path, problems)
      if type(v) == "boolean" then return v end
      bad(problems, path, v, "boolean")
    end
  elseif kind == "timestamp" then
    return function(v, path, problems)
      local t = (type(v) == "number" or type(v) == "string") and text.time(v)
      if t then return t end
      bad(problems, path, v, "timestamp")
    end
  elseif kind == "blob" then
    return function(v, path, problems)
      if type(v) ~= "string" then return bad(problems, path, v, "blob") end
      if as_is then return v end
      local raw = hash.base64_decode(v)
      if raw then return raw end
      bad(problems, path, v, "base64 text")
    end
  end
  return function(v) return v end
end

--- Reads one scalar from text (query values, headers, XML text).
---@param kind string botocore type
---@return fun(v:string, path:string, problems:table):any
function forms.text_scalar(kind)
  if whole[kind] then
    return function(v, path, problems)
      local n = v:match("^%s*[+-]?%d+%s*$") and math.tointeger(tonumber(v))
      if n then return n end
      bad(problems, path, v, "integer")
    end
  elseif fraction[kind] then
    return function(v, path, problems)
      local n = tonumber(v)
      if n then return n end
      bad(problems, path, v, "number")
    end
  elseif kind == "boolean" then
    return function(v, path, problems)
      local low = v:lower()
      if low == "true" or low == "1" then return true end
      if low == "false" or low == "0" then return false end
      bad(problems, path, v, "boolean")
    end
  elseif kind == "timestamp" then
    return function(v, path, problems)
      local t = text.time(v)
      if t then return t end
      bad(problems, path, v, "timestamp")
    end
  elseif kind == "blob" then
    return function(v, path, problems)
      local raw = hash.base64_decode(v)
      if raw then return raw end
      bad(problems, path, v, "base64 text")
    end
  end
  return function(v) return v end
end

-- How each form gets at the parts of what came in: `name` of a member on the wire, `child` under
-- it, whether a value is a `structure`, the `items` of a list, the `entries` of a map (nil when it
-- is none), the first `unknown` member, and the reader of a `scalar`.

forms.json = {
  name = function(name, ref) return ref.locationName or name end,
  scalar = function(kind) return json_scalar(kind) end,
  structure = function(v) return type(v) == "table" and getmetatable(v) ~= json.array_mt end,
  child = function(v, wire)
    local c = v[wire]
    if c == json.null then return nil end
    return c
  end,
  unknown = function(v, known)
    for k in next, v do if not known[k] and k ~= "__type" then return k end end
  end,
  items = function(v) return type(v) == "table" and (getmetatable(v) == json.array_mt or #v > 0) and v or nil end,
  entries = function(v)
    if type(v) ~= "table" or getmetatable(v) == json.array_mt then return nil end
    return v
  end,
}
forms.cbor = setmetatable({ scalar = function(kind) return json_scalar(kind, true) end }, { __index = forms.json })

local function numbered(v)
  local list, n = {}, 0
  for k, item in next, v do
    local i = math.tointeger(tonumber(k))
    if not i then return nil end
    n = n + 1
    list[n] = { i, item }
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  for i = 1, n do list[i] = list[i][2] end
  return list
end

forms.query = {
  name = function(name, ref) return ref.locationName or name end,
  scalar = function(kind)
    local from = forms.text_scalar(kind)
    return function(v, path, problems)
      if type(v) ~= "string" then return bad(problems, path, v, kind) end
      return from(v, path, problems)
    end
  end,
  structure = function(v) return type(v) == "table" end,
  child = function(v, wire) return v[wire] end,
  unknown = function(v, known) for k in next, v do if not known[k] then return k end end end,
  items = function(v, shape)
    if v == "" then return {} end
    if type(v) ~= "table" then return nil end
    if not shape.flattened then
      v = v[shape.member.locationName or "member"] or v.member
      if type(v) ~= "table" then return nil end
    end
    return numbered(v)
  end,
  entries = function(v, shape)
    if type(v) ~= "table" then return nil end
    if not shape.flattened then v = v.entry end
    local list = type(v) == "table" and numbered(v)
    if not list then return nil end
    local out = {}
    for _, e in ipairs(list) do
      local k = type(e) == "table" and e[shape.key.locationName or "key"]
      if not k then return nil end
      out[k] = e[shape.value.locationName or "value"] or ""
    end
    return out
  end,
}

forms.ec2 = setmetatable({
  name = function(name, ref)
    if ref.queryName then return ref.queryName end
    local wire = ref.locationName or name
    return wire:sub(1, 1):upper() .. wire:sub(2)
  end,
  items = function(v)
    if v == "" then return {} end
    return type(v) == "table" and numbered(v) or nil
  end,
}, { __index = forms.query })

forms.xml = {
  name = function(name, ref) return ref.locationName or name end,
  scalar = function(kind)
    local from = forms.text_scalar(kind)
    return function(v, path, problems) return from(type(v) == "string" and v or v.text or "", path, problems) end
  end,
  structure = function(v) return type(v) == "table" end,
  child = function(v, wire, ref, shape)
    if ref.xmlAttribute then
      return v.attrs and (v.attrs[wire] or v.attrs[wire:match(":(.+)$") or wire])
    end
    if shape.flattened then
      local name, list = shape.member and shape.member.locationName or wire, {}
      if ref.locationName then name = wire end
      for _, n in ipairs(v) do if n.name == name then list[#list + 1] = n end end
      return #list > 0 and list or nil
    end
    for _, n in ipairs(v) do if n.name == wire then return n end end
  end,
  unknown = function(v, known)
    for _, n in ipairs(v) do if not known[n.name] then return n.name end end
  end,
  items = function(v, shape)
    local list, name = {}, shape.member.locationName or "member"
    for _, n in ipairs(v) do
      if not shape.flattened and n.name ~= name then return nil end
      list[#list + 1] = n
    end
    return list
  end,
  entries = function(v, shape)
    local out = {}
    for _, e in ipairs(v) do
      local k, val
      for _, n in ipairs(e) do
        if n.name == (shape.key.locationName or "key") then k = n.text or "" else val = n end
      end
      if k then out[k] = val end
    end
    return out
  end,
}

return forms
