--- Readers: what came over the wire → the operation's input with the model's names and types.
--- A reader is compiled once per shape and wire form, so that a request costs closures only.
--- Forms: "tree" (query and ec2: a tree of strings), "json" (also cbor), "xml" (element nodes).
local check = require "sim.check"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local text = require "sim.protocol.text"

local read = {}

-- Compiled readers per catalogue service; gone when the service is.
local caches = setmetatable({}, { __mode = "k" })

local function bad(problems, path, v, want) check.problem(problems, "type", path, v, want) end

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
function read.text_scalar(kind)
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

-- How each form gets at parts of what came in.
-- member(name, ref, family): wire name; items(v, ref, shape): list of item values; and so on.
local forms = {}

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
    local from = read.text_scalar(kind)
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
    local from = read.text_scalar(kind)
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

local compile

local function structure(S, shape, form, skip)
  local f, members, known = forms[form], {}, {}
  for name, ref in next, shape.members or {} do
    if not (skip and skip[name]) then
      local target = S:shape(ref.shape)
      local wire = f.name(name, ref)
      local at = wire
      if target.flattened and form ~= "xml" and form ~= "ec2" and target.member and target.member.locationName then
        at = target.member.locationName
      end
      local listed = form == "xml" and target.flattened and not ref.locationName and target.member
        and target.member.locationName
      known[listed or at] = true
      members[#members + 1] = { name = name, wire = at, ref = ref, shape = target }
    end
  end
  table.sort(members, function(a, b) return a.name < b.name end)
  local required = {}
  for _, name in ipairs(shape.required or {}) do
    if not (skip and skip[name]) then required[#required + 1] = name end
  end
  return function(v, path, problems)
    if not f.structure(v) then
      if v == "" then v = {} else return bad(problems, path, v, "structure") end
    end
    local out = {}
    local prefix = path == "" and "" or path .. "."
    for i = 1, #members do
      local m = members[i]
      local c = f.child(v, m.wire, m.ref, m.shape)
      if c ~= nil then
        local r = m.read
        if not r then
          r = compile(S, m.ref.shape, form)
          m.read = r
        end
        out[m.name] = r(c, prefix .. m.name, problems)
      end
    end
    local stray = f.unknown(v, known)
    if stray then check.problem(problems, "unknown", prefix .. tostring(stray), nil) end
    for i = 1, #required do
      local name = required[i]
      if out[name] == nil and not problems[1] then check.problem(problems, "missing", prefix .. name) end
    end
    return out
  end
end

local function list(S, shape, form)
  local f, item, limits = forms[form], nil, check.compile(shape)
  return function(v, path, problems)
    local items = f.items(v, shape)
    if not items then
      if type(v) == "table" and next(v) == nil then items = {} else return bad(problems, path, v, "list") end
    end
    item = item or compile(S, shape.member.shape, form)
    local out = {}
    for i = 1, #items do
      if items[i] == json.null then bad(problems, path .. "[" .. i .. "]", nil, "value") else
        out[i] = item(items[i], path .. "[" .. i .. "]", problems)
      end
    end
    if limits then limits(out, path, problems) end
    return out
  end
end

local function map(S, shape, form)
  local f, value, limits = forms[form], nil, check.compile(shape)
  local key_check = check.compile(S:shape(shape.key.shape))
  return function(v, path, problems)
    local entries = f.entries(v, shape)
    if not entries then return bad(problems, path, v, "map") end
    value = value or compile(S, shape.value.shape, form)
    local out = {}
    for k, e in next, entries do
      if type(k) ~= "string" then return bad(problems, path, v, "map") end
      if key_check then key_check(k, path .. ".key", problems) end
      if e ~= json.null then out[k] = value(e, path .. "." .. k, problems) end
    end
    if limits then limits(out, path, problems) end
    return out
  end
end

function compile(S, name, form)
  local cache = caches[S]
  if not cache then
    cache = {}
    caches[S] = cache
  end
  local key = form .. ":" .. name
  local made = cache[key]
  if made then return made end
  local shape = S:shape(name)
  if shape.document then
    made = function(v) return v end
  elseif shape.type == "structure" then
    made = structure(S, shape, form)
  elseif shape.type == "list" then
    made = list(S, shape, form)
  elseif shape.type == "map" then
    made = map(S, shape, form)
  else
    local scalar, limits = forms[form].scalar(shape.type), check.compile(shape)
    if limits then
      made = function(v, path, problems)
        local got = scalar(v, path, problems)
        if got ~= nil then limits(got, path, problems) end
        return got
      end
    else
      made = scalar
    end
  end
  cache[key] = made
  return made
end

--- The reader of a shape in one wire form.
---@param S table catalogue service
---@param name string shape name
---@param form "json"|"cbor"|"query"|"ec2"|"xml"
---@return fun(v:any, path:string, problems:sim.Problem[]):any
read.compile = compile

--- A reader for the body members of a structure only (REST: the rest travels elsewhere).
---@param skip table<string,boolean>
function read.body(S, shape, form, skip) return structure(S, shape, form, skip) end

return read
