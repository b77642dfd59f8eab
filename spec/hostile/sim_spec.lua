--- The simulator against clients that mean harm: it refuses, stays small, and goes on serving.
local fs = require "cso.std.fs"
local http = require "cso.http"
local process = require "cso.task.process"
local sigv4 = require "cso.std.sigv4"
local task = require "cso.task"
local uv = require "luv"
local watched = require "spec.support.watched"

local KEY, SECRET, MOST = "AKIDHOSTILESUITE0000", "secret-of-the-hostile-suite", 200

-- Runs body(sim) beside a simulator of its own process; gives how that ended.
local function beside(body)
  local outcome
  local _, e = task.run(function()
    local started, port_file = task.future(), os.tmpname()
    task.scope(function(scope)
      local child = scope:spawn(function()
        outcome = assert(process.run("sh", {
          args = { "-c", ('exec "%s" sim --json --access-key %s --secret-key %s > %s'):format(
            watched.binary, KEY, SECRET, port_file) },
          started = function(pid) started:complete(pid) end }))
      end)
      local pid, port = task.await(started), nil
      for _ = 1, 500 do
        port = tonumber((fs.read(port_file) or ""):match('"port":(%d+)'))
        if port then break end
        task.sleep(0.02)
      end
      local sim = { pid = pid, port = port, url = "http://127.0.0.1:" .. tostring(port) }
      local ok, failure = task.try(body, sim)
      uv.kill(pid, "sigterm")
      task.await(child)
      os.remove(port_file)
      if not ok then error(failure, 0) end
    end)
  end)
  if e then error(e, 0) end
  return outcome
end

-- Sends bytes; gives what comes back until the other side hangs up or the time is over.
local function raw(port, bytes, seconds)
  local tcp, connected, done, heard = uv.new_tcp(), task.future(), task.future(), {}
  tcp:connect("127.0.0.1", port, function(failure) connected:complete(failure or false) end)
  if task.await(connected) then
    tcp:close()
    return ""
  end
  tcp:read_start(function(_, data)
    if data then heard[#heard + 1] = data elseif not done.done then done:complete() end
  end)
  tcp:write(bytes, function() end)
  task.try(task.timeout, seconds or 3, function() task.await(done) end)
  if not tcp:is_closing() then tcp:close() end
  return table.concat(heard)
end

local function signed(sim, service, target, body, content_type)
  local headers = { { "Host", "127.0.0.1:" .. sim.port }, { "Content-Type", content_type } }
  if target then headers[3] = { "X-Amz-Target", target } end
  local answer = assert(sigv4.sign { method = "POST", path = "/", headers = headers, body = body, access_key = KEY,
    secret_key = SECRET, region = "eu-west-2", service = service, time = os.time() })
  for _, h in ipairs(answer.headers) do headers[#headers + 1] = h end
  return http.request { method = "POST", url = sim.url .. "/", headers = headers, body = body, timeout = 30 }
end

local function serves(sim)
  local response = assert(signed(sim, "secretsmanager", "secretsmanager.ListSecrets", "{}",
    "application/x-amz-json-1.1"))
  assert.equal(200, response.status)
end

local function is_small(sim)
  local peak = watched.peak(sim.pid)
  assert.is_true(peak < MOST, ("%.0f MiB"):format(peak))
end

describe("the simulator", function()
  it("refuses bytes that are no request, and goes on", function()
    local outcome = beside(function(sim)
      for _, bytes in ipairs { ("\0\1\255"):rep(10000) .. "\n", "GET / HTTP/9.9\r\n\r\n",
        "\22\3\1\2\0\1\0\1\252\3\3" .. ("x"):rep(500)
          .. "\r\n\r\n", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " .. ("y"):rep(1000000) .. "\r\n\r\n" } do
        local text = raw(sim.port, bytes)
        -- Who is still sending when he is refused may see the reset before the refusal.
        if #bytes < 100000 then assert.matches("^HTTP/1.1 4%d%d ", text, 1, false) end
      end
      serves(sim)
      is_small(sim)
    end)
    assert.equal(0, outcome.signal)
  end)

  it("is not held up by hundreds of clients that say nothing more", function()
    beside(function(sim)
      local idle = {}
      for i = 1, 300 do
        idle[i] = uv.new_tcp()
        idle[i]:connect("127.0.0.1", sim.port, function(failure)
          if not failure then idle[i]:write("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000000\r\n\r\nx") end
        end)
      end
      task.sleep(0.2)
      serves(sim)
      is_small(sim)
      for _, tcp in ipairs(idle) do tcp:close() end
    end)
  end)

  it("answers to its own names only, whatever a browser is made to send", function()
    beside(function(sim)
      for _, host in ipairs { "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "" } do
        local text = raw(sim.port, ("GET /_sim/dump HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"):format(host))
        assert.matches("^HTTP/1.1 421 ", text, 1, false)
      end
      local text = raw(sim.port, "POST /_sim/reset HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\n"
        .. "Content-Length: 0\r\nConnection: close\r\n\r\n")
      assert.matches("^HTTP/1.1 403 ", text)
    end)
  end)

  it("reads documents that cost much within bounds", function()
    beside(function(sim)
      local json = "application/x-amz-json-1.1"
      local wide = { '{"MaxResults":1' }
      for i = 1, 300000 do wide[i + 1] = ('"m%d":1'):format(i) end
      for _, body in ipairs { ("["):rep(1000000), ('{"a":'):rep(500000), "\255\254", '{"MaxResults":1e999}', '{"MaxResults":"x"}',
        '{"MaxResults":[[[]]]}', "null", "false", "[]", table.concat(wide, ",") .. "}" } do
        local response = assert(signed(sim, "secretsmanager", "secretsmanager.ListSecrets", body, json))
        assert.is_true(response.status < 500, body:sub(1, 30) .. response.body)
      end
      local form = "application/x-www-form-urlencoded"
      for _, body in ipairs { "Action=DescribeVpcs&Version=2016-11-15" .. ("&Filter.1.Value.1=x"):rep(50000),
        "Action=DescribeVpcs&Version=2016-11-15&Filter.999999999999.Name=x",
        "Action=DescribeVpcs&Version=2016-11-15&Filter.1" .. (".1"):rep(50000) .. "=x",
        "Action=%00%ff&Version=x", ("&"):rep(100000) } do
        local response = assert(signed(sim, "ec2", nil, body, form))
        assert.is_true(response.status < 500, body:sub(1, 60) .. response.body)
      end
      serves(sim)
      is_small(sim)
    end)
  end)
end)
