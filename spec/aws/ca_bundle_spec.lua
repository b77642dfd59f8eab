-- A company's own authorities: the bundle named by AWS's variable, by the profile, or by OpenSSL's is
-- what the transport trusts. A bundle that isn't there shows which one was taken.
local aws = require "cso.aws"
local server = require "cso.http.server"
local task = require "cso.task"

local MISSING = "/does/not/exist.pem"

local function message(env, config)
  local e
  task.run(function()
    local s = assert(server.serve { port = 0, handler = function() return { status = 200, body = "" } end })
    env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.AWS_REGION = "a", "b", "eu-west-2"
    env.AWS_ENDPOINT_URL, env.AWS_MAX_ATTEMPTS = ("https://127.0.0.1:%d"):format(s.port), "1"
    local session = assert(aws.session { env = env, read = function(path) return path:match("config$") and config or nil end })
    local _
    _, e = session:client("sts"):call("GetCallerIdentity", {})
    s.close()
  end)
  assert.equal("network", e.class)
  return e.message
end

describe("a named bundle of authorities", function()
  for _, variable in ipairs { "AWS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE" } do
    it("is taken from " .. variable, function()
      assert.is_truthy(message({ [variable] = MISSING }):find(MISSING, 1, true))
    end)
  end

  it("is taken from the profile, after the variable", function()
    assert.is_truthy(message({}, "[default]\nca_bundle = " .. MISSING .. "\n"):find(MISSING, 1, true))
  end)

  it("is the system's where none is named", function()
    assert.is_nil(message({}):find(MISSING, 1, true))
  end)
end)
