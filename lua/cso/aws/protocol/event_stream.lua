--- Event streams as answers carry them: a row of framed messages, read from a whole body.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local shape = require "cso.aws.protocol.shape"

local stream = {}

-- AWS's own limit is 24 MiB of payload and 128 KiB of headers.
local MOST = 32 * 1024 * 1024

local function bad(what)
  error({ malformed = "event stream: " .. what }, 0)
end

local readers = {
  [0] = function(_, at) return true, at end,
  [1] = function(_, at) return false, at end,
  [2] = function(s, at) return string.unpack(">i1", s, at) end,
  [3] = function(s, at) return string.unpack(">i2", s, at) end,
  [4] = function(s, at) return string.unpack(">i4", s, at) end,
  [5] = function(s, at) return string.unpack(">i8", s, at) end,
  [6] = function(s, at) return string.unpack(">s2", s, at) end,
  [7] = function(s, at) return string.unpack(">s2", s, at) end,
  [8] = function(s, at)
    local ms, after = string.unpack(">i8", s, at)
    return ms % 1000 == 0 and ms // 1000 or ms / 1000, after
  end,
  [9] = function(s, at) return s:sub(at, at + 15), at + 16 end,
}

local function read_headers(text)
  local out, at = {}, 1
  while at <= #text do
    local name, kind
    name, at = string.unpack(">s1", text, at)
    kind, at = string.unpack("B", text, at)
    local read = readers[kind]
    if not read then bad("unknown header type " .. kind) end
    out[name], at = read(text, at)
    if at > #text + 1 then bad("a header is cut") end
  end
  return out
end

-- The message at a place of a body; nil when it is not all there yet.
local function message_at(body, at)
  if #body - at + 1 < 12 then return nil end
  local total, header_length, crc = string.unpack(">I4I4I4", body, at)
  -- Before anything is believed, above all the length.
  if hash.crc32(body:sub(at, at + 7)) ~= crc then bad("prelude checksum differs") end
  if total < 16 + header_length or total > MOST then bad("impossible length " .. total) end
  if #body - at + 1 < total then return nil end
  local message_crc = string.unpack(">I4", body, at + total - 4)
  if hash.crc32(body:sub(at, at + total - 5)) ~= message_crc then bad("checksum differs") end
  local ok, headers = pcall(read_headers, body:sub(at + 12, at + 11 + header_length))
  if not ok then bad("unreadable headers") end
  return { headers = headers, payload = body:sub(at + 12 + header_length, at + total - 5) }, at + total
end

--- Splits a body into messages, checking both checksums of each.
---@param body string
---@return { headers: table, payload: string }[]
function stream.messages(body)
  local out, at = {}, 1
  while at <= #body do
    local message, after = message_at(body, at)
    if not message then bad("truncated message") end
    out[#out + 1], at = message, after
  end
  return out
end

--- Takes bytes as they come and gives the messages that are complete; raises what `messages` raises.
---@return fun(bytes: string): { headers: table, payload: string }[]
function stream.decoder() return stream.decoding().add end

--- The same as two functions: add(bytes) gives messages, rest() how many bytes wait for more.
---@return { add: (fun(bytes: string): { headers: table, payload: string }[]), rest: fun(): integer }
function stream.decoding()
  local rest = ""
  local function add(bytes)
    rest = rest .. bytes
    local out, at = {}, 1
    local ok, message, after = pcall(message_at, rest, at)
    while ok and message do
      out[#out + 1], at = message, after
      ok, message, after = pcall(message_at, rest, at)
    end
    -- What came whole before the fault is handed over first; the fault is met again.
    if not ok and #out == 0 then error(message, 0) end
    rest = rest:sub(at)
    return out
  end
  return { add = add, rest = function() return #rest end }
end

local function read_event(S, ref, message, codec)
  local s = S:shape(ref.shape)
  local out, payload_read = {}, false
  for name, member in next, s.members or {} do
    if shape.trait(S, member, "eventheader") then
      out[name] = message.headers[name]
    elseif shape.trait(S, member, "eventpayload") then
      payload_read = true
      local kind = S:shape(member.shape).type
      if kind == "blob" or kind == "string" then
        out[name] = message.payload
      else
        out[name] = codec.parse(S, member, message.payload)
      end
    end
  end
  if not payload_read and message.payload ~= "" then
    for k, v in next, codec.parse(S, ref, message.payload) do out[k] = v end
  end
  return out
end

-- An exception is a message of the model's, mostly a document; an error is a code and a text.
local function fault_of(S, s, message, codec)
  local headers, payload = message.headers, message.payload
  local text = headers[":error-message"]
  if not text then
    local document = json.decode(payload)
    if type(document) == "table" then text = document.message or document.Message end
    text = text or payload:match("<[Mm]essage>(.-)</[Mm]essage>") or payload
  end
  local code = headers[":exception-type"] or headers[":error-code"] or "Unknown"
  -- The name in the stream is the member's; what it is has a name of its own, and members.
  local member = headers[":message-type"] == "exception" and s.members[code]
  local ok, fields = pcall(read_event, S, member or nil, message, codec)
  return { code = code, message = text, shape = member and member.shape, fields = member and ok and fields or nil }
end

--- Reads one message; raises { fault = … } when it is one.
---@param S table
---@param ref table  to the stream's shape
---@param message { headers: table, payload: string }
---@param codec table
---@param output table?  see `read`
---@return table? event  { EventName = { … } }; nil for one that the model does not know
---@return table? initial
function stream.event(S, ref, message, codec, output)
  local s = S:shape(ref.shape)
  if message.headers[":message-type"] ~= "event" then error({ fault = fault_of(S, s, message, codec) }, 0) end
  local name = message.headers[":event-type"]
  if type(name) ~= "string" then bad("an event has no name") end
  local member = s.members[name]
  if name == "initial-response" and output and not member then
    return nil, codec.parse(S, output, message.payload)
  end
  return member and { [name] = read_event(S, member, message, codec) } or nil
end

--- Reads an event stream member: a list of events, each { EventName = { … } }.
---@param S table
---@param ref table
---@param body string
---@param codec table
---@param output table? reference to the operation's output, where its other members come as the
---   first event (RPC protocols)
---@return table[] events
---@return table? initial those other members
function stream.read(S, ref, body, codec, output)
  local out, initial = {}, nil
  for _, message in ipairs(stream.messages(body or "")) do
    local event, first = stream.event(S, ref, message, codec, output)
    initial = first or initial
    out[#out + 1] = event
  end
  return json.array(out), initial
end

return stream
