--- Client and server against each other.
local http = require("cso.http")
local server = require("cso.http.server")
local task = require("cso.task")

local function run(fn)
  local results = table.pack(task.run(fn))
  if results[1] == nil and results[2] ~= nil then error(results[2], 0) end
  return table.unpack(results, 1, results.n)
end

-- Runs body(url, server) beside a server.
local function with(handler, body, options)
  return run(function()
    options = options or {}
    options.handler = handler
    local s = assert(server.serve(options))
    local results = table.pack(body(s.url, s))
    s.close()
    return table.unpack(results, 1, results.n)
  end)
end

local function echo(request)
  return {
    status = 200, headers = { ["X-Method"] = request.method, ["x-query"] = request.query },
    body = request.body,
  }
end

after_each(function()
  assert.same({ tasks = 0, timers = 0, awaited = 0 }, task.stats())
end)

describe("a request", function()
  it("that is given up before its connection stands leaves nothing behind that later ones trip over", function()
    with(echo, function(url)
      for _ = 1, 20 do
        task.scope(function(s)
          for _ = 1, 3 do s:spawn(function() http.request { method = "GET", url = url } end) end
          s:spawn(function() s:cancel() end)
        end)
        -- Numbers of closed sockets are given to files and to new connections.
        local file = assert(io.open("/dev/null"))
        assert.equal(200, assert(http.request { method = "GET", url = url }).status)
        file:close()
      end
    end)
  end)

  it("carries method, target, headers and body there and back", function()
    with(function(request)
      assert.equal("/a//b/../c%20d", request.path)
      assert.equal("x=1&y=%26", request.query)
      assert.equal("one, two", request.headers["x-many"])
      assert.is_nil(request.headers["user-agent"])
      assert.is_nil(request.headers["expect"])
      return {
        status = 201, headers = { { "Set-Thing", "a" }, { "set-thing", "b" } }, body = request.body,
      }
    end, function(url)
      local body = ("\0\r\n\255"):rep(100000)
      local r = assert(http.request {
        method = "PUT", url = url .. "/a//b/../c%20d?x=1&y=%26", body = body,
        headers = { { "X-Many", "one" }, { "X-Many", "two" } },
      })
      assert.equal(201, r.status)
      assert.equal("a, b", r.headers["set-thing"])
      assert.equal(body, r.body)
      assert.is_true(r.bytes_in > #body and r.bytes_out > #body)
    end)
  end)

  for _, method in ipairs { "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" } do
    it("may be a " .. method .. " with and without a body", function()
      with(echo, function(url)
        for _, body in ipairs { "", "text" } do
          local r = assert(http.request { method = method, url = url, body = body })
          assert.equal(method, r.headers["x-method"])
          assert.equal(body, r.body)
        end
      end)
    end)
  end

  it("may be a HEAD", function()
    with(function() return { status = 200, body = "12345" } end, function(url)
      for _ = 1, 2 do
        local r = assert(http.request { method = "HEAD", url = url })
        assert.equal("", r.body)
        assert.equal("5", r.headers["content-length"])
      end
    end)
  end)

  it("keeps empty header values", function()
    with(function(request)
      return { status = 200, headers = { ["x-empty"] = "" }, body = request.headers["x-none"] }
    end, function(url)
      local r = assert(http.request { method = "GET", url = url, headers = { ["x-none"] = "" } })
      assert.equal("", r.headers["x-empty"])
    end)
  end)

  it("does not follow redirects", function()
    with(function() return { status = 302, headers = { location = "/other" } } end, function(url)
      assert.equal(302, http.request { method = "GET", url = url }.status)
    end)
  end)

  it("reuses connections", function()
    local peers = {}
    with(function(request)
      peers[request.peer] = true
      return { status = 204 }
    end, function(url)
      for _ = 1, 10 do assert.equal(204, http.request { method = "POST", url = url }.status) end
    end)
    local count = 0
    for _ in pairs(peers) do count = count + 1 end
    assert.equal(1, count)
  end)

  it("can be made by the hundred at once", function()
    with(function(request)
      task.sleep(0.001)
      return { status = 200, body = request.path }
    end, function(url)
      local list = {}
      for i = 1, 300 do list[i] = i end
      local bodies = task.map(list, function(i)
        return assert(http.request { method = "GET", url = url .. "/" .. i }).body
      end)
      for i = 1, 300 do assert.equal("/" .. i, bodies[i]) end
    end)
  end)

  it("goes from file to file", function()
    local name = os.tmpname()
    with(echo, function(url)
      local file = assert(io.open(name, "w"))
      file:write(("line\n"):rep(50000))
      file:close()
      local r = assert(http.request {
        method = "PUT", url = url, from_file = name, to_file = name .. ".back",
      })
      assert.equal("", r.body)
      file = assert(io.open(name .. ".back"))
      assert.equal(("line\n"):rep(50000), file:read("a"))
      file:close()
    end)
    os.remove(name)
    os.remove(name .. ".back")
  end)

  it("refuses what would smuggle headers", function()
    run(function()
      for _, bad in ipairs { { "a", "b\r\nc: d" }, { "a b", "c" }, { "", "c" }, { "a", "b\0" } } do
        local ok = pcall(http.request, { method = "GET", url = "http://127.0.0.1:1", headers = { bad } })
        assert.is_false(ok)
      end
      assert.is_false(pcall(http.request, { method = "GET X", url = "http://127.0.0.1:1" }))
      assert.is_false(pcall(http.request, { method = "GET", url = "http://127.0.0.1:1/\r\nx" }))
      assert.error_matches(function()
        http.request { method = "GET", url = "http://127.0.0.1:1", follow = true }
      end, "unknown option 'follow'")
    end)
  end)
end)

describe("a failure", function()
  local function fail(handler, request, options)
    return with(handler, function(url)
      request.url = url
      request.method = request.method or "POST"
      local r, e = http.request(request)
      assert.is_nil(r)
      assert.equal("network", e.class)
      return e
    end, options)
  end

  it("of connecting was never sent", function()
    run(function()
      local _, e = http.request { method = "POST", url = "http://127.0.0.1:1/", body = "x" }
      assert.equal("connect", e.code)
      assert.is_false(e.sent)
    end)
  end)

  it("of resolving was never sent", function()
    run(function()
      local _, e = http.request { method = "GET", url = "http://no-such-host.invalid/" }
      assert.equal("resolve", e.code)
      assert.is_false(e.sent)
    end)
  end)

  it("of another scheme is refused", function()
    run(function()
      local _, e = http.request { method = "GET", url = "file:///etc/passwd" }
      assert.equal("protocol", e.code)
      assert.is_false(e.sent)
    end)
  end)

  it("of TLS was never sent", function()
    with(echo, function(url)
      local _, e = http.request { method = "POST", url = url:gsub("^http", "https"), body = "x" }
      assert.equal("tls", e.code)
      assert.is_false(e.sent)
    end)
  end)

  it("by a reset before the answer was sent, once", function()
    local times = 0
    local e = fail(function()
      times = times + 1
      return "abort"
    end, { body = "x" })
    assert.equal("reset", e.code)
    assert.is_true(e.sent)
    assert.equal(1, times)
  end)

  it("by a reset of a reused connection is not repeated behind the caller's back", function()
    local times = 0
    with(function()
      times = times + 1
      if times > 1 then return "abort" end
      return { status = 200 }
    end, function(url)
      assert(http.request { method = "POST", url = url, body = "x" })
      local _, e = http.request { method = "POST", url = url, body = "x" }
      assert.equal("reset", e.code)
      assert.is_true(e.sent)
    end)
    assert.equal(2, times)
  end)

  it("in the middle of the body is a reset", function()
    local e = fail(function()
      return { abort = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this" }
    end, {})
    assert.equal("reset", e.code)
    assert.is_true(e.sent)
  end)

  it("by an answer that is no HTTP is told", function()
    local e = fail(function() return { abort = "SSH-2.0-OpenSSH\r\n" } end, {})
    assert.is_true(e.code == "protocol" or e.code == "reset")
    assert.is_true(e.sent)
  end)

  it("by bad chunks is told", function()
    local e = fail(function()
      return { abort = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello" }
    end, {})
    assert.is_true(e.code == "protocol" or e.code == "reset")
  end)

  it("by too much comes early", function()
    local big = function() return { status = 200, body = ("x"):rep(100000) } end
    assert.equal("too_large", fail(big, { max_body = 99999 }).code)
    local wide = function() return { status = 200, headers = { x = ("x"):rep(10000) } } end
    assert.equal("too_large", fail(wide, { max_header = 5000 }).code)
  end)

  it("by silence is a timeout, of the request or of a deadline", function()
    local function mute() task.sleep(2) return { status = 200 } end
    local e = fail(mute, { timeout = 0.3 })
    assert.equal("timeout", e.code)
    assert.is_true(e.sent)
    assert.equal("timeout", fail(mute, { deadline = task.now() + 0.3 }).code)
  end)

  it("of the caller's patience aborts the request", function()
    with(function() task.sleep(0.2) return { status = 200 } end, function(url)
      local ok, e = task.try(task.timeout, 0.01, function()
        http.request { method = "GET", url = url }
      end)
      assert.is_false(ok)
      assert.equal("timeout", e.code)
      assert.equal(0, task.stats().awaited)
    end)
  end)
end)

describe("the server", function()
  it("answers 500 for a handler that fails, and goes on", function()
    local told
    with(function(request)
      if request.path == "/bad" then error({ code = "x", message = "no idea" }) end
      return { status = 200 }
    end, function(url)
      local r = assert(http.request { method = "GET", url = url .. "/bad" })
      assert.equal(500, r.status)
      assert.matches("no idea", r.body, 1, true)
      assert.equal(200, http.request { method = "GET", url = url }.status)
    end, { on_error = function(e) told = e.code end })
    assert.equal("x", told)
  end)

  it("is closed with its scope", function()
    run(function()
      local url = task.scope(function() return server.serve { handler = echo }.url end)
      local _, e = http.request { method = "GET", url = url }
      assert.equal("connect", e.code)
    end)
  end)

  it("says when a port is taken", function()
    with(echo, function(_, s)
      local other, e = server.serve { handler = echo, port = s.port }
      assert.is_nil(other)
      assert.matches("port " .. s.port, e.message, 1, true)
    end)
  end)
end)
