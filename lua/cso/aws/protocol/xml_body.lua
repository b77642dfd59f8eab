--- XML documents: params to text, and parsed nodes to typed output.
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"
local shapes = require "cso.std.shapes"
local xml = require "cso.std.xml"

local body = {}

local null = json.null

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

-- The name on a structure is that of a document's root; a member is called by its own or by that
-- of its list.
local function wire_name(S, ref, default)
  if ref.locationName then return ref.locationName end
  local target = S:shape(ref.shape)
  return target.type ~= "structure" and target.locationName or default
end

local function structure_writer(S, s, ref)
  local plan, attributes = {}, {}
  for _, name in ipairs(shape.names(s)) do
    local member = s.members[name]
    local m = { name = name, ref = member, wire = wire_name(S, member, name) }
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

-- What sparse lists and maps lack is an element that holds nothing.
local function write_item(write, out, name, v)
  if v == null then out[#out + 1] = "<" .. name .. "/>" else write(out, name, v) end
end

local function list_writer(S, s, ref)
  local write
  local ns = namespace(S, ref)
  if shape.trait(S, ref, "flattened") then
    return function(out, name, v)
      write = write or writer(S, s.member)
      for i = 1, #v do write_item(write, out, name, v[i]) end
    end
  end
  local item_name = wire_name(S, s.member, "member")
  return function(out, name, v)
    write = write or writer(S, s.member)
    out[#out + 1] = "<" .. name .. ns .. ">"
    for i = 1, #v do write_item(write, out, item_name, v[i]) end
    out[#out + 1] = "</" .. name .. ">"
  end
end

local function map_writer(S, s, ref)
  local flat = shape.trait(S, ref, "flattened")
  local key_name, value_name = wire_name(S, s.key, "key"), wire_name(S, s.value, "value")
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
      write_item(write_value, out, value_name, v[k])
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
    and wire_name(S, s.member)
  return own or wire_name(S, ref, default), own and default
end

local function local_name(name) return name:match("[^:]+$") end

local elsewhere = { header = true, headers = true, statusCode = true }

local function structure_reader(S, s)
  local edges, refs, others, attributes = {}, {}, {}, nil
  local taken = {}
  local function add(wire, name, ref, flat)
    edges[#edges + 1], refs[#refs + 1] = { wire, name, flat }, ref
    taken[wire] = true
  end
  for name, ref in next, s.members or {} do
    if not elsewhere[shape.location(S, ref)] and not ref.eventheader then
      local target = S:shape(ref.shape)
      local wire, other = wire_names(S, ref, target, name)
      local flat = (target.type == "list" or target.type == "map")
        and shape.trait(S, ref, "flattened") or false
      if shape.trait(S, ref, "xmlAttribute") then
        attributes = attributes or {}
        attributes[local_name(wire)] = name
      end
      -- An old member and its successor may share an element.
      add(wire, name, ref, flat)
      if other then others[other] = { name, ref, flat } end
    end
  end
  for wire, m in next, others do
    if not taken[wire] then add(wire, table.unpack(m)) end
  end
  return shapes.structure {
    edges = edges, attributes = attributes, union = s.union and true or false,
    grow = function(i) return reader(S, refs[i]) end,
  }
end

local function list_reader(S, s)
  return shapes.list { grow = function() return reader(S, s.member) end }
end

local function map_reader(S, s)
  return shapes.map {
    key = wire_name(S, s.key, "key"), value = wire_name(S, s.value, "value"),
    grow = function(i) return reader(S, i == 1 and s.key or s.value) end,
  }
end

local collections = { structure = structure_reader, list = list_reader, map = map_reader }

local text = shapes.leaf "text"
local leaves = {
  boolean = shapes.leaf "boolean",
  byte = shapes.leaf "integer", short = shapes.leaf "integer",
  integer = shapes.leaf "integer", long = shapes.leaf "integer",
  float = shapes.leaf "float", double = shapes.leaf "float",
  timestamp = shapes.leaf("time", scalar.read_time),
  blob = shapes.leaf("other", function(encoded) return (hash.base64_decode(encoded)) end),
}

function reader(S, ref)
  local s = S:shape(ref.shape)
  local make = collections[s.type]
  if not make then return leaves[s.type] or text end
  local cache = shape.cache(S, "xml read")
  local r = cache[ref.shape]
  if not r then
    r = make(S, s)
    cache[ref.shape] = r
  end
  return r
end

--- Reads typed output out of a document.
---@param S table
---@param ref table
---@param document userdata from `decode`
---@param ... string  the way to the element that holds it, from the root
---@return any output nil when there is no such element
function body.read(S, ref, document, ...)
  return document:read(reader(S, ref), ...)
end

--- Parses a document; an empty one is an element without children.
---@param bytes string?
---@return userdata? document see host.xml
---@return table? err
function body.decode(bytes)
  if not bytes or bytes == "" then bytes = "<empty/>" end
  return xml.parse(bytes)
end

--- Reads a document as typed output; raises { malformed = … }.
---@param S table
---@param ref table
---@param bytes string?
---@return any
function body.parse(S, ref, bytes)
  local document <close>, err = body.decode(bytes)
  if not document then error({ malformed = err.message }, 0) end
  return body.read(S, ref, document)
end

body.content_type = "application/xml"
body.empty = ""

return body
