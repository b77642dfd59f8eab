-- Event streams that are sent: frames, signatures and whole requests.
local chunks = require "cso.aws.chunks"
local client = require "cso.aws.client"
local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"
local hash = require "cso.std.hash"
local stream = require "cso.aws.protocol.event_stream"
local write = require "cso.aws.protocol.event_write"

local NOW = 1700000000

local function made(service, env)
  return assert(client.new { service = service, region = "us-east-1", clock = function() return NOW end,
    config = assert(config.load { env = env or {}, region = "us-east-1", read = function() end }),
    credentials = credentials.static { access_key = "AKID", secret_key = "secret" } })
end

local function header(p, name)
  for _, h in ipairs(p.headers) do
    if h[1]:lower() == name then return h[2] end
  end
end

local function names(messages)
  local out = {}
  for i, m in ipairs(messages) do out[i] = m.headers[":event-type"] end
  return out
end

describe("a message", function()
  it("carries each kind of header", function()
    local all = { { "t", "boolean", true }, { "f", "boolean", false }, { "byte", "byte", -1 },
      { "short", "short", -300 }, { "int", "integer", 70000 }, { "long", "long", 1 << 40 },
      { "blob", "blob", "\0\1" }, { "text", "string", "é" }, { "time", "timestamp", 1700000000.25 } }
    local got = stream.messages(write.message(write.headers(all), "payload"))
    assert.same({ { payload = "payload", headers = { t = true, f = false, byte = -1, short = -300, int = 70000,
      long = 1 << 40, blob = "\0\1", text = "é", time = 1700000000.25 } } }, got)
  end)

  it("has no payload where an event has nothing but headers, and may be an exception", function()
    local S = require("cso.std.catalogue").from_tables { name = "odd", service = { metadata = { protocol = "rest-json" },
      operations = {}, shapes = { Text = { type = "string" },
        Heads = { type = "structure", members = { kind = { shape = "Text", eventheader = true } } },
        Bad = { type = "structure", exception = true, members = { message = { shape = "Text" } } },
        Events = { type = "structure", eventstream = true,
          members = { heads = { shape = "Heads", event = true }, bad = { shape = "Bad", event = true } } } } } }
    local codec = require "cso.aws.protocol.json_body"
    local list = write.messages(S, { shape = "Events" }, { { heads = { kind = "a" } }, { bad = { message = "no" } } }, codec)
    assert.same({ { payload = "", headers = { [":message-type"] = "event", [":event-type"] = "heads", kind = "a" } },
      { payload = '{"message":"no"}', headers = { [":message-type"] = "exception", [":exception-type"] = "bad",
        [":content-type"] = "application/json" } } }, stream.messages(table.concat(list)))
  end)

  it("is signed over the one before it: the example of AWS's SDKs", function()
    -- github.com/smithy-lang/smithy-rs, aws-sigv4's tests, licence Apache-2.0.
    local inner = write.message(write.headers { { "some-header", "string", "value" } }, "test payload")
    local stages = assert(write.sign({ access_key = "a", secret_key = "s", region = "us-east-1",
      service = "testservice", time = 123456789 }, hash.sha256_hex "last message sts", inner, chunks.stages))
    assert.equal("AWS4-HMAC-SHA256-PAYLOAD\n19731129T213309Z\n19731129/us-east-1/testservice/aws4_request\n"
      .. "be1f8c7d79ef8e1abc5254a2c70e4da3bfaf4f07328f527444e1fc6ea67273e2\n"
      .. "0c0e3b3bf66b59b976181bd7d401927bbd624107303c713fd1e5f3d3c8dd1b1e\n"
      .. "f2eba0f2e95967ee9fbc6db5e678d2fd599229c0d04b11e4fc8e0f2a02a806c6", stages.string_to_sign)
    local outer = stream.messages(stages.message)[1]
    assert.same({ [":date"] = 123456789, [":chunk-signature"] = hash.hex_decode(stages.signature) }, outer.headers)
    assert.equal(inner, outer.payload)
  end)

  it("comes together from pieces", function()
    local text = ""
    for i = 1, 5 do text = text .. write.message(write.headers { { "n", "integer", i } }, ("x"):rep(i * 10)) end
    for _, size in ipairs { 1, 7, 11, 64, 1000 } do
      local feed, seen = stream.decoder(), {}
      for from = 1, #text, size do
        for _, m in ipairs(feed(text:sub(from, from + size - 1))) do seen[#seen + 1] = m.headers.n end
      end
      assert.same({ 1, 2, 3, 4, 5 }, seen)
    end
    assert.is_false((pcall(stream.decoder(), "\255\255\255\255\0\0\0\0\0\0\0\0")))
  end)

  it("is refused with a header that is cut or of no known kind", function()
    for _, block in ipairs { "\1n\9short", "\1n\7\0\9a", "\1n\99", "\9n" } do
      assert.is_false((pcall(stream.messages, write.message(block, ""))))
    end
  end)
end)

describe("a request with events", function()
  local EVENTS = { { TextEvent = { Text = "Hello", TextType = "text" } }, { CloseStreamEvent = {} } }
  local PARAMS = { Engine = "generative", OutputFormat = "mp3", VoiceId = "Ruth", ActionStream = EVENTS }

  it("is a chain of signed messages that an empty one ends", function()
    local p = assert(made("polly"):signed("StartSpeechSynthesisStream", PARAMS))
    assert.equal("STREAMING-AWS4-HMAC-SHA256-EVENTS", header(p, "x-amz-content-sha256"))
    assert.equal("application/vnd.amazon.eventstream", header(p, "content-type"))
    assert.matches("\nSTREAMING%-AWS4%-HMAC%-SHA256%-EVENTS$", p.canonical_request)
    local who = { access_key = "AKID", secret_key = "secret", region = "us-east-1", service = "polly", time = NOW }
    local last, inner = p.signature, {}
    local outer = stream.messages(p.body)
    assert.equal(3, #outer)
    for i, message in ipairs(outer) do
      local stages = assert(write.sign(who, last, message.payload, chunks.stages))
      assert.equal(stages.signature, hash.hex_encode(message.headers[":chunk-signature"]))
      assert.equal(NOW, message.headers[":date"])
      last = stages.signature
      if i < 3 then inner[i] = stream.messages(message.payload)[1] end
    end
    assert.equal("", outer[3].payload)
    assert.same({ "TextEvent", "CloseStreamEvent" }, names(inner))
    assert.equal("application/json", inner[1].headers[":content-type"])
    assert.equal('{"Text":"Hello","TextType":"text"}', inner[1].payload)
    assert.equal("event", inner[2].headers[":message-type"])
  end)

  it("carries bytes in base64 where its document does", function()
    local c = made "bedrock-runtime"
    local request = assert(c:build("InvokeModelWithBidirectionalStream",
      { modelId = "m", body = { { chunk = { bytes = "\0\1\2" } } } }))
    assert.equal('{"bytes":"AAEC"}', stream.messages(request.body)[1].payload)
  end)

  it("is not wrapped when a token says who sends it", function()
    local c = made("bedrock-runtime", { AWS_BEARER_TOKEN_BEDROCK = "abc" })
    local p = assert(c:signed("InvokeModelWithBidirectionalStream",
      { modelId = "m", body = { { chunk = { bytes = "x" } } } }))
    assert.equal("Bearer abc", header(p, "authorization"))
    assert.same({ "chunk" }, names(stream.messages(p.body)))
  end)

  it("names all faults of its events", function()
    local function faults(events)
      local _, e = made("polly"):build("StartSpeechSynthesisStream",
        { Engine = "generative", OutputFormat = "mp3", VoiceId = "Ruth", ActionStream = events })
      return e.message
    end
    assert.matches("ActionStream: expected list of events", faults { TextEvent = { Text = "x" } })
    assert.matches("ActionStream: expected list of events", faults "x")
    assert.matches("ActionStream%[1%].TextEvent.Text: required member is missing", faults { { TextEvent = {} } })
    assert.matches("ActionStream%[2%].TextEvnt: unknown member, did you mean TextEvent?",
      faults { { TextEvent = { Text = "x" } }, { TextEvnt = {} } })
    assert.matches("must have exactly one of", faults { { TextEvent = { Text = "x" }, CloseStreamEvent = {} } })
  end)

  it("is sent, and the events that come back are read", function()
    local c = made "polly"
    local function event(name, payload)
      return write.message(write.headers { { ":message-type", "string", "event" },
        { ":event-type", "string", name } }, payload)
    end
    c.http = function(request)
      assert.equal(3, #stream.messages(request.body))
      return { status = 200, headers = {}, body = event("AudioEvent", "AUDIO") .. event("StreamClosedEvent", "{}") }
    end
    c.sleep, c.now = function() end, function() return NOW end
    local output = assert(c:call("StartSpeechSynthesisStream", PARAMS))
    assert.equal("AUDIO", output.EventStream[1].AudioEvent.AudioChunk)
    assert.truthy(output.EventStream[2].StreamClosedEvent)
  end)

  it("fails with the exception that the stream carries", function()
    local c = made "polly"
    local body = write.message(write.headers { { ":message-type", "string", "exception" },
      { ":exception-type", "string", "ThrottlingException" } }, '{"message":"slow down"}')
    local output, e = c:parse("StartSpeechSynthesisStream", { status = 200, headers = {}, body = body })
    assert.is_nil(output)
    assert.equal("ThrottlingException", e.code)
    assert.matches("slow down$", e.message:gsub(" %(.*$", ""))
  end)
end)
