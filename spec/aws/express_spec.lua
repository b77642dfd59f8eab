-- Directory buckets: calls are signed with the keys of a session, which is renewed ahead of its end.
local client = require "cso.aws.client"
local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"

local BUCKET, OTHER = "data--use1-az4--x-s3", "more--use1-az4--x-s3"

local function answer(n, expires)
  return ([[<?xml version="1.0"?><CreateSessionResult><Credentials><SessionToken>tok%d</SessionToken>
<SecretAccessKey>sec%d</SecretAccessKey><AccessKeyId>SESS%d</AccessKeyId><Expiration>%s</Expiration>
</Credentials></CreateSessionResult>]]):format(n, n, n, os.date("!%Y-%m-%dT%H:%M:%SZ", expires))
end

local function header(request, name)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == name then return h[2] end
  end
end

describe("a directory bucket", function()
  local c, now, sessions, calls, refuse

  local function open(env)
    now, sessions, calls, refuse = 1767225600, 0, {}, nil
    c = assert(client.new { service = "s3", region = "us-east-1",
      config = assert(config.load { env = env or {}, region = "us-east-1", read = function() end }),
      credentials = credentials.static { access_key = "AKID", secret_key = "secret", token = "own" },
      clock = function() return now end, now = function() return now end, sleep = function() end,
      random = function() return 0 end,
      http = function(request)
        if request.url:find("?session", 1, true) then
          sessions = sessions + 1
          assert.equal("own", header(request, "x-amz-security-token"))
          assert.matches("/us%-east%-1/s3express/aws4_request", header(request, "authorization"))
          return { status = 200, headers = {}, body = answer(sessions, now + 300) }
        end
        calls[#calls + 1] = request
        if refuse then
          local body = ("<Error><Code>%s</Code><Message>m</Message></Error>"):format(refuse)
          refuse = nil
          return { status = 400, headers = {}, body = body }
        end
        return { status = 200, headers = {}, body = "x" }
      end })
  end

  local function get(bucket) return assert(c:call("GetObject", { Bucket = bucket, Key = "a/../b" })) end

  it("is asked with the keys and the token of its session", function()
    open()
    get(BUCKET)
    assert.equal("tok1", header(calls[1], "x-amz-s3session-token"))
    assert.is_nil(header(calls[1], "x-amz-security-token"))
    local line = header(calls[1], "authorization")
    assert.matches("Credential=SESS1/%d+/us%-east%-1/s3express/aws4_request", line)
    assert.matches("x%-amz%-s3session%-token", line)
    assert.equal("https://data--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com/a/../b",
      (calls[1].url:gsub("%?.*", "")))
  end)

  it("has one session for many calls, and another bucket another", function()
    open()
    for _ = 1, 3 do get(BUCKET) end
    assert.equal(1, sessions)
    get(OTHER)
    assert.equal(2, sessions)
    assert.equal("tok2", header(calls[4], "x-amz-s3session-token"))
    get(BUCKET)
    assert.equal("tok1", header(calls[5], "x-amz-s3session-token"))
  end)

  it("gets a new session ahead of the end of the old one", function()
    open()
    get(BUCKET)
    now = now + 200
    get(BUCKET)
    assert.equal(1, sessions)
    now = now + 20
    get(BUCKET)
    assert.equal(2, sessions)
  end)

  it("gets a new session when the service calls it expired", function()
    open()
    get(BUCKET)
    refuse = "ExpiredToken"
    get(BUCKET)
    assert.equal(2, sessions)
    assert.equal("tok2", header(calls[3], "x-amz-s3session-token"))
  end)

  it("is asked with the caller's own keys when sessions are switched off", function()
    open { AWS_S3_DISABLE_EXPRESS_SESSION_AUTH = "true" }
    get(BUCKET)
    assert.equal(0, sessions)
    assert.equal("own", header(calls[1], "x-amz-security-token"))
  end)

  it("gives its token to presigned URLs", function()
    open()
    local url = assert(c:presign("GetObject", { Bucket = BUCKET, Key = "k" }, 60))
    assert.matches("X%-Amz%-S3session%-Token=tok1", url)
    assert.is_nil(url:find("X-Amz-Security-Token", 1, true))
  end)
end)
