local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"
local json = require "cso.std.json"

local function context(text, env, more)
  env = env or {}
  env.HOME, env.AWS_EC2_METADATA_DISABLED = "/h", "true"
  local loaded = assert(config.load { env = env, profile = more and more.profile,
    read = function(path) if path == "/h/.aws/config" then return text end end })
  local ctx = { config = loaded, clock = function() return 1000.5 end, random = function() return 0 end,
    sleep = function() end, read_file = function() end }
  for k, v in pairs(more or {}) do ctx[k] = v end
  ctx.profile = nil
  return ctx
end

local function fake_sts(seen)
  return function(base)
    return { call = function(_, op, params)
      seen[#seen + 1] = { op = op, base = base and base.access_key, arn = params.RoleArn }
      return { Credentials = { AccessKeyId = "AK" .. #seen, SecretAccessKey = "s",
        SessionToken = "t", Expiration = 5000 } }
    end }
  end
end

describe("credentials", function()
  it("come from the environment first, unless a profile was named", function()
    local text = "[profile p]\naws_access_key_id=P\naws_secret_access_key=ps\n"
    local env = { AWS_ACCESS_KEY_ID = "E", AWS_SECRET_ACCESS_KEY = "es", AWS_SESSION_TOKEN = "tok" }
    local found = assert(credentials.find(context(text, env)))
    assert.equal("E", found.access_key)
    assert.same({ "es", "tok" }, { found.reveal() })
    found = assert(credentials.find(context(text, env, { profile = "p" })))
    assert.equal("P", found.access_key)
  end)

  it("are not asked for a time that is none", function()
    local _, e = credentials.find(context("[default]\nrole_arn = r\nsource_profile = default\nduration_seconds = 1h\n"
      .. "aws_access_key_id = A\naws_secret_access_key = s\n", {}, { sts = function() error "asked" end }))
    assert.matches("duration_seconds is 1h, and no whole number", e.message, 1, true)
  end)

  it("are refused where they can be no keys, by the name of what is wrong", function()
    for _, case in ipairs {
      { "", { AWS_ACCESS_KEY_ID = "A\r", AWS_SECRET_ACCESS_KEY = "s" }, "AWS_ACCESS_KEY_ID" },
      { "", { AWS_ACCESS_KEY_ID = "A", AWS_SECRET_ACCESS_KEY = "s\n" }, "AWS_SECRET_ACCESS_KEY" },
      { "[default]\naws_access_key_id = A\naws_secret_access_key = xx yy\n", {}, "aws_secret_access_key" },
    } do
      local found, e = credentials.find(context(case[1], case[2]))
      assert.is_nil(found)
      assert.equal("credentials", e.class)
      assert.matches(case[3] .. " holds", e.message)
      assert.is_nil(e.message:find("xx", 1, true))
    end
  end)

  it("never show their secret", function()
    local found = credentials.make { access_key = "A", secret_key = "hush-hush", token = "tok-tok", source = "x" }
    local printed = tostring(found)
    for k, v in pairs(found) do printed = printed .. tostring(k) .. tostring(v) end
    assert.is_nil(printed:find("hush", 1, true))
    assert.is_nil(printed:find("tok%-tok"))
  end)

  it("are refused when half of a pair is missing", function()
    local found, e = credentials.find(context("", { AWS_ACCESS_KEY_ID = "E" }))
    assert.is_nil(found)
    assert.equal("credentials", e.class)
    assert.matches("AWS_SECRET_ACCESS_KEY", e.message)
  end)

  it("list every source that was tried", function()
    local _, e = credentials.find(context(""))
    assert.equal("NoCredentials", e.code)
    assert.is_true(#e.tried >= 7)
    assert.matches("environment: AWS_ACCESS_KEY_ID is not set", e.message)
  end)

  it("follow a chain of roles", function()
    local seen = {}
    local text = [[
[default]
role_arn = arn:aws:iam::1:role/outer
source_profile = middle
[profile middle]
role_arn = arn:aws:iam::2:role/inner
source_profile = base
[profile base]
aws_access_key_id = B
aws_secret_access_key = s
]]
    local found = assert(credentials.find(context(text, nil, { sts = fake_sts(seen) })))
    assert.equal("AK2", found.access_key)
    assert.same({ "B", "AK1" }, { seen[1].base, seen[2].base })
    assert.equal("1", found.account)
  end)

  it("refuse circles, both sources and unknown sources", function()
    local function fault(text)
      local _, e = credentials.find(context(text, nil, { sts = fake_sts {} }))
      return e.message
    end
    assert.matches("circle", fault "[default]\nrole_arn=r\nsource_profile=a\n[profile a]\nrole_arn=q\nsource_profile=default\n")
    assert.matches("keep one", fault "[default]\nrole_arn=r\nsource_profile=a\ncredential_source=Environment\n")
    assert.matches("needs source_profile", fault "[default]\nrole_arn=r\n")
    assert.matches("does not exist", fault "[default]\nrole_arn=r\nsource_profile=zz\n")
    assert.matches("not one of", fault "[default]\nrole_arn=r\ncredential_source=Magic\n")
  end)

  it("come from a program's answer", function()
    local argv
    local function spawn(list)
      argv = list
      return { status = 0, stderr = "",
        stdout = '{"Version":1,"AccessKeyId":"X","SecretAccessKey":"y","Expiration":"2026-01-01T00:00:00Z"}' }
    end
    local found = assert(credentials.find(context(
      [=[[default]
credential_process = /opt/tool --name "a b" 'c;d'
]=], nil, { spawn = spawn })))
    assert.equal("X", found.access_key)
    assert.same({ "/opt/tool", "--name", "a b", "c;d" }, argv)
    local _, e = credentials.find(context("[default]\ncredential_process = x\n", nil,
      { spawn = function() return { status = 2, stdout = "", stderr = "no luck\n" } end }))
    assert.matches("status 2: no luck", e.message)
  end)

  it("come from a container, but only from a safe address", function()
    local asked
    local function http(r)
      asked = r
      return { status = 200, headers = {}, body = json.encode { AccessKeyId = "C", SecretAccessKey = "s", Token = "t" } }
    end
    local env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/v2/x", AWS_CONTAINER_AUTHORIZATION_TOKEN = "Basic z" }
    assert.equal("C", assert(credentials.find(context("", env, { http = http }))).access_key)
    assert.equal("http://169.254.170.2/v2/x", asked.url)
    assert.same({ "Authorization", "Basic z" }, asked.headers[2])
    local _, e = credentials.find(context("", { AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://example.com/x" }, { http = http }))
    assert.matches("neither https", e.message)
    _, e = credentials.find(context("", { AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1/x",
      AWS_CONTAINER_AUTHORIZATION_TOKEN = "a\nb" }, { http = http }))
    assert.matches("line break", e.message)
  end)

  it("come from a single sign-on, whose token is renewed when it can be", function()
    local text = [[
[default]
sso_session = s
sso_account_id = 1
sso_role_name = r
[sso-session s]
sso_start_url = https://x
sso_region = eu-west-2
]]
    local function find(token)
      local calls = {}
      local found, e = credentials.find(context(text, nil, {
        read_file = function(path)
          calls.path = path
          return json.encode(token)
        end,
        client = function(service)
          return { call = function(_, op, params)
            calls[#calls + 1] = service .. "." .. op .. " " .. (params.accessToken or params.refreshToken)
            if op == "CreateToken" then return { accessToken = "new" } end
            if params.accessToken == "revoked" then
              return nil, { code = "UnauthorizedException", message = "Session token not found or invalid" }
            end
            return { roleCredentials = { accessKeyId = "SSO", secretAccessKey = "s", expiration = 5000000 } }
          end }
        end,
      }))
      return found, e, calls
    end
    local found, _, calls = find { accessToken = "tok", expiresAt = "1970-01-02T00:00:00Z" }
    assert.equal("SSO", found.access_key)
    assert.equal(5000, found.expires)
    assert.same({ "sso.GetRoleCredentials tok", path = calls.path }, calls)
    assert.matches("/h/.aws/sso/cache/%x+%.json", calls.path)
    local old = { accessToken = "tok", expiresAt = "1970-01-01T00:00:00Z" }
    local none, e = find(old)
    assert.is_nil(none)
    assert.matches("expired", e.message)
    old.refreshToken, old.clientId, old.clientSecret = "again", "c", "cs"
    _, _, calls = find(old)
    assert.same({ "sso-oidc.CreateToken again", "sso.GetRoleCredentials new", path = calls.path }, calls)
    old.accessToken, old.expiresAt = "revoked", "1970-01-02T00:00:00Z"
    found, _, calls = find(old)
    assert.equal("SSO", found.access_key)
    assert.same({ "sso.GetRoleCredentials revoked", "sso-oidc.CreateToken again", "sso.GetRoleCredentials new",
      path = calls.path }, calls)
  end)

  it("are renewed ahead of their end and survive a failed early renewal", function()
    local now, count, broken = 0, 0, false
    local provider = credentials.provider {
      clock = function() return now end,
      find = function()
        if broken then return nil, { message = "no" } end
        count = count + 1
        return credentials.make { access_key = "K" .. count, secret_key = "s", source = "x", expires = now + 3600 }
      end,
    }
    assert.equal("K1", provider:get().access_key)
    now = 3600 - 16 * 60
    assert.equal("K1", provider:get().access_key)
    now = 3600 - 14 * 60
    broken = true
    assert.equal("K1", provider:get().access_key)
    broken = false
    assert.equal("K2", provider:get().access_key)
    now, broken = now + 4000, true
    assert.is_nil((provider:get()))
  end)
end)
