--- Signing in, against a scripted IAM Identity Center.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local session = require "cso.aws.session"

local CONFIG = [[
[profile work]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = reader
region = eu-west-2
[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access, other:scope
[profile old]
sso_start_url = https://old.example/start
sso_region = eu-west-1
[profile plain]
region = eu-west-2
]]

-- A service whose token answers come from a list; a string is an error's code.
local function scripted(profile, answers)
  local log = { slept = {}, sent = {}, files = {} }
  local now = 1700000000
  local function answer(path)
    if path == "/client/register" then
      return { clientId = "client", clientSecret = "client-secret", clientSecretExpiresAt = 1707776000 }
    elseif path == "/device_authorization" then
      return { deviceCode = "device", userCode = "ABCD-EFGH", verificationUri = "https://device.example/",
        verificationUriComplete = "https://device.example/?user_code=ABCD-EFGH", expiresIn = 60, interval = 5 }
    elseif path == "/token" then
      return table.remove(answers, 1) or "AuthorizationPendingException"
    end
    return { roleCredentials = { accessKeyId = "AKSSO", secretAccessKey = "s", sessionToken = "t",
      expiration = (now + 3600) * 1000 } }
  end
  local s = assert(session.open {
    env = { HOME = "/h" }, profile = profile,
    read = function(path) return path == "/h/.aws/config" and CONFIG or log.files[path] end,
    write = function(path, text) log.files[path] = text return true end,
    clock = function() return now end, now = function() return now end, random = function() return 0 end,
    sleep = function(n) log.slept[#log.slept + 1] = n now = now + n end,
    http = function(r)
      log.sent[#log.sent + 1] = r
      local a = answer(r.url:match("^https://[^/]+(/[^?]*)"))
      if type(a) == "string" then
        return { status = 400, body = json.encode { error = a }, headers = { ["x-amzn-errortype"] = a } }
      end
      return { status = 200, body = json.encode(a), headers = {} }
    end,
  })
  return s, log
end

local TOKEN = { accessToken = "access", refreshToken = "refresh", expiresIn = 28800 }

describe("a login", function()
  it("shows a code, waits, and leaves the token that the profile then uses", function()
    local s, log = scripted("work", { "AuthorizationPendingException", "SlowDownException", TOKEN })
    local shown
    local login = assert(s:login(function(device) shown = device end))
    assert.equal("ABCD-EFGH", shown.code)
    assert.equal("https://device.example/?user_code=ABCD-EFGH", shown.address)
    assert.same({ 5, 5, 10 }, log.slept)
    local file = "/h/.aws/sso/cache/" .. hash.sha1_hex("corp") .. ".json"
    assert.equal(file, login.file)
    assert.same({ startUrl = "https://corp.example/start", region = "eu-west-1", accessToken = "access",
      expiresAt = "2023-11-15T06:13:40Z", refreshToken = "refresh", clientId = "client",
      clientSecret = "client-secret", registrationExpiresAt = "2024-02-12T22:13:20Z" }, json.decode(log.files[file]))
    assert.matches("^https://oidc%.eu%-west%-1%.amazonaws%.com/client/register$", log.sent[1].url)
    assert.same({ "sso:account:access", "other:scope" }, { table.unpack(json.decode(log.sent[1].body).scopes) })
    for _, r in ipairs(log.sent) do
      for _, h in ipairs(r.headers) do assert.not_equal("authorization", h[1]:lower()) end
    end
    assert.equal("AKSSO", assert(s:credentials():get()).access_key)
  end)

  it("renews its token ahead of its end and keeps what came with it", function()
    local s, log = scripted("work", { { accessToken = "newer", refreshToken = "again", expiresIn = 3600 } })
    local file = "/h/.aws/sso/cache/" .. hash.sha1_hex("corp") .. ".json"
    log.files[file] = json.encode { accessToken = "old", refreshToken = "refresh", clientId = "client",
      clientSecret = "client-secret", expiresAt = "2023-11-14T22:13:21Z", startUrl = "https://corp.example/start" }
    assert(s:credentials():get())
    local kept = json.decode(log.files[file])
    assert.same({ "newer", "again", "2023-11-14T23:13:20Z", "client" },
      { kept.accessToken, kept.refreshToken, kept.expiresAt, kept.clientId })
  end)

  it("without a session keeps nothing that could renew the token", function()
    local s, log = scripted("old", { TOKEN })
    local login = assert(s:login(function() end))
    assert.equal("/h/.aws/sso/cache/" .. hash.sha1_hex("https://old.example/start") .. ".json", login.file)
    assert.same({ "accessToken", "expiresAt", "region", "startUrl" },
      require("cso.std.deep").keys(json.decode(log.files[login.file])))
    assert.is_nil(json.decode(log.sent[1].body).scopes)
  end)

  it("ends when nobody confirms or somebody refuses", function()
    local s, log = scripted("work", {})
    local _, e = s:login(function() end)
    assert.matches("nobody confirmed", e.message)
    assert.equal(12, #log.slept)
    s = scripted("work", { "AccessDeniedException" })
    _, e = s:login(function() end)
    assert.equal("credentials", e.class)
    assert.matches("AccessDenied", e.message)
  end)

  it("says what a profile without single sign-on lacks", function()
    local _, e = scripted("plain", {}):login(function() end)
    assert.equal("config", e.class)
    assert.matches("sso_session", e.hint)
  end)
end)
