--- A call whose events are handed over as they arrive, while more may be said. Both directions at once need
--- what HTTP/2 gives; the services that talk like that speak nothing else.
local chunks = require "cso.aws.chunks"
local err = require "cso.std.err"
local event_stream = require "cso.aws.protocol.event_stream"
local event_write = require "cso.aws.protocol.event_write"
local failure = require "cso.aws.failure"
local headers = require "cso.aws.protocol.headers"
local protocol = require "cso.aws.protocol"
local validate = require "cso.aws.validate"

local talk = {}

local WORDS = 1 << 20  -- bytes of a failure's text
local MOST = 1 << 50   -- bytes that may be heard in all

---@class cso.aws.Talk
---@field output table  what the answer says beside its events, once its head has come
local Talk = {}
Talk.__index = Talk
Talk.__name = "cso.aws.Talk"

-- The member of a structure that is a stream of events.
local function member_of(S, ref)
  for name, member in next, ref and S:shape(ref.shape).members or {} do
    if S:shape(member.shape).eventstream then return name, member end
  end
end

--- Which members of an operation are streams of events.
---@param S table
---@param op table
---@return string? input
---@return string? output
function talk.members(S, op) return (member_of(S, op.input)), (member_of(S, op.output)) end

local function fault(self, fields)
  fields.service, fields.operation = self.client.model.name, self.op.name
  fields.class = fields.class or "service"
  if not fields.message:find(fields.operation, 1, true) then
    fields.message = ("%s.%s: %s: %s"):format(fields.service, fields.operation, fields.code, fields.message)
  end
  return err.new(fields)
end

-- A failure of the connection, or an answer that is none.
local function of_network(self, cause) return failure.of_network(self.client.model, self.op, cause, self.host) end

