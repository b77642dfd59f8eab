--- Event streams as answers carry them: a row of framed messages, read from a whole body.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local shape = require "cso.aws.protocol.shape"

local stream = {}

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
    return ms / 1000, after
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
  end
  return out
end

--- Splits a body into messages, checking both checksums of each.
---@param body string
---@return { headers: table, payload: string }[]
function stream.messages(body)
  local out, at = {}, 1
  while at <= #body do
    if #body - at + 1 < 16 then bad("truncated prelude") end
    local total, header_length, crc = string.unpack(">I4I4I4", body, at)
    if total < 16 + header_length or at + total - 1 > #body then bad("truncated message") end
    if hash.crc32(body:sub(at, at + 7)) ~= crc then bad("prelude checksum differs") end
    local message_crc = string.unpack(">I4", body, at + total - 4)
    if hash.crc32(body:sub(at, at + total - 5)) ~= message_crc then bad("checksum differs") end
    local ok, headers = pcall(read_headers, body:sub(at + 12, at + 11 + header_length))
    if not ok then bad("unreadable headers") end
    out[#out + 1] = {
      headers = headers,
      payload = body:sub(at + 12 + header_length, at + total - 5),
    }
    at = at + total
  end
  return out
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
  local s = S:shape(ref.shape)
  local out, initial = {}, nil
  for _, message in ipairs(stream.messages(body or "")) do
    local kind = message.headers[":message-type"]
    if kind == "event" then
      local name = message.headers[":event-type"]
      local member = s.members[name]
      if name == "initial-response" and output and not member then
        initial = codec.parse(S, output, message.payload)
      elseif member then out[#out + 1] = { [name] = read_event(S, member, message, codec) } end
    else
      error({ fault = {
        code = message.headers[":exception-type"] or message.headers[":error-code"] or "Unknown",
        message = message.headers[":error-message"] or message.payload,
      } }, 0)
    end
  end
  return json.array(out), initial
end

return stream
