--- Writers: an operation's output (the model's names, plain Lua values) → wire form.
--- Members that the model does not know are left out, so handlers may answer with stored rows.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local text = require "sim.protocol.text"

local write = {}

-- Compiled writers per catalogue service; gone when the service is.
local caches = setmetatable({}, { __mode = "k" })

local function stamp_format(ref, shape, default)
  return ref.timestampFormat or shape.timestampFormat or default
end

local function sorted_members(S, shape)
  local list = {}
  for name, ref in next, shape.members or {} do
    list[#list + 1] = { name = name, ref = ref, shape = S:shape(ref.shape) }
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end
write.members = sorted_members

local function cached(S, key, make)
  local cache = caches[S]
  if not cache then
    cache = {}
    caches[S] = cache
  end
  local made = cache[key]
  if not made then
    made = make()
    cache[key] = made
  end
  return made
end

-- JSON (and cbor, where blobs and timestamps have types of their own) ------------------------

local json_compile

local function json_make(S, ref, form)
  local shape = S:shape(ref.shape)
  local kind = shape.type
  if shape.document then return function(v) return v end end
  if kind == "structure" then
    local members
    return function(v)
      members = members or sorted_members(S, shape)
      local out = {}
      for i = 1, #members do
        local m = members[i]
        local c = v[m.name]
        if c ~= nil then
          local w = m.write
          if not w then
            w = json_compile(S, m.ref, form)
            m.write = w
          end
          out[m.ref.locationName or m.name] = w(c)
        end
      end
      return out
    end
  elseif kind == "list" then
    local item
    return function(v)
      item = item or json_compile(S, shape.member, form)
      local out = {}
      for i = 1, #v do out[i] = item(v[i]) end
      return json.array(out)
    end
  elseif kind == "map" then
    local value
    return function(v)
      value = value or json_compile(S, shape.value, form)
      local out = {}
      for k, e in next, v do out[k] = value(e) end
      return out
    end
  elseif kind == "timestamp" then
    if form == "cbor" then return function(v) return { cbor_time = v } end end
    local format = stamp_format(ref, shape, "unixTimestamp")
    return function(v) return text.stamp(v, format) end
  elseif kind == "blob" then
    if form == "cbor" then return function(v) return { cbor_bytes = v } end end
    return function(v) return hash.base64_encode(v) end
  elseif kind == "float" or kind == "double" then
    return function(v) return v + 0.0 end
  end
  return function(v) return v end
end

function json_compile(S, ref, form)
  return cached(S, form .. ":" .. ref.shape .. ":" .. (ref.timestampFormat or ""), function()
    return json_make(S, ref, form)
  end)
end

--- A writer from a value of the shape to a table ready for the JSON (or cbor) encoder.
---@param S table catalogue service
---@param ref table shape reference { shape = name }
---@param form "json"|"cbor"
---@return fun(v:any):any
write.json = json_compile

-- XML -----------------------------------------------------------------------------------------

local xml_compile

-- A writer is w(out, n, v, open, close): it appends to the list `out`, which holds n strings, and
-- returns the new n. Tags arrive ready made, so that writing makes no strings but the values'.

local function scalar_text(ref, shape)
  local kind = shape.type
  if kind == "timestamp" then
    local format = stamp_format(ref, shape, "iso8601")
    return function(v) return tostring(text.stamp(v, format)) end
  elseif kind == "blob" then
    return function(v) return hash.base64_encode(v) end
  elseif kind == "string" or kind == "character" then
    local escape = text.xml
    return function(v) return escape(tostring(v)) end
  end
  return tostring
end

local function tags(wire) return "<" .. wire .. ">", "</" .. wire .. ">" end

-- The members of a structure with their tags, attributes apart.
local function xml_members(S, shape)
  local members, attributes = {}, {}
  for _, m in ipairs(sorted_members(S, shape)) do
    m.wire = m.ref.locationName or m.name
    if m.shape.flattened and not m.ref.locationName and m.shape.member and m.shape.member.locationName then
      m.wire = m.shape.member.locationName
    end
    m.open, m.close = tags(m.wire)
    local into = m.ref.xmlAttribute and attributes or members
    into[#into + 1] = m
  end
  return members, attributes
end

local function xml_structure(S, ref, shape)
  local members, attributes
  local ns = ref.xmlNamespace or shape.xmlNamespace
  local prefix = type(ns) == "table" and ns.prefix and " xmlns:" .. ns.prefix .. '="' .. ns.uri .. '"'
  return function(out, n, v, open, close)
    if not members then members, attributes = xml_members(S, shape) end
    if prefix or attributes[1] then
      open = open:sub(1, -2) .. (prefix or "")
      for _, m in ipairs(attributes) do
        if v[m.name] then open = open .. " " .. m.wire .. '="' .. text.xml(v[m.name]) .. '"' end
      end
      open = open .. ">"
    end
    n = n + 1
    out[n] = open
    for i = 1, #members do
      local m = members[i]
      local c = v[m.name]
      if c ~= nil then
        local w = m.write
        if not w then
          w = xml_compile(S, m.ref)
          m.write = w
        end
        n = w(out, n, c, m.open, m.close)
      end
    end
    n = n + 1
    out[n] = close
    return n
  end
end

local function xml_list(S, shape)
  local item
  local inner_open, inner_close = tags(shape.member.locationName or "member")
  local flat = shape.flattened
  return function(out, n, v, open, close)
    item = item or xml_compile(S, shape.member)
    if flat then
      for i = 1, #v do n = item(out, n, v[i], open, close) end
      return n
    end
    n = n + 1
    out[n] = open
    for i = 1, #v do n = item(out, n, v[i], inner_open, inner_close) end
    n = n + 1
    out[n] = close
    return n
  end
end

local function xml_map(S, shape)
  local key, value
  local key_open, key_close = tags(shape.key.locationName or "key")
  local value_open, value_close = tags(shape.value.locationName or "value")
  return function(out, n, v, open, close)
    key = key or xml_compile(S, shape.key)
    value = value or xml_compile(S, shape.value)
    local names = {}
    for k in next, v do names[#names + 1] = k end
    table.sort(names)
    local entry_open, entry_close = "<entry>", "</entry>"
    if shape.flattened then
      entry_open, entry_close = open, close
    else
      n = n + 1
      out[n] = open
    end
    for _, k in ipairs(names) do
      n = n + 1
      out[n] = entry_open
      n = key(out, n, k, key_open, key_close)
      n = value(out, n, v[k], value_open, value_close) + 1
      out[n] = entry_close
    end
    if not shape.flattened then
      n = n + 1
      out[n] = close
    end
    return n
  end
end

local function xml_make(S, ref)
  local shape = S:shape(ref.shape)
  local kind = shape.type
  if kind == "structure" then return xml_structure(S, ref, shape) end
  if kind == "list" then return xml_list(S, shape) end
  if kind == "map" then return xml_map(S, shape) end
  local as_text = scalar_text(ref, shape)
  return function(out, n, v, open, close)
    out[n + 1], out[n + 2], out[n + 3] = open, as_text(v), close
    return n + 3
  end
end

function xml_compile(S, ref)
  local ns = ref.xmlNamespace
  return cached(S, "xml:" .. ref.shape .. ":" .. (ref.timestampFormat or "") .. (type(ns) == "table" and ns.uri or ""),
    function() return xml_make(S, ref) end)
end

--- Appends the XML of a value to a list of strings, as the element `wire`.
---@param S table catalogue service
---@param ref table shape reference
---@return fun(out:string[], v:any, wire:string)
function write.xml(S, ref)
  local w = xml_compile(S, ref)
  return function(out, v, wire) w(out, #out, v, tags(wire)) end
end

--- The writer itself, for callers that have the tags: w(out, n, v, open, close) → n.
write.xml_raw = xml_compile

--- One scalar as header or URI text.
---@param ref table
---@param shape table
---@param v any
---@return string
function write.header(ref, shape, v)
  if shape.type == "timestamp" then return tostring(text.stamp(v, stamp_format(ref, shape, "rfc822"))) end
  if shape.type == "blob" then return hash.base64_encode(v) end
  if shape.type == "list" then
    local list = {}
    for i, item in ipairs(v) do list[i] = tostring(item) end
    return table.concat(list, ", ")
  end
  return tostring(v)
end

return write