local function read_failure(self, status, answer_headers)
  local words, size = {}, 0
  while size < WORDS do
    local bytes = self.stream:read()
    if not bytes then break end
    words[#words + 1], size = bytes, size + #bytes
  end
  return failure.of_answer(self.client.model, self.op,
    { status = status, headers = answer_headers, body = table.concat(words) })
end

--- Waits until it is known whether the service goes along.
---@return true? ok
---@return cso.Err? err
function Talk:heard()
  if self.failed then return nil, self.failed end
  if self.head then return true end
  local status, h = self.stream:head()
  if not status then
    self.failed = of_network(self, h)
  elseif status >= 300 then
    self.failed = read_failure(self, status, h)
  else
    self.head = true
    local S = self.client.model
    headers.read_all(S, S:shape(self.op.output.shape), { status = status, headers = h }, self.output)
    self.request_id = h["x-amzn-requestid"] or h["x-amz-request-id"]
  end
  return not self.failed or nil, self.failed
end

-- What follows from a message: an event, or nothing to be shown.
local function take(self, message)
  local S = self.client.model
  local ok, event, initial = pcall(event_stream.event, S, self.ref, message, self.codec, self.op.output)
  if not ok then
    local e = event
    if type(e) ~= "table" then error(e, 0) end
    self.failed = e.fault and fault(self, e.fault)
      or fault(self, { code = "MalformedResponse", message = "the answer cannot be read: " .. e.malformed })
    return nil
  end
  for k, v in next, initial or {} do self.output[k] = v end
  return event
end

--- The next event; nil at the end, and with an error where it ends with one.
---@return table? event  { Name = { … } }
---@return cso.Err? err
function Talk:next()
  local ok, e = self:heard()
  if not ok then return nil, e end
  while true do
    while self.messages[self.at] do
      local message = self.messages[self.at]
      self.messages[self.at], self.at = nil, self.at + 1
      local event = take(self, message)
      if event or self.failed then return event, self.failed end
    end
    local bytes
    bytes, e = self.stream:read()
    if not bytes and not e and self.decode.rest() > 0 then
      -- Either a fault that was kept back, or the end came too early.
      local fine, why = pcall(self.decode.add, "")
      self.failed = fault(self, { code = "MalformedResponse",
        message = fine and "the answer ends in the middle of an event"
          or "the answer cannot be read: " .. tostring(why.malformed or why) })
      return nil, self.failed
    end
    if not bytes then
      if e then self.failed = of_network(self, e) end
      return nil, self.failed
    end
    local fine, messages = pcall(self.decode.add, bytes)
    if not fine then
      self.failed = fault(self, { code = "MalformedResponse",
        message = "the answer cannot be read: " .. tostring(messages.malformed or messages) })
      return nil, self.failed
    end
    self.messages, self.at = messages, 1
  end
end

--- Iterates over the events; raises the error where they end with one, as pages do.
---@return fun(): table?
function Talk:events()
  return function()
    local event, e = self:next()
    if e then error(e, 0) end
    return event
  end
end

local function write(self, message, last)
  local c = self.client
  self.who.time = math.floor(c.clock() + c.skew)
  local stages, e = event_write.sign(self.who, self.previous, message, chunks.stages)
  if not stages then return nil, err.wrap(e, "internal") end
  self.previous = stages.signature
  if self.stream:write(stages.message, last) then return true end
  -- The service does not listen any more: what it says tells why.
  local heard, why = self:heard()
  return nil, not heard and why or fault(self, { code = "NotListening",
    message = "the service has ended the conversation" })
end

--- Says an event; waits until it is on its way.
---@param event table  { Name = { … } }
---@return true? ok
---@return cso.Err? err
function Talk:send(event)
  if self.finished or not self.who then
    return nil, fault(self, { code = "usage", class = "usage", message = self.who and "all has been said"
      or "this operation takes no events" })
  end
  local S = self.client.model
  local e = validate.check(S, self.op, setmetatable({ [self.input] = { event } }, { __index = self.params }))
  if e then return nil, e end
  return write(self, event_write.messages(S, self.input_ref, { event }, self.codec)[1])
end

--- Says that nothing more follows.
---@return true? ok
---@return cso.Err? err
function Talk:finish()
  if self.finished or not self.who then return true end
  self.finished = true
  return write(self, "", true)
end

--- Ends the conversation; safe twice.
function Talk:close() self.stream:close() end

Talk.__close = Talk.close

--- Sends a prepared request and begins to listen.
---@param client cso.aws.Client
---@param op table
---@param params table
---@param prepared table  signed
---@param out table       as for the transport
---@return cso.aws.Talk? talk
---@return table? cause   of a failure of the connection
function talk.begin(client, op, params, prepared, out)
  local S = client.model
  local input, input_ref = member_of(S, op.input)
  local _, ref = member_of(S, op.output)
  -- Silence is no failure: a conversation has its pauses.
  out.timeout, out.drip_time, out.max_body = nil, nil, MOST
  if input then out.body, out.feed = nil, true end
  local stream, cause = client.open(out)
  if not stream then return nil, cause end
  return setmetatable({ client = client, op = op, params = params, stream = stream, host = prepared.host, output = {},
    ref = ref, input = input, input_ref = input_ref, codec = protocol.codec(S), who = input and prepared.who,
    previous = prepared.seed, decode = event_stream.decoding(), messages = {}, at = 1 }, Talk)
end

--- See Client:talk.
---@param client cso.aws.Client
---@param name string
---@param params table
---@param opts table
---@param make function  checks and builds a request, as the client does
---@return cso.aws.Talk? talk
---@return cso.Err? err
function talk.call(client, name, params, opts, make)
  local op, e = client:operation(name)
  if not op then return nil, e end
  local input, output = talk.members(client.model, op)
  if not output then
    return nil, err.new { code = "NoEvents", class = "usage", service = client.model.name, operation = name,
      message = ("%s.%s does not answer with events"):format(client.model.name, name) }
  end
  local full = {}
  for k, v in next, params do full[k] = v end
  if input then full[input] = {} end
  local request, has_token
  request, e, op, full, has_token = make(client, name, full, opts)
  if not request then return nil, e end
  request.live = input ~= nil
  local begun
  begun, e = require("cso.aws.call").run(client, op, full, request, { has_token = has_token, talk = true })
  if not begun then return nil, e end
  for _, event in ipairs(input and params[input] or {}) do
    local ok
    ok, e = begun:send(event)
    if not ok then
      begun:close()
      return nil, e
    end
  end
  return begun
end

return talk
