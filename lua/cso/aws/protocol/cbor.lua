--- The Smithy RPC v2 CBOR protocol, for the few services that speak nothing else.
local codec = require "cso.aws.protocol.cbor_codec"
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local json_fault = require "cso.aws.protocol.json_fault"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"

local protocol = {}
local null = json.null
local write

local function put(out, text) out[#out + 1] = text end

local writers = {
  integer = function(out, v) put(out, codec.integer(math.tointeger(v) or 0)) end,
  blob = function(out, v) put(out, codec.bytes(v)) end,
  string = function(out, v) put(out, codec.text(v)) end,
  boolean = function(out, v) put(out, v and "\xf5" or "\xf4") end,
  double = function(out, v) put(out, codec.double(scalar.read_float(v))) end,
  float = function(out, v)
    v = scalar.read_float(v)
    if v ~= v or v == math.huge or v == -math.huge then
      put(out, codec.double(v))
    else
      put(out, string.pack(">Bf", 0xfa, v))
    end
  end,
  timestamp = function(out, v)
    local t = scalar.time(v, "unixTimestamp")
    put(out, codec.head(6, 1))
    put(out, math.type(t) == "integer" and codec.integer(t) or codec.double(t))
  end,
  list = function(out, v, S, s)
    put(out, codec.head(4, #v))
    for i = 1, #v do write(out, v[i], S, s.member) end
  end,
  map = function(out, v, S, s)
    local keys = deep.keys(v)
    put(out, codec.head(5, #keys))
    for _, k in ipairs(keys) do
      put(out, codec.text(k))
      write(out, v[k], S, s.value)
    end
  end,
  structure = function(out, v, S, s)
    local given = {}
    for _, name in ipairs(shape.names(s)) do
      if v[name] ~= nil and v[name] ~= null then given[#given + 1] = name end
    end
    put(out, codec.head(5, #given))
    for _, name in ipairs(given) do
      local ref = s.members[name]
      put(out, codec.text(shape.trait(S, ref, "locationName") or name))
      write(out, v[name], S, ref)
    end
  end,
}
writers.byte, writers.short, writers.long = writers.integer, writers.integer, writers.integer
writers.character = writers.string

function write(out, v, S, ref)
  if v == null then return put(out, "\xf6") end
  local s = S:shape(ref.shape)
  writers[s.type](out, v, S, s)
end

local function wrong(what) error({ malformed = "expected " .. what }, 0) end

local read
local array_mt = json.array_mt

local function table_of(v, is_list, what)
  if type(v) ~= "table" then wrong(what) end
  if next(v) ~= nil and (getmetatable(v) == array_mt) ~= is_list then wrong(what) end
  return v
end

-- A choice that services offer since this model was made: what it is called is all that can be said.
local function newer(v, s)
  for _, name in ipairs(deep.keys(v)) do
    if not (s.members or {})[name] and name ~= "__type" and v[name] ~= null then
      return { SDK_UNKNOWN_MEMBER = { name = name } }
    end
  end
end

local readers = {
  structure = function(v, S, s)
    local out = {}
    table_of(v, false, "a structure")
    for name, member in next, s.members or {} do
      local item = v[shape.trait(S, member, "locationName") or name]
      if item ~= nil and item ~= null then out[name] = read(item, S, member) end
    end
    return s.union and next(out) == nil and newer(v, s) or out
  end,
  list = function(v, S, s)
    local out = {}
    table_of(v, true, "a list")
    for i = 1, #v do out[i] = v[i] == null and null or read(v[i], S, s.member) end
    return json.array(out)
  end,
  map = function(v, S, s)
    local out = {}
    for k, item in next, table_of(v, false, "a map") do
      if item ~= null then out[k] = read(item, S, s.value) elseif s.sparse then out[k] = null end
    end
    return out
  end,
  timestamp = function(v)
    if type(v) == "table" then wrong "a time" end
    return scalar.read_time(v)
  end,
}

function read(v, S, ref)
  local s = S:shape(ref.shape)
  local how = readers[s.type]
  if how then return how(v, S, s) end
  if type(v) == "table" and not (s.document or ref.document) then wrong("a " .. s.type) end
  return v
end

local function reader(S, ref)
  return function(v) return read(v, S, ref) end
end

--- Builds the request of an operation.
---@param S table
---@param op table
---@param params table
---@return table request
function protocol.build(S, op, params)
  local headers = { { "smithy-protocol", "rpc-v2-cbor" }, { "Accept", "application/cbor" } }
  local body = ""
  if op.input then
    local out = {}
    write(out, params, S, op.input)
    body = table.concat(out)
    headers[3] = { "Content-Type", "application/cbor" }
  end
  if S:metadata().awsQueryCompatible then
    headers[#headers + 1] = { "x-amzn-query-mode", "true" }
  end
  return {
    method = "POST",
    path = ("/service/%s/operation/%s"):format(S:metadata().targetPrefix, op.name),
    query = {}, headers = headers, body = body,
  }
end

--- Reads a successful answer.
---@param S table
---@param op table
---@param response table
---@return table output
---@return string? request_id
function protocol.parse(S, op, response)
  local id = response.headers["x-amzn-requestid"]
  if not op.output or not response.body or response.body == "" then return {}, id end
  local document, err = codec.decode(response.body)
  if document == nil then error({ malformed = err.message }, 0) end
  return reader(S, op.output)(document), id
end

--- Reads a failed answer.
---@param _S table
---@param _op table
---@param response table
---@return table? fault
function protocol.fault(_S, _op, response)
  local document = codec.decode(response.body or "")
  if type(document) ~= "table" then document = {} end
  return json_fault.from(document, response.headers, function(S, ref, v) return reader(S, ref)(v) end)
end

return protocol
