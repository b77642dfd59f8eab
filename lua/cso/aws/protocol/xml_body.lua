--- XML documents: params to text, and parsed nodes to typed output.
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"
local xml = require "cso.std.xml"

local body = {}

local AS_PAIRS = { pairs = true }
local null = json.null
local tointeger = math.tointeger

local marks = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
  ["\r"] = "&#xD;", ["\n"] = "&#xA;" }

local function escape(s)
  return (tostring(s):gsub('[&<>"\r\n]', marks))
end

local writer, reader

local function namespace(S, ref)
  local ns = shape.trait(S, ref, "xmlNamespace")
  if not ns then return "" end
  if type(ns) == "string" then return ' xmlns="' .. escape(ns) .. '"' end
  local name = ns.prefix and ns.prefix ~= "" and "xmlns:" .. ns.prefix or "xmlns"
  return " " .. name .. '="' .. escape(ns.uri) .. '"'
end

local function structure_writer(S, s, ref)
  local plan, attributes = {}, {}
  for _, name in ipairs(shape.names(s)) do
    local member = s.members[name]
    local m = { name = name, ref = member, wire = shape.trait(S, member, "locationName") or name }
    if shape.trait(S, member, "xmlAttribute") then
      attributes[#attributes + 1] = m
    elseif not shape.location(S, member) then
      plan[#plan + 1] = m
    end
  end
  local ns = namespace(S, ref)
  return function(out, name, v)
    local head = "<" .. name .. ns
    for _, m in ipairs(attributes) do
      if v[m.name] ~= nil then
        head = head .. " " .. m.wire .. '="' .. escape(v[m.name]) .. '"'
      end
    end
    out[#out + 1] = head .. ">"
    for i = 1, #plan do
      local m = plan[i]
      local item = v[m.name]
      if item ~= nil and item ~= null then
        local write = m.write
        if not write then
          write = writer(S, m.ref)
          m.write = write
        end
        write(out, m.wire, item)
      end
    end
    out[#out + 1] = "</" .. name .. ">"
  end
end

local function list_writer(S, s, ref)
  local write
  local ns = namespace(S, ref)
  if shape.trait(S, ref, "flattened") then
    return function(out, name, v)
      write = write or writer(S, s.member)
      for i = 1, #v do write(out, name, v[i]) end
    end
  end
  local item_name = shape.trait(S, s.member, "locationName") or "member"
  return function(out, name, v)
    write = write or writer(S, s.member)
    out[#out + 1] = "<" .. name .. ns .. ">"
    for i = 1, #v do write(out, item_name, v[i]) end
    out[#out + 1] = "</" .. name .. ">"
  end
end

local function map_writer(S, s, ref)
  local flat = shape.trait(S, ref, "flattened")
  local key_name = shape.trait(S, s.key, "locationName") or "key"
  local value_name = shape.trait(S, s.value, "locationName") or "value"
  local ns = namespace(S, ref)
  local write_key, write_value
  return function(out, name, v)
    write_key = write_key or writer(S, s.key)
    write_value = write_value or writer(S, s.value)
    local entry = flat and name or "entry"
    if not flat then out[#out + 1] = "<" .. name .. ns .. ">" end
    for _, k in ipairs(deep.keys(v)) do
      out[#out + 1] = "<" .. entry .. ">"
      write_key(out, key_name, k)
      write_value(out, value_name, v[k])
      out[#out + 1] = "</" .. entry .. ">"
    end
    if not flat then out[#out + 1] = "</" .. name .. ">" end
  end
end

local containers = { structure = structure_writer, list = list_writer, map = map_writer }

local function text_of(S, ref, s)
  local kind = s.type
  if kind == "blob" then return hash.base64_encode end
  if kind == "timestamp" then
    local how = shape.trait(S, ref, "timestampFormat") or "iso8601"
    return function(v) return tostring(scalar.time(v, how)) end
  end
  return function(v)
    if type(v) == "number" then return scalar.number(v) end
    return escape(v)
  end
end

function writer(S, ref)
  local s = S:shape(ref.shape)
  local make = containers[s.type]
  if make then
    -- A reference with traits of its own gets a writer of its own, kept by its plan.
    if ref.flattened or ref.xmlNamespace then return make(S, s, ref) end
    local cache = shape.cache(S, "xml write")
    local w = cache[ref.shape]
    if not w then
      w = make(S, s, ref)
      cache[ref.shape] = w
    end
    return w
  end
  local ns, text = namespace(S, ref), text_of(S, ref, s)
  return function(out, name, v)
    out[#out + 1] = "<" .. name .. ns .. ">" .. text(v) .. "</" .. name .. ">"
  end
end

--- Writes a value of a shape as an XML document.
---@param S table
---@param ref table
---@param v any
---@param member string? the payload's member, for a document that is one
---@return string
function body.write(S, ref, v, member)
  local out = {}
  -- The shape's own name is that of the root; a reference that says more than its member's name
  -- outranks it.
  local own, given = S:shape(ref.shape).locationName, ref.locationName
  if member and given and given ~= member then own = given end
  writer(S, ref)(out, own or given or ref.shape, v)
  return table.concat(out)
end

-- The element of a member. That of a flattened list is named by the list's own member in old
-- models and by the structure's member in newer ones: both are understood.
local function wire_names(S, ref, s, default)
  local own = s.type == "list" and not ref.locationName and shape.trait(S, ref, "flattened")
    and shape.trait(S, s.member, "locationName")
  return own or shape.trait(S, ref, "locationName") or default, own and default
end

local function flat_list(S, s, m)
  m.read = reader(S, s.member)
  return function(out, node)
    local list = out[m.name]
    if not list then
      list = json.array {}
      out[m.name] = list
    end
    list[#list + 1] = m.read(node)
  end
end

local function entry_reader(S, s)
  local key_name = shape.trait(S, s.key, "locationName") or "key"
  local value_name = shape.trait(S, s.value, "locationName") or "value"
  local read_key, read_value = reader(S, s.key), nil
  return function(map, node)
    local k, v
    if type(node) == "string" then return end
    for i = 1, #node, 2 do
      local name = node[i]
      if name == key_name then
        k = read_key(node[i + 1])
      elseif name == value_name then
        read_value = read_value or reader(S, s.value)
        v = read_value(node[i + 1])
      end
    end
    if k ~= nil then map[k] = v end
  end
end

local function flat_map(S, s, m)
  local add = entry_reader(S, s)
  return function(out, node)
    local map = out[m.name]
    if not map then
      map = {}
      out[m.name] = map
    end
    add(map, node)
  end
end

local function compile_member(S, m)
  local s = S:shape(m.ref.shape)
  if shape.trait(S, m.ref, "flattened") then
    if s.type == "list" then return flat_list(S, s, m) end
    if s.type == "map" then return flat_map(S, s, m) end
  end
  local read, name = reader(S, m.ref), m.name
  return function(out, node) out[name] = read(node) end
end

local function local_name(name) return name:match("[^:]+$") end

local elsewhere = { header = true, headers = true, statusCode = true }

local function structure_reader(S, s)
  local by_wire, others, attributes = {}, {}, nil
  for name, ref in next, s.members or {} do
    if not elsewhere[shape.location(S, ref)] and not ref.eventheader then
      local target = S:shape(ref.shape)
      local m = { name = name, ref = ref }
      local wire, other = wire_names(S, ref, target, name)
      if shape.trait(S, ref, "xmlAttribute") then
        attributes = attributes or {}
        attributes[local_name(wire)] = name
      end
      -- An old member and its successor may share an element.
      m.also = by_wire[wire]
      by_wire[wire] = m
      if other then others[other] = m end
    end
  end
  for wire, m in next, others do
    if not by_wire[wire] then by_wire[wire] = m end
  end
  local union = s.union
  return function(node)
    local out = {}
    if type(node) == "string" then return out end
    for i = 1, #node, 2 do
      local wire = node[i]
      local m = by_wire[wire]
      if union and not m then out.SDK_UNKNOWN_MEMBER = { name = wire } end
      while m do
        local set = m.set
        if not set then
          set = compile_member(S, m)
          m.set = set
        end
        set(out, node[i + 1])
        m = m.also
      end
    end
    if attributes and node.attrs then
      for k, v in next, node.attrs do
        local name = attributes[local_name(k)]
        if name then out[name] = v end
      end
    end
    return out
  end
end

local function list_reader(S, s)
  local read
  return function(node)
    read = read or reader(S, s.member)
    local out = {}
    if type(node) == "table" then
      for i = 2, #node, 2 do out[i // 2] = read(node[i]) end
    end
    return json.array(out)
  end
end

local function map_reader(S, s)
  local add
  return function(node)
    add = add or entry_reader(S, s)
    local out = {}
    if type(node) == "table" then
      for i = 2, #node, 2 do add(out, node[i]) end
    end
    return out
  end
end

local collections = { structure = structure_reader, list = list_reader, map = map_reader }

-- A leaf is its text; one with attributes is a table that has it.
local function read_text(node)
  if type(node) == "string" then return node end
  return node.text or ""
end

local scalars = {
  boolean = function(node) return read_text(node) == "true" end,
  blob = function(node) return hash.base64_decode(read_text(node)) end,
  timestamp = function(node) return scalar.read_time(read_text(node)) end,
}
local function read_number(node)
  local n = scalar.read_float(read_text(node))
  if not n then error({ malformed = ("expected a number, got %q"):format(read_text(node)) }, 0) end
  return n
end
local function read_whole(node)
  local n = read_number(node)
  return tointeger(n) or n
end
scalars.float, scalars.double, scalars.integer, scalars.long =
  read_number, read_number, read_whole, read_whole

function reader(S, ref)
  local s = S:shape(ref.shape)
  local make = collections[s.type]
  if make then
    local cache = shape.cache(S, "xml read")
    local r = cache[ref.shape]
    if not r then
      r = make(S, s)
      cache[ref.shape] = r
    end
    return r
  end
  return scalars[s.type] or read_text
end

--- A function that turns a parsed node into typed output.
body.reader = reader

--- Parses a document; an empty one is an element without children.
---@param text string?
---@return table? node pairs of names and children, see host.xml
---@return table? err
function body.decode(text)
  if not text or text == "" then return { name = "" } end
  return xml.decode(text, AS_PAIRS)
end

body.content_type = "application/xml"
body.empty = ""

return body
