--- JSON documents: params to wire tables and back, by closures made once per shape.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"
local shapes = require "cso.std.shapes"

local body = {}

local null = json.null
local tointeger = math.tointeger

local function same(v) return v end
local function whole(v) return tointeger(v) or v end

local writer, reader

local function structure_writer(S, s)
  local plan = {}
  for i, name in ipairs(shape.names(s)) do
    local ref = s.members[name]
    plan[i] = { name = name, ref = ref, wire = shape.trait(S, ref, "locationName") or name }
  end
  local n = #plan
  return function(v)
    local out = {}
    for i = 1, n do
      local m = plan[i]
      local item = v[m.name]
      if item ~= nil and item ~= null then
        local write = m.write
        if not write then
          write = writer(S, m.ref)
          m.write = write
        end
        out[m.wire] = write(item)
      end
    end
    return out
  end
end

local function list_writer(S, s)
  local write
  return function(v)
    write = write or writer(S, s.member)
    local out = {}
    for i = 1, #v do
      local item = v[i]
      out[i] = item == null and null or write(item)
    end
    return json.array(out)
  end
end

local function map_writer(S, s)
  local write
  return function(v)
    write = write or writer(S, s.value)
    local out = {}
    for k, item in next, v do out[k] = item == null and null or write(item) end
    return out
  end
end

local containers = { structure = structure_writer, list = list_writer, map = map_writer }

function writer(S, ref)
  local s = S:shape(ref.shape)
  local kind = s.type
  if s.document or ref.document then return same end
  local make = containers[kind]
  if make then
    local cache = shape.cache(S, "json write")
    local w = cache[ref.shape]
    if not w then
      w = make(S, s)
      cache[ref.shape] = w
    end
    return w
  end
  if kind == "blob" then return hash.base64_encode end
  if kind == "integer" or kind == "long" or kind == "short" or kind == "byte" then return whole end
  if kind == "float" or kind == "double" then return scalar.float end
  if kind == "timestamp" then
    local how = shape.trait(S, ref, "timestampFormat") or "unixTimestamp"
    return function(v) return scalar.time(v, how) end
  end
  return same
end

local function wrong(what) error({ malformed = "expected " .. what }, 0) end

local function read_text(v)
  if type(v) == "table" then wrong "a string" end
  return v
end

local function read_blob(v)
  if type(v) ~= "string" then wrong "base64 text" end
  return hash.base64_decode(v) or wrong "base64 text"
end

local function read_time(v)
  if type(v) == "table" then wrong "a time" end
  return scalar.read_time(v)
end

local function read_float(v)
  if type(v) == "table" then wrong "a number" end
  return scalar.read_float(v)
end

local function read_boolean(v)
  if type(v) == "table" then wrong "true or false" end
  if type(v) == "string" then return v:lower() == "true" end
  return v
end

local function read_whole(v)
  if type(v) == "table" then wrong "a number" end
  local n = tonumber(v)
  return n and tointeger(n) or n
end

local function structure_reader(S, s)
  local edges, refs, taken = {}, {}, {}
  for _, name in ipairs(shape.names(s)) do
    local ref = s.members[name]
    local wire = shape.trait(S, ref, "locationName") or name
    if not ref.eventheader and not taken[wire] then
      edges[#edges + 1], refs[#refs + 1] = { wire, name }, ref
      taken[wire] = true
    end
  end
  return shapes.structure {
    edges = edges, union = s.union and true or false,
    grow = function(i) return reader(S, refs[i]) end,
  }
end

local function list_reader(S, s)
  return shapes.list { grow = function() return reader(S, s.member) end }
end

local function map_reader(S, s)
  return shapes.map { key = "key", value = "value", sparse = s.sparse and true or false,
    grow = function() return reader(S, s.value) end }
end

local collections = { structure = structure_reader, list = list_reader, map = map_reader }

local anything, plain = shapes.leaf "any", shapes.leaf("text", read_text)
local whole_number, number = shapes.leaf("integer", read_whole), shapes.leaf("float", read_float)
local leaves = {
  blob = shapes.leaf("other", read_blob), timestamp = shapes.leaf("time", read_time),
  boolean = shapes.leaf("boolean", read_boolean),
  float = number, double = number, integer = whole_number, long = whole_number,
  byte = whole_number, short = whole_number,
}

function reader(S, ref)
  local s = S:shape(ref.shape)
  -- A jsonvalue may come as the value itself or as its text, and is what it was.
  if s.document or ref.document or s.jsonvalue or ref.jsonvalue then return anything end
  local make = collections[s.type]
  if not make then return leaves[s.type] or plain end
  local cache = shape.cache(S, "json read")
  local r = cache[ref.shape]
  if not r then
    r = make(S, s)
    cache[ref.shape] = r
  end
  return r
end

--- Writes a value of a shape as a JSON document.
---@param S table
---@param ref table
---@param v any
---@return string
function body.write(S, ref, v)
  return json.encode(writer(S, ref)(v))
end

--- The wire table of a value, before encoding.
body.writer = writer

--- Turns a decoded document, which is used up, into typed output; raises { malformed = … }.
---@param S table
---@param ref table
---@param value any
---@return any
function body.read(S, ref, value) return shapes.apply(reader(S, ref), value) end

--- Decodes a document; an empty one is an empty object.
---@param text string?
---@return table? document
---@return table? err
function body.decode(text)
  if not text or text == "" then return {} end
  return json.decode(text)
end

--- Reads a document as typed output; raises { malformed = … }.
---@param S table
---@param ref table
---@param text string?
---@return any
function body.parse(S, ref, text)
  local document, err = body.decode(text)
  if document == nil then error({ malformed = err.message }, 0) end
  return body.read(S, ref, document)
end

body.content_type = "application/json"

--- What an operation with body members sends when none is given.
body.empty = "{}"

return body
