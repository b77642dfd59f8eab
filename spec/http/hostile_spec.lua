--- The server against clients that do not play by the rules.
local server = require("cso.http.server")
local task = require("cso.task")
local uv = require("luv")

-- A connection of raw bytes: send{…} writes with pauses, then everything is read to the end.
local function raw(port, parts, options)
  options = options or {}
  local tcp, done, received = uv.new_tcp(), task.future(), {}
  tcp:connect("127.0.0.1", port, function(failure)
    if failure then done:fail({ code = failure }) return end
    tcp:read_start(function(_, data)
      if data then received[#received + 1] = data else done:complete() end
    end)
    done.connected:complete()
  end)
  done.connected = task.future()
  task.defer(function() if not tcp:is_closing() then tcp:close() end end)
  task.await(done.connected)
  for _, part in ipairs(parts) do
    tcp:write(part)
    task.sleep(options.pause or 0.002)
  end
  if options.hang_up then tcp:shutdown() end
  if options.reset then
    tcp:close_reset()
    return ""
  end
  local ok = task.try(task.timeout, options.wait or 5, function() task.await(done) end)
  if not tcp:is_closing() then tcp:close() end
  return table.concat(received), ok
end

-- Sends the parts to a server; gives what came back and what the handler saw.
local function exchange(parts, options, server_options)
  local seen = {}
  server_options = server_options or {}
  server_options.handler = function(request)
    seen[#seen + 1] = request
    if request.path == "/slow" then task.sleep(0.01) end
    return { status = 200, body = request.method .. " " .. request.path .. " " .. #request.body }
  end
  local text, closed
  local _, e = task.run(function()
    local s = assert(server.serve(server_options))
    text, closed = raw(s.port, parts, options)
    s.close()
  end)
  if e then error(e, 0) end
  return text, seen, closed
end

local function statuses(text)
  local list = {}
  for status in text:gmatch("HTTP/1.1 (%d+)") do list[#list + 1] = tonumber(status) end
  return list
end

local GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
local LAST = "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

after_each(function()
  assert.same({ tasks = 0, timers = 0, awaited = 0 }, task.stats())
end)

describe("requests that are fine", function()
  it("may be pipelined, and are answered in order", function()
    local text, seen = exchange {
      "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nPOST /two HTTP/1.1\r\nHost: x\r\n"
        .. "Content-Length: 3\r\n\r\nabc" .. LAST,
    }
    assert.same({ 200, 200, 200 }, statuses(text))
    assert.matches("GET /slow 0.*POST /two 3.*GET /last 0", text)
    assert.equal("abc", seen[2].body)
  end)

  it("may come byte by byte", function()
    local parts = {}
    for c in LAST:gmatch(".") do parts[#parts + 1] = c end
    local text = exchange(parts, { pause = 0 })
    assert.same({ 200 }, statuses(text))
  end)

  it("may be chunked, with extensions and trailers, in pieces", function()
    local text, seen = exchange({
      "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4;name=\"v\"\r\nWi",
      "ki\r", "\n5\r\npedia\r\n0\r\nX-Sum: 1\r\n\r\n" .. LAST,
    })
    assert.same({ 200, 200 }, statuses(text))
    assert.equal("Wikipedia", seen[1].body)
  end)

  it("may ask before sending the body", function()
    local text, seen = exchange {
      "PUT /e HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n",
      "body" .. LAST,
    }
    assert.same({ 100, 200, 200 }, statuses(text))
    assert.equal("body", seen[1].body)
  end)

  it("may be HTTP/1.0", function()
    local text, _, closed = exchange { "GET / HTTP/1.0\r\n\r\n" }
    assert.same({ 200 }, statuses(text))
    assert.matches("connection: close", text, 1, true)
    assert.is_true(closed)
  end)

  it("may begin with an empty line", function()
    assert.same({ 200, 200 }, statuses((exchange { "\r\n" .. GET .. "\r\n\r\n" .. LAST })))
  end)
end)

describe("requests that can be read in two ways", function()
  local head = "POST / HTTP/1.1\r\nHost: x\r\n"
  for what, text in pairs {
    ["a bare line feed"] = "GET / HTTP/1.1\nHost: x\n\n",
    ["two lengths"] = head .. "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    ["a length beside chunks"] = head
      .. "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ["a signed length"] = head .. "Content-Length: +3\r\n\r\nabc",
    ["a length list"] = head .. "Content-Length: 3, 3\r\n\r\nabc",
    ["an endless length"] = head .. "Content-Length: 99999999999999999999\r\n\r\n",
    ["another coding"] = head .. "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ["a space before the colon"] = "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    ["a folded line"] = "GET / HTTP/1.1\r\nHost: x\r\n  y: z\r\n\r\n",
    ["a nul"] = "GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n",
    ["no host"] = "GET / HTTP/1.1\r\n\r\n",
    ["two hosts"] = "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    ["a space in the target"] = "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    ["another protocol"] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ["no request at all"] = "\22\3\1\2\0\1\0\1\252\3\3hello\r\n\r\n",
    ["a bad chunk size"] = head .. "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
    ["a chunk that lies"] = head .. "Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
    ["a giant chunk"] = head .. "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    ["a chunk above the limit"] = head .. "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n",
  } do
    it("are refused: " .. what, function()
      local answer, seen, closed = exchange { text .. GET }
      assert.same({ 400 }, statuses(answer))
      assert.equal(0, #seen)
      assert.is_true(closed)
    end)
  end
end)

describe("requests that are too much", function()
  it("in the headers get 431", function()
    local answer, seen = exchange({
      "GET / HTTP/1.1\r\nHost: x\r\nX: " .. ("y"):rep(70000) .. "\r\n\r\n",
    })
    assert.same({ 431 }, statuses(answer))
    assert.equal(0, #seen)
  end)

  it("in headers that never end get 431", function()
    local parts = { "GET / HTTP/1.1\r\n" }
    for i = 1, 40 do parts[#parts + 1] = ("X-%d: %s\r\n"):format(i, ("y"):rep(2000)) end
    local answer = exchange(parts, { pause = 0 })
    assert.same({ 431 }, statuses(answer))
  end)

  it("in the body get 413 before the body is read", function()
    local answer, seen = exchange({
      "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n",
    }, nil, { max_body = 1000000 })
    assert.same({ 413 }, statuses(answer))
    assert.equal(0, #seen)
  end)
end)

describe("clients that go away", function()
  it("in the middle of a head or a body leave nothing behind", function()
    for _, text in ipairs {
      "GET / HT", "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
      "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    } do
      local answer, seen = exchange({ text }, { hang_up = true })
      assert.equal("", answer)
      assert.equal(0, #seen)
    end
  end)

  it("before the answer make the answer go nowhere", function()
    local _, seen = exchange({ "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" }, { reset = true })
    assert.equal(1, #seen)
  end)

  it("or are too slow are cut off", function()
    local answer, seen, closed = exchange({ "GET / HTTP/1.1\r\nHost: x\r\nX: " },
      { pause = 0.1 }, { header_timeout = 0.05 })
    assert.equal("", answer)
    assert.equal(0, #seen)
    assert.is_true(closed)
  end)

  it("or are silent after an answer are cut off", function()
    local answer, _, closed = exchange({ GET }, {}, { idle_timeout = 0.3 })
    assert.same({ 200 }, statuses(answer))
    assert.is_true(closed)
  end)
end)
