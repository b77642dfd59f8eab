-- csorun exec of an operation that answers with events.
local event_write = require "cso.aws.protocol.event_write"
local raw = require "spec.support.raw_server"
local world = require "spec.scenario.world"

local function event(name, payload)
  return event_write.message(event_write.headers { { ":message-type", "string", "event" },
    { ":event-type", "string", name }, { ":content-type", "string", "application/json" } }, payload)
end

local function chunk(bytes) return ("%x\r\n%s\r\n"):format(#bytes, bytes) end

describe("csorun exec of an answer in events", function()
  local words = { "exec", "bedrock-runtime.ConverseStream", "modelId=m",
    "messages.0.role=user", "messages.0.content.0.text=hi" }

  local function listen(ending, fn)
    world.run({ sim = false }, function(p)
      local server = raw.listen(function(c)
        c:request()
        c:send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
          .. chunk(event("messageStart", '{"role":"assistant"}')))
        -- The first line is there before the answer goes on.
        world.wait_for("a first line", function() return (p:read "out" or "") ~= "" end)
        c:send(chunk(event("messageStop", '{"stopReason":"end_turn"}')) .. ending)
      end)
      local line = { "-c", '"$0" "$@" >out', world.bin .. "/csorun", table.unpack(words) }
      local child = p:start(line, { program = "/bin/sh", env = { AWS_ENDPOINT_URL = server.url } })
      local code, _, err = child.wait()
      server.close()
      fn(code, p:read "out", err)
    end)
  end

  it("prints each as it arrives, a line of JSON", function()
    listen("0\r\n\r\n", function(code, out, err)
      assert.equal(0, code, err)
      assert.equal('{"messageStart":{"role":"assistant"}}\n{"messageStop":{"stopReason":"end_turn"}}\n', out)
    end)
  end)

  it("fails at its end when it ends with a failure", function()
    listen(chunk("garbage that is no message") .. "0\r\n\r\n", function(code, out, err)
      assert.equal(1, code)
      assert.equal(2, select(2, out:gsub("\n", "")))
      assert.match("cannot be read: event stream", err, 1, true)
    end)
  end)
end)
