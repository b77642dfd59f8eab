--- Readers: what came over the wire → the operation's input with the model's names and types.
--- A reader is compiled once per shape and wire form, so that a request costs closures only.
--- The forms are those of `sim.protocol.forms`.
local check = require "sim.check"
local forms = require "sim.protocol.forms"
local json = require "cso.std.json"

local read = {}

-- Compiled readers per catalogue service; gone when the service is.
local caches = setmetatable({}, { __mode = "k" })

read.text_scalar = forms.text_scalar

local bad = forms.bad

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
