--- TLS as it is met in the world: HTTP/2, kept connections, certificates that must not be trusted, proxies.
local fs = require "host.fs"
local http = require "cso.http"
local process = require "cso.task.process"
local server = require "cso.http.server"
local task = require "cso.task"
local x509 = require "host.x509"

local NOW = os.time()
local directory, authority

local function write(name, text)
  local file = assert(io.open(directory .. "/" .. name, "wb"))
  file:write(text)
  file:close()
end

-- A key with a certificate of an authority, made so many days ago for ten days.
local function certify(name, by, days_ago, names)
  local key = assert(x509.key { type = "ec" })
  names.key, names.subject, names.days, names.now = key, { CN = name }, 10, NOW - days_ago * 86400
  names.authority_certificate, names.authority_key = by.certificate, by.key
  write(name .. ".pem", key .. assert(x509.certificate(names)))
end

local function new_authority(name)
  local key = assert(x509.key { type = "ec" })
  return { key = key, certificate = assert(x509.authority { key = key, subject = { CN = name }, days = 90,
    now = NOW - 60 * 86400 }) }
end

setup(function()
  directory = os.tmpname()
  os.remove(directory)
  assert(require("lfs").mkdir(directory))
  authority = new_authority "Authority of the specs"
  write("ca.pem", authority.certificate)
  local here = { "127.0.0.1" }
  certify("good", authority, 1, { dns = { "localhost" }, ip = here })
  certify("other", authority, 1, { dns = { "other.example" } })
  certify("expired", authority, 30, { dns = { "localhost" }, ip = here })
  certify("stranger", new_authority "Nobody that we know", 1, { dns = { "localhost" }, ip = here })
end)

teardown(function()
  for name in require("lfs").dir(directory) do os.remove(directory .. "/" .. name) end
  os.remove(directory)
end)

