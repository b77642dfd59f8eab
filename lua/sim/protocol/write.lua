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

local function scalar_text(ref, shape)
  local kind = shape.type
  if kind == "timestamp" then
    local format = stamp_format(ref, shape, "iso8601")
    return function(v) return tostring(text.stamp(v, format)) end
  elseif kind == "blob" then
    return function(v) return hash.base64_encode(v) end
  elseif kind == "string" or kind == "character" then
    return function(v) return text.xml(tostring(v)) end
  end
  return function(v) return tostring(v) end
end

-- w(out, v, wire): appends the element(s) for v under the element name `wire`.
local function xml_make(S, ref)
  local shape = S:shape(ref.shape)
  local kind = shape.type
  if kind == "structure" then
    local members, attributes
    return function(out, v, wire)
      if not members then
        members, attributes = {}, {}
        for _, m in ipairs(sorted_members(S, shape)) do
          m.wire = m.ref.locationName or m.name
          if m.shape.flattened and not m.ref.locationName and m.shape.member and m.shape.member.locationName then
            m.wire = m.shape.member.locationName
          end
          local into = m.ref.xmlAttribute and attributes or members
          into[#into + 1] = m
        end
      end
      local ns = ref.xmlNamespace or shape.xmlNamespace
      local open = "<" .. wire
      if type(ns) == "table" and ns.prefix then
        open = open .. " xmlns:" .. ns.prefix .. '="' .. ns.uri .. '"'
      end
      for _, m in ipairs(attributes) do
        if v[m.name] then open = open .. " " .. m.wire .. '="' .. text.xml(v[m.name]) .. '"' end
      end
      out[#out + 1] = open .. ">"
      for i = 1, #members do
        local m = members[i]
        local c = v[m.name]
        if c ~= nil then
          local w = m.write
          if not w then
            w = xml_compile(S, m.ref)
            m.write = w
          end
          w(out, c, m.wire)
        end
      end
      out[#out + 1] = "</" .. wire .. ">"
    end
  elseif kind == "list" then
    local item
    local inner = shape.member.locationName or "member"
    if shape.flattened then
      return function(out, v, wire)
        item = item or xml_compile(S, shape.member)
        for i = 1, #v do item(out, v[i], wire) end
      end
    end
    return function(out, v, wire)
      item = item or xml_compile(S, shape.member)
      out[#out + 1] = "<" .. wire .. ">"
      for i = 1, #v do item(out, v[i], inner) end
      out[#out + 1] = "</" .. wire .. ">"
    end
  elseif kind == "map" then
    local key, value
    local k_wire, v_wire = shape.key.locationName or "key", shape.value.locationName or "value"
    return function(out, v, wire)
      key = key or xml_compile(S, shape.key)
      value = value or xml_compile(S, shape.value)
      local names = {}
      for k in next, v do names[#names + 1] = k end
      table.sort(names)
      local entry = shape.flattened and wire or "entry"
      if not shape.flattened then out[#out + 1] = "<" .. wire .. ">" end
      for _, k in ipairs(names) do
        out[#out + 1] = "<" .. entry .. ">"
        key(out, k, k_wire)
        value(out, v[k], v_wire)
        out[#out + 1] = "</" .. entry .. ">"
      end
      if not shape.flattened then out[#out + 1] = "</" .. wire .. ">" end
    end
  end
  local as_text = scalar_text(ref, shape)
  return function(out, v, wire)
    out[#out + 1] = "<" .. wire .. ">" .. as_text(v) .. "</" .. wire .. ">"
  end
end

function xml_compile(S, ref)
  local ns = ref.xmlNamespace
  return cached(S, "xml:" .. ref.shape .. ":" .. (ref.timestampFormat or "") .. (type(ns) == "table" and ns.uri or ""),
    function() return xml_make(S, ref) end)
end

--- A writer that appends the XML of a value to a list of strings: w(out, value, element_name).
---@param S table catalogue service
---@param ref table shape reference
---@return fun(out:string[], v:any, wire:string)
write.xml = xml_compile

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
