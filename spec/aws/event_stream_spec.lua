local client = require "cso.aws.client"
local hash = require "cso.std.hash"
local stream = require "cso.aws.protocol.event_stream"

local function message(headers, payload)
  local block = {}
  for _, h in ipairs(headers) do
    block[#block + 1] = string.pack(">s1B s2", h[1], 7, h[2])
  end
  local text = table.concat(block)
  local prelude = string.pack(">I4I4", 16 + #text + #payload, #text)
  local head = prelude .. string.pack(">I4", hash.crc32(prelude)) .. text .. payload
  return head .. string.pack(">I4", hash.crc32(head))
end

local function event(name, payload)
  return message({ { ":message-type", "event" }, { ":event-type", name } }, payload)
end

describe("event streams", function()
  it("are read as a list of typed events", function()
    local c = assert(client.new { service = "s3", region = "eu-west-2", now = os.clock, clock = os.time })
    local body = event("Records", "a,b\n") .. event("Stats",
      "<Stats><BytesScanned>10</BytesScanned></Stats>") .. event("Unheard", "x") .. event("End", "")
    local output = assert(c:parse("SelectObjectContent", { status = 200, headers = {}, body = body }))
    assert.equal("a,b\n", output.Payload[1].Records.Payload)
    assert.equal(10, output.Payload[2].Stats.Details.BytesScanned)
    assert.same({ End = {} }, output.Payload[3])
  end)

  it("end with the error that they carry", function()
    local c = assert(client.new { service = "s3", region = "eu-west-2", now = os.clock, clock = os.time })
    local body = message({ { ":message-type", "error" }, { ":error-code", "InternalError" },
      { ":error-message", "oh" } }, "")
    local output, e = c:parse("SelectObjectContent", { status = 200, headers = {}, body = body })
    assert.is_nil(output)
    assert.equal("InternalError", e.code)
  end)

  it("name what their exceptions are, and read them", function()
    local c = assert(client.new { service = "bedrock-runtime", region = "eu-west-2", now = os.clock, clock = os.time })
    local body = message({ { ":message-type", "exception" }, { ":exception-type", "modelStreamErrorException" } },
      '{"message":"no","originalStatusCode":424}')
    local output, e = c:parse("ConverseStream", { status = 200, headers = {}, body = body })
    assert.is_nil(output)
    assert.same({ "modelStreamErrorException", "no", "ModelStreamErrorException", 424 },
      { e.code, e.message, e.shape, e.fields.originalStatusCode })
  end)

  it("are refused when an event has no name", function()
    local c = assert(client.new { service = "s3", region = "eu-west-2", now = os.clock, clock = os.time })
    local output, e = c:parse("SelectObjectContent", { status = 200, headers = {},
      body = message({ { ":message-type", "event" } }, "x") })
    assert.is_nil(output)
    assert.equal("MalformedResponse", e.code)
  end)

  it("are refused when a checksum differs or a message is cut", function()
    local good = event("Records", "data")
    for _, bad in ipairs { good:sub(1, -2), good:sub(1, -2) .. "\0", "\0\0\0\5" .. good:sub(5), good .. "x" } do
      assert.is_false((pcall(stream.messages, bad)))
    end
  end)
end)
