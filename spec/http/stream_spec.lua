-- Answers that are read while they come, bodies that are written while they are sent, and answers that go
-- to a part of a file.
local hash = require "cso.std.hash"
local http = require "cso.http"
local raw = require "spec.support.raw_server"
local task = require "cso.task"

local function with(behave, fn)
  local ok, e = task.run(function()
    return task.scope(function()
      local server = raw.listen(behave)
      fn(server.url, server)
      server.close()
      return true
    end)
  end)
  if not ok then error(e, 0) end
end

local function chunk(bytes) return ("%x\r\n%s\r\n"):format(#bytes, bytes) end

local HEAD = "HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n"

describe("an answer that is read while it comes", function()
  it("comes piece by piece, its head before them", function()
    local go
    with(function(c)
      c:request()
      c:send(HEAD)
      task.await(go)
      c:send(chunk "one")
      c:send(chunk "two" .. "0\r\n\r\n")
    end, function(url)
      go = task.future()
      local stream <close> = assert(http.open { method = "GET", url = url })
      local status, headers = stream:head()
      assert.equal(200, status)
      assert.equal("b", headers["x-a"])
      go:complete(true)
      local all = {}
      for piece in stream.read, stream do all[#all + 1] = piece end
      assert.equal("onetwo", table.concat(all))
      assert.is_nil(stream:read())
    end)
  end)

  it("makes the other side wait when nobody reads", function()
    local sent = 0
    with(function(c)
      c:request()
      c:send(HEAD)
      local piece = chunk(("x"):rep(65536))
      while true do
        c:send(piece)
        sent = sent + 65536
      end
    end, function(url)
      local stream <close> = assert(http.open { method = "GET", url = url, max_body = 1 << 40 })
      assert(stream:head())
      local held
      repeat
        held = sent
        task.sleep(0.3)
        assert.is_true(sent < 32 << 20, "sent " .. sent)
      until sent == held
      local got = 0
      while got < held + (4 << 20) do got = got + #assert(stream:read()) end
      assert.is_true(sent > held)
    end)
  end)

  it("tells what it broke off with, and its bounds", function()
    with(function(c)
      c:request()
      c:send(HEAD .. chunk "one")
      c:reset()
    end, function(url)
      local stream <close> = assert(http.open { method = "GET", url = url })
      local first, e = stream:read()
      if first then first, e = stream:read() end
      assert.is_nil(first)
      assert.equal("reset", e.code)
    end)
    with(function(c)
      c:request()
      c:send(HEAD)
      c:flood(chunk(("x"):rep(1000)))
    end, function(url)
      local stream <close> = assert(http.open { method = "GET", url = url, max_body = 100000 })
      local piece, e
      repeat piece, e = stream:read() until not piece
      assert.equal("too_large", e.code)
    end)
  end)

  it("is given up by who goes away", function()
    with(function(c)
      c:request()
      c:send(HEAD)
      c:request()
    end, function(url)
      do
        local stream <close> = assert(http.open { method = "GET", url = url })
        assert(stream:head())
      end
      local ok, e = task.try(task.timeout, 0.1, function()
        local stream <close> = assert(http.open { method = "GET", url = url })
        stream:read()
      end)
      assert.is_false(ok)
      assert.equal("timeout", e.code)
    end)
  end)
end)

describe("a body that is written while it is sent", function()
  it("talks with an answer that comes meanwhile", function()
    with(function(c)
      local echoed = HEAD
      local head
      repeat
        task.sleep(0.005)
        head = c.received:match("^(.-\r\n\r\n)")
      until head
      assert.match("transfer%-encoding: chunked", head:lower())
      c.received = c.received:sub(#head + 1)
      while true do
        local size, at = c.received:match("^(%x+)\r\n()")
        local n = size and tonumber(size, 16)
        if n and #c.received >= at + n + 1 then
          if n == 0 then break end
          c:send(echoed .. chunk(c.received:sub(at, at + n - 1):upper()))
          echoed = ""
          c.received = c.received:sub(at + n + 2)
        else
          task.sleep(0.005)
        end
      end
      c:send "0\r\n\r\n"
    end, function(url)
      local stream <close> = assert(http.open { method = "POST", url = url, feed = true })
      for _, word in ipairs { "one", "two", "three" } do
        assert(stream:write(word))
        assert.equal(word:upper(), stream:read())
      end
      assert(stream:write("", true))
      assert.is_nil(stream:read())
      assert.is_nil(stream:write("late"))
    end)
  end)
end)

describe("an answer that goes to a part of a file", function()
  local name
  before_each(function() name = os.tmpname() end)
  after_each(function() os.remove(name) end)

  local function content(text)
    local file = assert(io.open(name, text and "wb" or "rb"))
    if text then file:write(text) else text = file:read("a") end
    file:close()
    return text
  end

  it("leaves the rest as it is, and tells its checksum", function()
    with(function(c)
      c:request()
      c:answer(206, "", "NEW")
    end, function(url)
      content "0123456789"
      local r = assert(http.request { method = "GET", url = url, to_file = name, to_at = 4, to_sum = "sha256" })
      assert.equal("0123NEW789", content())
      assert.equal(hash.sha256 "NEW", r.sum)
      assert.equal(3, r.received)
      assert.equal("", r.body)
    end)
  end)

  it("is not a failure's words", function()
    with(function(c)
      c:request()
      c:answer(404, "", "no such thing")
    end, function(url)
      content "0123456789"
      local r = assert(http.request { method = "GET", url = url, to_file = name, to_at = 4 })
      assert.equal("no such thing", r.body)
      assert.equal("0123456789", content())
    end)
  end)

  it("says how much has come of one that breaks off", function()
    with(function(c)
      c:request()
      c:send("HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: 10\r\n\r\n01234")
      task.sleep(0.05)
      c:reset()
    end, function(url)
      local _, e = http.request { method = "GET", url = url, to_file = name }
      assert.equal("reset", e.code)
      assert.equal(5, e.received)
      assert.equal('"e"', e.headers.etag)
      assert.equal("01234", content())
    end)
  end)
end)