-- Runs body(urls) beside servers, one for each "name:protocol".
local function with(names, body)
  local _, e = task.run(function()
    local uv = require "luv"
    local input, output = uv.new_pipe(false), uv.new_pipe(false)
    local ports, text = task.future(), ""
    local args = { "spec/http/tls_server.py", directory, table.unpack(names) }
    local ended = task.future()
    local child = assert(uv.spawn("python3", { args = args, stdio = { input, output, 2 } },
      function() ended:complete() end))
    output:read_start(function(_, data)
      text = text .. (data or "")
      local list = {}
      for port in text:gmatch("(%d+)\n") do list[#list + 1] = "https://localhost:" .. port end
      if #list == #names then ports:complete(list) end
    end)
    task.defer(function()
      input:close()
      task.await(ended)
      output:close()
      child:close()
    end)
    body(task.await(ports))
  end)
  if e then error(e, 0) end
end

local function get(url, path, options)
  options = options or {}
  options.method, options.url, options.ca = options.method or "GET", url .. (path or "/"), directory .. "/ca.pem"
  return http.request(options)
end

describe("over TLS", function()
  for _, protocol in ipairs { "http/1.1", "h2" } do
    it("connections are kept, with " .. protocol, function()
      with({ "good:" .. protocol }, function(urls)
        local connections = {}
        for i = 1, 5 do
          local r = assert(get(urls[1], "/", { method = "POST", body = "body " .. i }))
          assert.equal(200, r.status)
          assert.equal("body " .. i, r.body)
          assert.equal(tostring(i), r.headers["x-request"])
          connections[r.headers["x-connection"]] = true
        end
        assert.is_nil(next(connections, next(connections)))
      end)
    end)
  end

  it("requests share one connection at once, with h2", function()
    with({ "good:h2" }, function(urls)
      assert(get(urls[1]))
      local answers = task.map({ 1, 2, 3, 4, 5, 6, 7, 8 }, function(i)
        return assert(get(urls[1], "/", { method = "PUT", body = ("x"):rep(1000 * i) }))
      end, { limit = 8 })
      for i, r in ipairs(answers) do
        assert.equal(1000 * i, #r.body)
        assert.equal(answers[1].headers["x-connection"], r.headers["x-connection"])
      end
    end)
  end)

  it("both sides talk at once, with h2", function()
    with({ "good:echo" }, function(urls)
      task.map({ "a", "b", "c" }, function(name)
        local stream <close> = assert(http.open { method = "POST", url = urls[1] .. "/", feed = true,
          ca = directory .. "/ca.pem" })
        assert.equal(200, (stream:head()))
        for i = 1, 20 do
          assert(stream:write(name .. i))
          assert.equal(name:upper() .. i, stream:read())
        end
        assert(stream:write("", true))
        assert.is_nil(stream:read())
      end)
    end)
  end)

  it("a kept connection that has ended meanwhile is replaced before anything is sent", function()
    with({ "good:http/1.1" }, function(urls)
      for i = 1, 3 do
        local r = assert(get(urls[1], "/last", { method = "POST", body = "once" }))
        assert.equal("1", r.headers["x-request"])
        assert.equal("once", r.body, i)
        task.sleep(0.5) -- until its end has arrived here
      end
    end)
  end)

  it("certificates that can't be trusted are refused, and the reason is said", function()
    local reasons = { other = "match", expired = "expired", stranger = "issuer" }
    for name, reason in pairs(reasons) do
      with({ name .. ":http/1.1" }, function(urls)
        local r, e = get(urls[1], "/", { method = "POST", body = "secret" })
        assert.is_nil(r)
        assert.equal("tls", e.code)
        assert.is_false(e.sent)
        assert.matches(reason, e.message)
      end)
    end
  end)

  it("the system's authorities are not asked where others are named, nor the others where they are not", function()
    with({ "good:http/1.1" }, function(urls)
      local r, e = http.request { method = "GET", url = urls[1] }
      assert.is_nil(r)
      assert.equal("tls", e.code)
    end)
  end)
end)

describe("a proxy of the environment", function()
  -- Environment variables are read by libcurl in its own process, so that one is started.
  local script = [[
    local http, task = require "cso.http", require "cso.task"
    task.run(function()
      local r, e = http.request { method = "POST", url = arg[1], body = "x",
        headers = { { "Authorization", "secret" } } }
      print(r and r.status or e.code, e and tostring(e.sent))
    end)
  ]]

  local function ask(variables, url)
    local seen, said = {}, nil
    local _, e = task.run(function()
      local proxy = assert(server.serve { handler = function(request)
        seen[#seen + 1] = request
        return { status = 502 }
      end })
      local changes = { HTTPS_PROXY = false, https_proxy = false, http_proxy = false, ALL_PROXY = false,
        all_proxy = false, NO_PROXY = false, no_proxy = false }
      for name, value in pairs(variables) do changes[name] = value:gsub("PROXY", proxy.url) end
      write("ask.lua", script)
      local r = assert(process.run(fs.exe_dir() .. "/csorun-lua",
        { args = { directory .. "/ask.lua", (url:gsub("PROXY", proxy.url)) }, env = changes }))
      assert.equal(0, r.code, r.err)
      said = r.out
      proxy.close()
    end)
    if e then error(e, 0) end
    return seen, said
  end

  it("is gone through, and reads nothing of what it is given for TLS", function()
    local seen, said = ask({ HTTPS_PROXY = "PROXY" }, "https://service.invalid/")
    assert.matches("^connect%s+false", said)
    assert.equal(1, #seen)
    for _, request in ipairs(seen) do
      assert.equal("CONNECT", request.method)
      assert.equal("service.invalid:443", request.target)
      assert.is_nil(request.headers.authorization)
      assert.equal("", request.body)
    end
  end)

  it("is not gone through for the names that NO_PROXY has", function()
    local seen, said = ask({ HTTPS_PROXY = "PROXY", NO_PROXY = "other,.invalid" }, "https://service.invalid/")
    assert.matches("^resolve%s+false", said)
    assert.same({}, seen)
  end)

  it("is not gone through to this machine", function()
    local seen, said = ask({ http_proxy = "http://127.0.0.1:1", HTTPS_PROXY = "http://127.0.0.1:1" }, "PROXY/direct")
    assert.matches("^502", said)
    assert.equal("/direct", seen[1].path)
  end)
end)
