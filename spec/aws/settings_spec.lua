local client = require "cso.aws.client"
local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"

local function load(text, env)
  env = env or {}
  env.HOME = "/h"
  return config.load { env = env, read = function(path) if path == "/h/.aws/config" then return text end end }
end

local function make(service, text, env, more)
  local opts = { service = service, region = "eu-west-2", config = assert(load(text or "", env)),
    credentials = credentials.static { access_key = "AKID", secret_key = "s" }, clock = function() return 1700000000 end,
    now = function() return 0 end, sleep = function() end }
  for k, v in pairs(more or {}) do opts[k] = v end
  return client.new(opts)
end

local function header(request, name)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == name then return h[2] end
  end
end

describe("the settings of a client", function()
  it("take S3's own word on dual stack before the common one", function()
    local text = "[default]\nuse_dualstack_endpoint = true\ns3 =\n  use_dualstack_endpoint = false\n"
    local function host(service, name, params)
      return assert(assert(make(service, text)):signed(name, params)).url:match("//([^/]*)")
    end
    assert.equal("bucket.s3.eu-west-2.amazonaws.com", host("s3", "HeadBucket", { Bucket = "bucket" }))
    assert.equal("ec2.eu-west-2.api.aws", host("ec2", "DescribeVpcs", {}))
    text = "[default]\ns3 =\n  use_dualstack_endpoint = true\n"
    assert.equal("bucket.s3.dualstack.eu-west-2.amazonaws.com", host("s3", "HeadBucket", { Bucket = "bucket" }))
  end)

  it("leave host prefixes out where the user says so", function()
    local function host(env)
      return assert(assert(make("servicediscovery", "", env)):signed("DiscoverInstances",
        { NamespaceName = "n", ServiceName = "s" })).url:match("//([^/]*)")
    end
    assert.equal("data-servicediscovery.eu-west-2.amazonaws.com", host {})
    assert.equal("servicediscovery.eu-west-2.amazonaws.com", host { AWS_DISABLE_HOST_PREFIX_INJECTION = "true" })
  end)

  it("name the application, and hand on Lambda's trace", function()
    local sent
    local c = assert(make("sts", "[default]\nsdk_ua_app_id = my app/1\n",
      { AWS_LAMBDA_FUNCTION_NAME = "f", _X_AMZN_TRACE_ID = "Root=1-5759e988;Parent=53995c3f;Sampled=1\n" },
      { http = function(request)
        sent = request
        return { status = 200, headers = {}, body = "<a/>" }
      end }))
    c:call("GetCallerIdentity", {})
    assert.equal("csorun app/my-app-1", header(sent, "user-agent"))
    assert.equal("Root=1-5759e988;Parent=53995c3f;Sampled=1%0A", header(sent, "x-amzn-trace-id"))
  end)

  it("have the time to connect of the defaults mode", function()
    local function seconds(env) return assert(make("sts", "", env)).connect_timeout end
    assert.equal(10, seconds {})
    assert.equal(10, seconds { AWS_DEFAULTS_MODE = "legacy" })
    assert.equal(3.1, seconds { AWS_DEFAULTS_MODE = "standard" })
    assert.equal(30, seconds { AWS_DEFAULTS_MODE = "mobile" })
    assert.equal(3.1, seconds { AWS_DEFAULTS_MODE = "auto" })
    local lambda = { AWS_DEFAULTS_MODE = "auto", AWS_EXECUTION_ENV = "AWS_Lambda_x", AWS_REGION = "eu-west-2" }
    assert.equal(1.1, seconds(lambda))
    lambda.AWS_REGION = "us-east-1"
    assert.equal(3.1, seconds(lambda))
  end)

  for name, value in pairs { AWS_DEFAULTS_MODE = "quick", AWS_REQUEST_CHECKSUM_CALCULATION = "never",
    AWS_RESPONSE_CHECKSUM_VALIDATION = "never", AWS_ENDPOINT_DISCOVERY_ENABLED = "maybe",
    AWS_DISABLE_HOST_PREFIX_INJECTION = "perhaps", AWS_RETRY_MODE = "bold", AWS_MAX_ATTEMPTS = "many",
    AWS_USE_FIPS_ENDPOINT = "ja",
    AWS_STS_REGIONAL_ENDPOINTS = "global",
    AWS_S3_US_EAST_1_REGIONAL_ENDPOINT = "global", AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES = "1048577",
    AWS_ACCOUNT_ID_ENDPOINT_MODE = "always" } do
    it("refuse what is none of " .. name, function()
      local c, e = make("sts", "", { [name] = value })
      assert.is_nil(c)
      assert.equal("config", e.class)
      assert.matches(value, e.message, 1, true)
    end)
  end

  it("refuse a way to address buckets that is none", function()
    local c, e = make("s3", "[default]\ns3 =\n  addressing_style = paths\n")
    assert.is_nil(c)
    assert.matches("s3.addressing_style must be auto, virtual or path, is paths", e.message, 1, true)
  end)

  it("refuse indented lines below what is one value, where it is used", function()
    local text = "[default]\nregion =\n  a = b\n[profile other]\nrole_arn =\n  x = y\n[profile role]\nrole_arn = r\n"
      .. "source_profile = other\n"
    local c, e = load(text)
    assert.is_nil(c)
    assert.equal("config", e.class)
    assert.matches("region of profile default is one value", e.message, 1, true)
    c, e = load(text, { AWS_PROFILE = "role" })
    assert.is_nil(c)
    assert.matches("role_arn of profile other", e.message, 1, true)
    assert(load("[default]\nregion = a\n[profile other]\nrole_arn =\n  x = y\n"))
  end)
end)
