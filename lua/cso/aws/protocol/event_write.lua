--- Event streams as requests carry them: events become framed messages, and each message is wrapped
--- in one that signs it and the message before. Pure.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local shape = require "cso.aws.protocol.shape"

local write = {}

-- The kinds of header values, by what a model calls their types: number on the wire, and form.
local kinds = {
  byte = { 2, ">i1" }, short = { 3, ">i2" }, integer = { 4, ">i4" }, long = { 5, ">i8" },
  blob = { 6, ">s2" }, string = { 7, ">s2" }, timestamp = { 8, ">i8" },
}

local function header(name, kind, value)
  if kind == "boolean" then return string.pack(">s1B", name, value and 0 or 1) end
  if kind == "timestamp" then value = math.floor(scalar.read_time(value) * 1000 + 0.5) end
  local k = kinds[kind]
  return string.pack(">s1B", name, k[1]) .. string.pack(k[2], value)
end

--- The headers of a message as bytes.
---@param list { [1]: string, [2]: string, [3]: any }[]  name, type (of a model: string, blob, timestamp …), value
---@return string
function write.headers(list)
  local out = {}
  for i, h in ipairs(list) do out[i] = header(h[1], h[2], h[3]) end
  return table.concat(out)
end

--- A message with both of its checksums.
---@param headers string  from write.headers
---@param payload string
---@return string
function write.message(headers, payload)
  local prelude = string.pack(">I4I4", 16 + #headers + #payload, #headers)
  local head = prelude .. string.pack(">I4", hash.crc32(prelude)) .. headers .. payload
  return head .. string.pack(">I4", hash.crc32(head))
end

-- What of an event goes where: headers, and the one member or the document that is the payload.
local function parts(S, ref, name, event, codec)
  local s = S:shape(ref.shape)
  local list = { { ":message-type", "string", "event" }, { ":event-type", "string", name } }
  if s.exception then
    list = { { ":message-type", "string", "exception" }, { ":exception-type", "string", name } }
  end
  local body, content_type = {}, codec.content_type
  local payload
  local has_body = false
  for _, member in ipairs(shape.names(s)) do
    local v, at = event[member], s.members[member]
    has_body = has_body or not (shape.trait(S, at, "eventheader") or shape.trait(S, at, "eventpayload"))
    if v == nil or v == json.null then goto continue end
    local kind = S:shape(at.shape).type
    if shape.trait(S, at, "eventheader") then
      list[#list + 1] = { member, kind, v }
    elseif shape.trait(S, at, "eventpayload") then
      if kind == "blob" or kind == "string" then
        payload, content_type = v, kind == "blob" and "application/octet-stream" or "text/plain"
      else
        payload = codec.write(S, at, v, member)
      end
    else
      body[member] = v
    end
    ::continue::
  end
  if not payload then
    payload = has_body and codec.write(S, ref, body, name) or ""
  end
  if payload ~= "" then list[#list + 1] = { ":content-type", "string", content_type } end
  return list, payload
end

--- The events of an input member as messages.
---@param S table
---@param ref table
---@param events table[]  each { EventName = { … } }
---@param codec table
---@return string[] messages
function write.messages(S, ref, events, codec)
  local s = S:shape(ref.shape)
  local out = {}
  for i, event in ipairs(events) do
    local name = next(event)
    local list, payload = parts(S, s.members[name], name, event[name], codec)
    out[i] = write.message(write.headers(list), payload)
  end
  return out
end

--- The signature of a message, stage by stage.
---@param who cso.aws.Signer  `time` is the message's own
---@param previous string  signature before it, in hex: the request's, for the first message
---@param payload string   the message that is signed; "" ends a stream
---@param sign fun(who: table, kind: string, lines: string[]): table?, table?  cso.aws.chunks' `stages`
---@return { string_to_sign: string, signature: string, message: string }? stages  `message` is what is sent
---@return table? err
function write.sign(who, previous, payload, sign)
  local date = write.headers { { ":date", "timestamp", who.time } }
  local stages, e = sign(who, "-PAYLOAD", { previous, hash.sha256_hex(date), hash.sha256_hex(payload) })
  if not stages then return nil, e end
  local signature = hash.hex_decode(stages.signature)
  stages.message = write.message(date .. write.headers { { ":chunk-signature", "blob", signature } }, payload)
  return stages
end

--- All messages of a stream, signed, with the empty one that ends it.
---@param who cso.aws.Signer
---@param seed string  the request's signature
---@param messages string[]
---@param sign function  as for write.sign
---@return string? body
---@return table? err
function write.body(who, seed, messages, sign)
  local out, last = {}, seed
  for i = 1, #messages + 1 do
    local stages, e = write.sign(who, last, messages[i] or "", sign)
    if not stages then return nil, e end
    out[i], last = stages.message, stages.signature
  end
  return table.concat(out)
end

return write
