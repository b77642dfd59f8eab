-- Keys that end in the middle of a whole apply, from every source that can hand out new ones, and from
-- the environment, which can't.
local http = require "cso.http.server"
local json = require "cso.std.json"
local world = require "spec.scenario.world"

local NETWORK = world.text "spec/scenario/network.lua"
local FOREVER = "2100-01-01T00:00:00Z"
local EVERY = 9  -- calls after which the keys in use end

-- What was done to the account, in any order; keys that were asked for are none of it, nor who they are.
local function sorted(calls)
  local list = {}
  for _, name in ipairs(calls) do
    if not name:find("^sts%.") then list[#list + 1] = name end
  end
  table.sort(list)
  return table.concat(list, "\n")
end

local clean -- what a run does whose keys never end

-- Keys of the account that a source hands out: `fresh()` ends the old ones and makes new ones.
local function keyring(p, life)
  local ring = { given = 0, asked = 0, made = 0 }
  function ring.fresh()
    local known = p.sim.world.credentials
    if ring.now then known[ring.now].expires = 0 end
    ring.made = ring.made + 1
    ring.now = ("ASIASPECROTATING%04d"):format(ring.made)
    known[ring.now] = { access_key = ring.now, secret_key = "secret" .. ring.made, account = "123456789012",
      session_token = "token" .. ring.made, expires = life and os.time() + life or nil }
    ring.given = 0
  end
  function ring.fields()
    local c = p.sim.world.credentials[ring.now]
    return c.access_key, c.secret_key, c.session_token,
      c.expires and os.date("!%Y-%m-%dT%H:%M:%SZ", c.expires) or FOREVER
  end
  ring.fresh()
  return ring
end

-- The keys end behind the account's door: what was admitted before is still carried out.
local function ends_often(p, ring, fresh)
  p.watch = function(moment)
    if moment ~= "before" then return end
    ring.given = ring.given + 1
    if ring.given > EVERY then
      ring.given = 0
      fresh()
    end
  end
end

local NO_KEYS = { AWS_ACCESS_KEY_ID = false, AWS_SECRET_ACCESS_KEY = false, AWS_SESSION_TOKEN = false }

local function env(more)
  local out = {}
  for k, v in pairs(NO_KEYS) do out[k] = v end
  for k, v in pairs(more) do out[k] = v end
  return out
end

local function reply(body)
  return { status = 200, headers = { { "content-type", "application/json" } }, body = json.encode(body) }
end

local sources = {}

sources["a program"] = function(p, ring)
  p:write("keys.sh", '#!/bin/sh\necho asked >> "$HOME/asked"\ncat "$HOME/keys.json"\n')
  p:write("config", ("[default]\nregion = eu-west-2\ncredential_process = sh %s/keys.sh\n"):format(p.dir))
  local function tell()
    local access, secret, token, ends = ring.fields()
    p:write("keys.json", json.encode { Version = 1, AccessKeyId = access, SecretAccessKey = secret,
      SessionToken = token, Expiration = ends })
  end
  tell()
  return { AWS_CONFIG_FILE = p.dir .. "/config" }, function()
    ring.fresh()
    tell()
  end, function() return select(2, p:read("asked"):gsub("asked", "")) end
end

sources["a container"] = function(p, ring)
  local box = assert(http.serve { host = "127.0.0.1", port = 0, handler = function(req)
    assert.equal("/keys", req.path)
    ring.asked = ring.asked + 1
    local access, secret, token, ends = ring.fields()
    return reply { AccessKeyId = access, SecretAccessKey = secret, Token = token, Expiration = ends }
  end })
  p.box = box
  return { AWS_CONTAINER_CREDENTIALS_FULL_URI = box.url .. "/keys" }, ring.fresh, function() return ring.asked end
end

sources["single sign-on"] = function(p, ring)
  local bearer = "first"
  local box = assert(http.serve { host = "127.0.0.1", port = 0, handler = function(req)
    if req.path == "/token" then
      assert.equal("again", json.decode(req.body).refreshToken)
      bearer = "second"
      return reply { accessToken = bearer, expiresIn = 3600, refreshToken = "again", tokenType = "Bearer" }
    end
    assert.equal(bearer, req.headers["x-amz-sso_bearer_token"])
    ring.asked = ring.asked + 1
    local access, secret, token = ring.fields()
    return reply { roleCredentials = { accessKeyId = access, secretAccessKey = secret, sessionToken = token,
      expiration = (os.time() + 3600) * 1000 } }
  end })
  p.box = box
  p:write("config", "[default]\nregion = eu-west-2\nsso_session = us\nsso_account_id = 123456789012\n"
    .. "sso_role_name = Admin\n[sso-session us]\nsso_region = eu-west-2\nsso_start_url = https://us.awsapps.com/start\n")
  os.execute(("mkdir -p '%s/.aws/sso/cache'"):format(p.dir))
  -- The login's own token has ended, too: it is renewed on the way.
  p:write(".aws/sso/cache/" .. require("cso.std.hash").sha1_hex("us") .. ".json", json.encode {
    accessToken = "old", expiresAt = "2020-01-01T00:00:00Z", refreshToken = "again", clientId = "c",
    clientSecret = "cs", registrationExpiresAt = FOREVER })
  return { AWS_CONFIG_FILE = p.dir .. "/config", AWS_ENDPOINT_URL_SSO = box.url, AWS_ENDPOINT_URL_SSO_OIDC = box.url },
    ring.fresh, function() return ring.asked end
end

local function net(fn)
  world.run({ files = { ["net.lua"] = NETWORK }, seed = 7 }, function(p)
    local ok, e = pcall(fn, p)
    p.watch = nil
    if p.box then p.box.close() end
    if not ok then error(e, 0) end
  end)
end

local function finished_as_ever(p, options)
  assert.equal(clean.calls, sorted(p.calls))
  assert.equal(clean.counts, p:counts())
  p.watch = nil
  local code, text = p:csorun("plan net.lua --detailed-exitcode", options)
  assert.equal(0, code, text)
end

describe("keys that end in the middle of an apply", function()
  setup(function()
    world.run({ files = { ["net.lua"] = NETWORK }, seed = 7 }, function(p)
      local code, text = p:csorun "apply net.lua -y"
      assert.equal(0, code, text)
      clean = { counts = p:counts(), calls = sorted(p.calls) }
    end)
  end)

  for name, source in pairs(sources) do
    it("are renewed by " .. name .. ", once for all that wait", function()
      net(function(p)
        local ring = keyring(p)
        local more, fresh, asked = source(p, ring)
        ends_often(p, ring, fresh)
        local options = { env = env(more) }
        local code, text = p:csorun("apply net.lua -y", options)
        assert.equal(0, code, text)
        assert.is_true(ring.made > 4, "they ended " .. ring.made .. " times")
        assert.is_true(asked() <= ring.made, ("%d sets of keys, asked for %d times"):format(ring.made, asked()))
        finished_as_ever(p, options)
      end)
    end)
  end

  it("are renewed by assuming the role again", function()
    net(function(p)
      p:write("config", "[default]\nregion = eu-west-2\nrole_arn = arn:aws:iam::123456789012:role/deploy\n"
        .. ("source_profile = base\n[profile base]\naws_access_key_id = %s\naws_secret_access_key = %s\n"):format(
          world.KEY, world.SECRET))
      local function all() return p.sim.world.store:collection "all/global/sts/~Credential" end
      local ring = { given = 0, made = 0 }
      ends_often(p, ring, function()
        for _, c in ipairs(all():list()) do c.expires = 0 end
        ring.made = ring.made + 1
      end)
      local options = { env = env { AWS_CONFIG_FILE = p.dir .. "/config" } }
      local code, text = p:csorun("apply net.lua -y", options)
      assert.equal(0, code, text)
      assert.is_true(ring.made > 4)
      assert.is_true(#all():list() <= ring.made + 1)
      finished_as_ever(p, options)
    end)
  end)

  it("are renewed ahead of an end that the clock tells", function()
    net(function(p)
      local ring = keyring(p, 3)
      -- The keys are asked for before the pause, and have less than a quarter of their life after it.
      p:write("late.lua", 'local c = require "cso"\nc.api.sts:GetCallerIdentity()\nc.sleep(2.5)\n' .. NETWORK)
      local more, fresh, asked = sources["a container"](p, ring)
      local fields = ring.fields
      function ring.fields()
        if asked() > 1 then fresh() end
        return fields()
      end
      local code, text = p:csorun("apply late.lua -y", { env = env(more) })
      assert.equal(0, code, text)
      assert.is_true(ring.made >= 2)
      assert.equal(clean.calls, sorted(p.calls))
      assert.equal(clean.counts, p:counts())
    end)
  end)

  it("end the run when they stand in the environment, and the next run goes on", function()
    net(function(p)
      local ring = keyring(p)
      local given, sets = 0, 0
      p.watch = function(moment)
        if moment == "before" then given = given + 1 end
        if given == 25 then
          given = 26
          ring.fresh()
          p.watch = nil
        end
      end
      local code, text = 4, nil
      while code == 4 and sets < 3 do
        sets = sets + 1
        local access, secret, token = ring.fields()
        code, text = p:csorun("apply net.lua -y", { env = { AWS_ACCESS_KEY_ID = access,
          AWS_SECRET_ACCESS_KEY = secret, AWS_SESSION_TOKEN = token } })
        if sets == 1 then
          assert.equal(4, code, text)
          assert.match("the environment of a running program can't be changed", text, 1, true)
          assert.match("the same command goes on from there", text, 1, true)
          assert.match("1 failed", text)
          assert.is_nil(text:find("traceback", 1, true))
          assert.is_true(#p.calls > 0)
        end
      end
      assert.equal(0, code, text)
      assert.equal(2, sets)
      local access, secret, token = ring.fields()
      finished_as_ever(p, { env = { AWS_ACCESS_KEY_ID = access, AWS_SECRET_ACCESS_KEY = secret,
        AWS_SESSION_TOKEN = token } })
    end)
  end)

  it("are not replaced by those of another account", function()
    net(function(p)
      local ring = keyring(p)
      local more, fresh = sources["a program"](p, ring)
      ends_often(p, ring, function()
        if ring.made > 1 then return end
        fresh()
        p.sim.world.credentials[ring.now].account = "999999999999"
      end)
      local code, text = p:csorun("apply net.lua -y", { env = env(more) })
      assert.equal(4, code, text)
      assert.match("belong to account 999999999999, what was begun to 123456789012", text, 1, true)
      assert.is_nil(json.encode(p.sim.dump()):find("999999999999", 1, true))
    end)
  end)
end)
