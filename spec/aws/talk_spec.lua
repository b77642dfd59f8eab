-- Events that are handed over as they arrive, and said while others arrive.
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local event_write = require "cso.aws.protocol.event_write"
local event_stream = require "cso.aws.protocol.event_stream"
local json = require "cso.std.json"
local raw = require "spec.support.raw_server"
local task = require "cso.task"

local HEAD = "HTTP/1.1 200 OK\r\nx-amzn-requestid: r-1\r\ncontent-type: application/vnd.amazon.eventstream\r\n"
  .. "transfer-encoding: chunked\r\n%s\r\n"

local function chunk(bytes) return ("%x\r\n%s\r\n"):format(#bytes, bytes) end

local function message(kind, name, payload)
  return event_write.message(event_write.headers { { ":message-type", "string", kind },
    { ":" .. kind .. "-type", "string", name }, { ":content-type", "string", "application/json" } }, payload)
end

local function event(name, payload) return message("event", name, json.encode(payload)) end

-- Runs fn(client, server) against a server that behaves so.
local function with(service, behave, fn)
  local ok, e = task.run(function()
    return task.scope(function()
      local server = raw.listen(behave)
      fn(assert(client.new { service = service, region = "eu-west-2", endpoint = server.url, sleep = function() end,
        credentials = credentials.static { access_key = "A", secret_key = "s" } }), server)
      server.close()
      assert.is_nil(server.failure)
      return true
    end)
  end)
  if not ok then error(e, 0) end
end

-- The bytes of a body that comes in chunks, as far as they are here; nil at its end.
local function body_of(c)
  while true do
    local size, at = c.received:match "^(%x+)\r\n()"
    local n = size and tonumber(size, 16)
    if n and #c.received >= at + n + 1 then
      local bytes = c.received:sub(at, at + n - 1)
      c.received = c.received:sub(at + n + 2)
      return n > 0 and bytes or nil
    end
    task.sleep(0.005)
  end
end

local function head_of(c)
  while not c.received:find("\r\n\r\n", 1, true) do task.sleep(0.005) end
  local head = c.received:match "^(.-\r\n\r\n)"
  c.received = c.received:sub(#head + 1)
  return head
end

local question = { modelId = "m", messages = { { role = "user", content = { { text = "hi" } } } } }

describe("a call that answers with events", function()
  it("hands each over as it arrives, however it is cut", function()
    local go
    with("bedrock-runtime", function(c)
      c:request()
      local bytes = event("messageStart", { role = "assistant" })
        .. event("contentBlockDelta", { contentBlockIndex = 0, delta = { text = "hello" } })
      c:send(HEAD:format "" .. chunk(bytes:sub(1, 20)))
      task.sleep(0.02)
      c:send(chunk(bytes:sub(21)))
      task.await(go)
      c:send(chunk(event("messageStop", { stopReason = "end_turn" })) .. "0\r\n\r\n")
    end, function(bedrock)
      go = task.future()
      local talk <close> = assert(bedrock:talk("ConverseStream", question))
      assert.same({ messageStart = { role = "assistant" } }, talk:next())
      assert.equal("hello", talk:next().contentBlockDelta.delta.text)
      go:complete(true)
      local rest = {}
      for e in talk:events() do rest[#rest + 1] = e end
      assert.same({ { messageStop = { stopReason = "end_turn" } } }, rest)
      assert.equal("r-1", talk.request_id)
    end)
  end)

  it("ends with the error that they end with", function()
    local ends = {
      throttlingException = message("exception", "throttlingException", '{"message":"slowly"}'),
      MalformedResponse = event("messageStart", { role = "assistant" }):sub(1, -5),
    }
    for code, bytes in pairs(ends) do
      with("bedrock-runtime", function(c)
        c:request()
        c:send(HEAD:format "" .. chunk(event("messageStart", { role = "assistant" }) .. bytes) .. "0\r\n\r\n")
      end, function(bedrock)
        local talk <close> = assert(bedrock:talk("ConverseStream", question))
        assert.is_table(talk:next())
        local none, e = talk:next()
        assert.is_nil(none)
        assert.equal(code, e.code)
        assert.equal(code, select(2, talk:next()).code)
        assert.is_false((pcall(talk:events())))
      end)
    end
  end)

  it("is tried again while it has not begun, and refused like any other", function()
    with("bedrock-runtime", function(c)
      c:request()
      if c.server.connections == 1 then return c:answer(429, "connection: close\r\n", "{}") end
      c:answer(400, "x-amzn-errortype: ValidationException\r\n", '{"message":"no such model"}')
    end, function(bedrock, server)
      local talk, e = bedrock:talk("ConverseStream", question)
      assert.is_nil(talk)
      assert.equal("ValidationException", e.code)
      assert.matches("no such model", e.message)
      assert.equal(2, server.connections)
    end)
    with("sts", function() end, function(sts)
      local _, e = sts:talk("GetCallerIdentity", {})
      assert.equal("NoEvents", e.code)
    end)
  end)
end)

describe("a conversation", function()
  local settings = { modelId = "m" }

  it("goes both ways at once, each message signed over the one before", function()
    local chain = {}
    with("bedrock-runtime", function(c)
      local head = head_of(c)
      assert.match("STREAMING%-AWS4%-HMAC%-SHA256%-EVENTS", head)
      chain[1] = head:match "Signature=(%x+)"
      c:send(HEAD:format "")
      local add = event_stream.decoder()
      for bytes in body_of, c do
        for _, outer in ipairs(add(bytes)) do
          chain[#chain + 1] = outer.headers[":chunk-signature"]
          local inner = outer.payload ~= "" and event_stream.messages(outer.payload)[1]
          if inner then
            c:send(chunk(message("event", "chunk", inner.payload)))
          end
        end
      end
      c:send "0\r\n\r\n"
    end, function(bedrock)
      local talk <close> = assert(bedrock:talk("InvokeModelWithBidirectionalStream", settings))
      for _, word in ipairs { "one", "two", "three" } do
        assert(talk:send { chunk = { bytes = word } })
        assert.same({ chunk = { bytes = word } }, talk:next())
      end
      local _, e = talk:send { chunk = { bytes = 5 } }
      assert.equal("usage", e.class)
      assert(talk:finish())
      assert.is_nil(talk:next())
      assert.equal("usage", select(2, talk:send { chunk = { bytes = "late" } }).class)
    end)
    assert.equal(5, #chain)
  end)

  it("ends with what the service refuses it for", function()
    with("bedrock-runtime", function(c)
      head_of(c)
      c:answer(400, "x-amzn-errortype: ValidationException\r\n", '{"message":"no such model"}')
    end, function(bedrock)
      local talk <close> = assert(bedrock:talk("InvokeModelWithBidirectionalStream", settings))
      local none, e = talk:next()
      assert.is_nil(none)
      assert.equal("ValidationException", e.code)
      assert.is_nil((talk:send { chunk = { bytes = "x" } }))
    end)
  end)
end)
