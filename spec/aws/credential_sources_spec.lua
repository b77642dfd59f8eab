-- What single sources of credentials say, with the world as arguments.
local credentials = require "cso.aws.credentials"
local config = require "cso.aws.config"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local scalar = require "cso.aws.protocol.scalar"
local x509 = require "cso.std.x509"

local NOW = 1700000000

local function context(t)
  local env = t.env or {}
  env.HOME = "/home/me"
  local files = t.files or {}
  local function read(path) return files[path] end
  local calls = {}
  local function client(service, region)
    return { call = function(_, name, params, opts)
      calls[#calls + 1] = { service = service, region = region, name = name, params = params, opts = opts }
      return t.answer(name, params)
    end }
  end
  return {
    config = assert(config.load { env = env, profile = t.profile, read = read }),
    clock = function() return NOW end, random = function() return 0.5 end,
    sleep = t.sleep or function() end, read_file = read,
    write = function(path, text) files[path] = text return true end,
    http = t.http or function() return nil, { code = "connect", message = "nothing answers" } end,
    spawn = t.spawn or function() return nil, "not there" end,
    client = client, sts = function() return client("sts") end,
  }, calls, files
end

local ROLE = "arn:aws:iam::111111111111:role/r"

local function assumed()
  return { AssumedRoleUser = { Arn = "arn:aws:sts::222222222222:assumed-role/r/s" },
    Credentials = { AccessKeyId = "ASIAROLE", SecretAccessKey = "s", SessionToken = "t", Expiration = NOW + 3600 } }
end

describe("sources of credentials", function()
  it("know the account from the role that was assumed, and may ask again for it", function()
    local ctx, calls = context { answer = assumed, profile = "a", files = { ["/home/me/.aws/config"] =
      "[profile a]\nrole_arn=" .. ROLE .. "\nsource_profile=a\naws_access_key_id=AKIA\naws_secret_access_key=s" } }
    local found = assert(credentials.find(ctx))
    assert.same({ "ASIAROLE", "222222222222" }, { found.access_key, found.account })
    assert.is_true(calls[1].opts.repeatable)
  end)

  it("take a variable of blanks alone for none", function()
    local ctx = context { env = { AWS_ACCESS_KEY_ID = " ", AWS_SECRET_ACCESS_KEY = "\t" }, files = {
      ["/home/me/.aws/credentials"] = "[default]\naws_access_key_id=AKIAFILE\naws_secret_access_key=s" } }
    assert.equal("AKIAFILE", assert(credentials.find(ctx)).access_key)
  end)

  it("ask a program before keys of the config file, and after those of the credentials file", function()
    local function spawn()
      return { status = 0, stderr = "", stdout = '{"Version":1,"AccessKeyId":"PROGRAM","SecretAccessKey":"s"}' }
    end
    local text = "\ncredential_process=/bin/keys\naws_account_id=333333333333\n"
      .. "aws_access_key_id=AKIAOWN\naws_secret_access_key=s"
    local found = assert(credentials.find(context { spawn = spawn, files = {
      ["/home/me/.aws/config"] = "[default]" .. text } }))
    assert.same({ "PROGRAM", "333333333333" }, { found.access_key, found.account })
    assert.equal("AKIAOWN", assert(credentials.find(context { spawn = spawn, files = {
      ["/home/me/.aws/credentials"] = "[default]" .. text } })).access_key)
  end)

  it("tell who writes a program's line for a shell that none runs it", function()
    local _, e = credentials.find(context {
      spawn = function() return { status = 0, stderr = "", stdout = "e30= | base64 --decode" } end,
      files = { ["/home/me/.aws/config"] = "[default]\ncredential_process = echo e30= | base64 --decode\n" } })
    assert.matches("did not print JSON", e.message, 1, true)
    assert.matches("no shell runs it, so | is only a word", e.hint, 1, true)
  end)

  it("ask a metadata service that answers but cannot serve now again", function()
    local answers, slept = {
      { status = 500 }, { status = 200, body = "token" }, { status = 200, body = "role" },
      { status = 503 }, { status = 200, body = '{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"B"}' },
    }, 0
    local ctx = context { sleep = function() slept = slept + 1 end, http = function()
      return table.remove(answers, 1)
    end }
    assert.equal("A", assert(credentials.find(ctx)).access_key)
    assert.equal(2, slept)
    local asked = 0
    ctx = context { http = function() asked = asked + 1 return nil, { code = "connect", message = "no" } end }
    assert.is_nil((credentials.find(ctx)))
    assert.equal(1, asked)
  end)

  it("name a metadata service that is no address, and a mode that is none", function()
    local asked
    local function find(env)
      asked = nil
      local _, e = credentials.find(context { env = env, http = function(request)
        asked = request.url
        return nil, { code = "connect", message = "no" }
      end })
      return e.message
    end
    assert.matches("not a uri", find { AWS_EC2_METADATA_SERVICE_ENDPOINT = "not a uri" })
    assert.matches("IPv7 is not an endpoint mode", find { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE = "IPv7" })
    assert.is_nil(asked)
    find { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE = "IPV6" }
    assert.equal("http://[fd00:ec2::254]/latest/api/token", asked)
    find { AWS_EC2_METADATA_SERVICE_ENDPOINT = "http://127.0.0.1:1338/" }
    assert.equal("http://127.0.0.1:1338/latest/api/token", asked)
  end)

  describe("with a sign-in to the console", function()
    local session = "arn:aws:sts::012345678910:assumed-role/Admin/admin"
    local path = "/home/me/.aws/login/cache/" .. hash.sha256_hex(session) .. ".json"
    local function made(expires, change)
      local token = { clientId = "c", refreshToken = "old", dpopKey = x509.key { type = "ec" }, accessToken = {
        accessKeyId = "OLD", secretAccessKey = "s", sessionToken = "t", accountId = "012345678910",
        expiresAt = scalar.time(expires, "iso8601") } }
      if change then change(token) end
      return { [path] = json.encode(token), ["/home/me/.aws/config"] = "[default]\nlogin_session=" .. session }
    end

    it("use what the login left while it lasts", function()
      local found = assert(credentials.find(context { files = made(NOW + 1200) }))
      assert.same({ "OLD", "012345678910", NOW + 1200 }, { found.access_key, found.account, found.expires })
    end)

    it("renew it with a proof of the key, and keep what is new", function()
      local ctx, calls, files = context { files = made(NOW - 1), answer = function()
        return { tokenOutput = { expiresIn = 900, refreshToken = "new", accessToken = {
          accessKeyId = "NEW", secretAccessKey = "s", sessionToken = "t" } } }
      end }
      local found = assert(credentials.find(ctx))
      assert.same({ "NEW", "012345678910", NOW + 900 }, { found.access_key, found.account, found.expires })
      assert.equal("new", json.decode(files[path]).refreshToken)
      local header = calls[1].opts.headers[1]
      assert.equal("DPoP", header[1])
      local claims = header[2]:match("^[%w_-]+%.([%w_-]+)%.[%w_-]+$")
      claims = claims:gsub("[-_]", { ["-"] = "+", _ = "/" }) .. ("="):rep(-#claims % 4)
      assert.same({ "POST", NOW }, { json.decode(hash.base64_decode(claims)).htm,
        json.decode(hash.base64_decode(claims)).iat })
    end)

    it("name what the login lacks", function()
      local _, e = credentials.find(context { files = made(NOW + 1200, function(t) t.dpopKey = nil end) })
      assert.matches("lacks dpopKey", e.message)
      _, e = credentials.find(context { files = { ["/home/me/.aws/config"] = "[default]\nlogin_session=x" } })
      assert.matches("nobody has signed in", e.message)
    end)
  end)

  it("wait for new keys when they end in the middle of something, not at its beginning", function()
    local now, there, paused = NOW, false, 0
    local provider = credentials.provider {
      clock = function() return now end,
      find = function()
        if not there then return nil, { code = "NoCredentials" } end
        return credentials.make { access_key = "K" .. now, secret_key = "s", expires = now + 3600, source = "x" }
      end,
      pause = function(e, tries)
        assert.equal("NoCredentials", e.code)
        paused = tries
        there = tries == 3
        return true
      end,
    }
    assert.is_nil((provider:get()))
    assert.equal(0, paused)
    there = true
    assert.equal("K" .. NOW, provider:get().access_key)
    now, there = NOW + 7200, false
    assert.equal("K" .. now, provider:get().access_key)
    assert.equal(3, paused)
    provider:forget()
    there, paused = false, 0
    assert.equal("K" .. now, provider:get().access_key)
    assert.equal(3, paused)
  end)

  it("let a call that is refused for its ended keys go on with those that come", function()
    local answers = { { status = 400, headers = {}, body = '{"__type":"ExpiredTokenException","message":"no"}' },
      { status = 200, headers = {}, body = '{"TableNames":["t"]}' } }
    local found, used = { "OLD", false, "NEW" }, {}
    local client = assert(require("cso.aws.client").new {
      service = "dynamodb", region = "eu-west-2", now = function() return 0 end, sleep = function() end,
      clock = function() return NOW end,
      http = function(request)
        for _, h in ipairs(request.headers) do
          if h[1]:lower() == "authorization" then used[#used + 1] = h[2]:match("Credential=(%u+)/") end
        end
        return table.remove(answers, 1)
      end,
      credentials = credentials.provider { clock = function() return NOW end, pause = function() return true end,
        find = function()
          local name = table.remove(found, 1)
          if not name then return nil, { code = "NoCredentials" } end
          return credentials.make { access_key = name, secret_key = "s", token = "t", source = "x" }
        end },
    })
    assert.same({ "t" }, { table.unpack(assert(client:call("ListTables", {})).TableNames) })
    assert.same({ "OLD", "NEW" }, used)
  end)

  it("let a call give up whose keys are called ended however new they are", function()
    local n = 0
    local client = assert(require("cso.aws.client").new {
      service = "dynamodb", region = "eu-west-2", now = function() return 0 end, sleep = function() end,
      clock = function() return NOW end,
      http = function() return { status = 400, headers = {}, body = '{"__type":"ExpiredTokenException","message":"no"}' } end,
      credentials = credentials.provider { clock = function() return NOW end, find = function()
        n = n + 1
        assert(n < 20, "no end")
        return credentials.make { access_key = "K" .. n, secret_key = "s", token = "t", source = "the vault" }
      end },
    })
    local _, e = client:call("ListTables", {})
    assert.equal("credentials", e.class)
    assert.is_true(e.ended)
    assert.matches("4 others that the vault gave", e.message, 1, true)
  end)

  describe("that a service refuses", function()
    local function key(name, more)
      local t = { access_key = name, secret_key = "s", token = "t", source = "x" }
      for k, v in pairs(more or {}) do t[k] = v end
      return credentials.make(t)
    end
    local function provider(list, more)
      local o = { clock = function() return NOW end, find = function() return table.remove(list, 1) end }
      for k, v in pairs(more or {}) do o[k] = v end
      return credentials.provider(o)
    end

    it("are renewed once for all who used them", function()
      local p = provider { key "A", key "B", key "C" }
      local old = p:get()
      assert.equal("B", p:ended(old).access_key)
      assert.equal("B", p:ended(old).access_key)
      assert.equal("B", p:get().access_key)
    end)

    it("are never taken again from a source that still hands them out", function()
      local p = provider({ key "A", key "A", key "A", key "B" })
      local found, e = p:ended(p:get())
      assert.is_nil(found)
      assert.matches("they have ended, and there are no newer ones", e.message)
      assert.is_nil((p:get()))
      assert.equal("B", p:get().access_key)
    end)

    it("are waited for where somebody sits", function()
      local list, waited = { key "A", key "A" }, 0
      local p = provider(list, { pause = function(e)
        assert.matches("they have ended", e.message)
        waited = waited + 1
        list[1] = key(waited == 3 and "B" or "A")
        return true
      end })
      assert.equal("B", p:ended(p:get()).access_key)
      assert.equal(3, waited)
    end)

    it("stay in use when only one service does not know them and there are no others", function()
      local p = provider { key "A", key "A", key "B" }
      local old = p:get()
      assert.is_nil(p:unknown(old))
      assert.is_nil(p:unknown(old))
      assert.equal(old, p:get())
    end)

    it("are replaced when nobody knows them and the source has others", function()
      local p = provider { key "A", key "B" }
      local old = p:get()
      assert.equal("B", p:unknown(old).access_key)
      assert.equal("B", p:unknown(old).access_key)
    end)

    it("are renewed in the last quarter of a short life, and tried past it when there are no others", function()
      local now, found = 0, 0
      local p = credentials.provider { clock = function() return now end, find = function()
        found = found + 1
        return key("K" .. found, { expires = found < 3 and found * 60 or 120 })
      end }
      p:get()
      now = 44
      assert.equal("K1", p:get().access_key)
      now = 46
      assert.equal("K2", p:get().access_key)
      now = 200
      assert.equal("K3", p:get().access_key)
      assert.equal("K3", p:get().access_key)
      now = 206
      assert.equal("K4", p:get().access_key)
    end)
  end)

  it("send a container's token to no host that only looks like one of the container's", function()
    for _, url in ipairs { "http://169.254.170.2:80@evil/", "http://127.0.0.1@evil/", "http://localhost.evil/",
      "http://localhost:80.evil/", "http://[::1].evil/", "http://localhost\\@evil/", "https://a@evil/", "ftp://localhost/",
      "http://2130706433/" } do
      local found, e = credentials.find(context { env = { AWS_CONTAINER_CREDENTIALS_FULL_URI = url,
        AWS_CONTAINER_AUTHORIZATION_TOKEN = "token" }, http = function() error("sent to " .. url) end })
      assert.is_nil(found)
      assert.matches("is neither https nor a loopback or container address", e.message, 1, true)
    end
  end)
end)
