--- JSON documents: params to wire tables and back, by closures made once per shape.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"

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
  if kind == "integer" or kind == "long" then return whole end
  if kind == "float" or kind == "double" then return scalar.float end
  if kind == "timestamp" then
    local how = shape.trait(S, ref, "timestampFormat") or "unixTimestamp"
    return function(v) return scalar.time(v, how) end
  end
  return same
end

local array_mt = json.array_mt

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

local function structure_reader(S, s)
  local by_wire = {}
  for name, ref in next, s.members or {} do
    if not ref.eventheader then
      by_wire[shape.trait(S, ref, "locationName") or name] = { name = name, ref = ref }
    end
  end
  local union = s.union
  return function(v)
    if type(v) ~= "table" or v[1] ~= nil and getmetatable(v) == array_mt then wrong "an object" end
    local out, strange = {}, nil
    for k, item in next, v do
      if item ~= null then
        local m = by_wire[k]
        if m then
          local read = m.read
          if not read then
            read = reader(S, m.ref)
            m.read = read
          end
          out[m.name] = read(item)
        elseif union and k ~= "__type" then
          strange = k
        end
      end
    end
    if strange and next(out) == nil then return { SDK_UNKNOWN_MEMBER = { name = strange } } end
    return out
  end
end

local function list_reader(S, s)
  local read
  return function(v)
    if type(v) ~= "table" or getmetatable(v) ~= array_mt and next(v) ~= nil then wrong "a list" end
    read = read or reader(S, s.member)
    local out = {}
    for i = 1, #v do
      local item = v[i]
      out[i] = item == null and null or read(item)
    end
    return json.array(out)
  end
end

local function map_reader(S, s)
  local read
  local sparse = s.sparse
  return function(v)
    if type(v) ~= "table" or v[1] ~= nil and getmetatable(v) == array_mt then wrong "a map" end
    read = read or reader(S, s.value)
    local out = {}
    for k, item in next, v do
      if item ~= null then out[k] = read(item) elseif sparse then out[k] = null end
    end
    return out
  end
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

local collections = { structure = structure_reader, list = list_reader, map = map_reader }

function reader(S, ref)
  local s = S:shape(ref.shape)
  local kind = s.type
  if s.document or ref.document then return same end
  local make = collections[kind]
  if make then
    local cache = shape.cache(S, "json read")
    local r = cache[ref.shape]
    if not r then
      r = make(S, s)
      cache[ref.shape] = r
    end
    return r
  end
  if kind == "blob" then return read_blob end
  if kind == "timestamp" then return read_time end
  if kind == "float" or kind == "double" then return read_float end
  if kind == "integer" or kind == "long" then return read_whole end
  if kind == "boolean" then return read_boolean end
  return read_text
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

--- A function that turns a decoded document into typed output.
body.reader = reader


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
  return reader(S, ref)(document)
end

body.content_type = "application/json"

--- What an operation with body members sends when none is given.
body.empty = "{}"

return body
