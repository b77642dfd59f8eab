-- Event streams: frames, with their checksums put right so that what lies behind them is reached.
local catalogue = require "cso.std.catalogue"
local hash = require "cso.std.hash"
local json_body = require "cso.aws.protocol.json_body"
local stream = require "cso.aws.protocol.event_stream"

-- A frame of headers and payload, as a service that means harm can make it.
local function frame(headers, payload)
  local prelude = string.pack(">I4I4", 16 + #headers + #payload, #headers)
  local text = prelude .. string.pack(">I4", hash.crc32(prelude)) .. headers .. payload
  return text .. string.pack(">I4", hash.crc32(text))
end

local function read(text)
  local ok, e = pcall(stream.messages, text)
  assert(ok or type(e) == "table" and (e.malformed or e.fault), tostring(e))
  local S = assert(catalogue.service "kinesis")
  local ref = S:shape("SubscribeToShardOutput").members.EventStream
  ok, e = pcall(stream.read, S, ref, text, json_body)
  assert(ok or type(e) == "table" and (e.malformed or e.fault), tostring(e))
end

return function(_shared)
  return function(text)
    read(text)
    local cut = (text:byte(1) or 0) + 1
    read(frame(text:sub(2, cut), text:sub(cut + 1)))
    local event = "\13:message-type\7\0\5event\11:event-type\7\0\26SubscribeToShardEvent"
    read(frame(event:gsub("\0\26", "\0\21") .. text:sub(2, cut), text:sub(cut + 1)))
  end
end
