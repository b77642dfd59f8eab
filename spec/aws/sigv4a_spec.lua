-- Where calls are signed for a set of regions, and what decides it.
local auth = require "cso.aws.auth"
local catalogue = require "cso.std.catalogue"
local client = require "cso.aws.client"
local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"
local sigv4 = require "cso.std.sigv4"

local MRAP = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"
local OUTPOST = "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/reports"

local function made(service, env)
  return assert(client.new { service = service, region = "us-west-2", clock = function() return 1700000000 end,
    config = assert(config.load { env = env or {}, region = "us-west-2", read = function() end }),
    credentials = credentials.static { access_key = "AKID", secret_key = "secret", token = "T" } })
end

local function header(list, name)
  for _, h in ipairs(list) do
    if h[1]:lower() == name then return h[2] end
  end
end

local function signed(c, operation, params)
  local p = assert(c:signed(operation, params))
  local line = header(p.headers, "authorization")
  return p, line:match("^(%S+) "), header(p.headers, "x-amz-region-set"), line:match("Signature=(%x+)")
end

describe("an asymmetric signature", function()
  it("goes to multi-region access points, endpoints and stores", function()
    for _, case in ipairs {
      { "s3", "GetObject", { Bucket = MRAP, Key = "a//../b" }, "*" },
      { "events", "PutEvents", { EndpointId = "abc.123", Entries = { { Source = "s" } } }, "*" },
      { "cloudfront-keyvaluestore", "GetKey",
        { KvsARN = "arn:aws:cloudfront::123456789012:key-value-store/abc", Key = "k" }, "*" },
    } do
      local p, algorithm, regions, signature = signed(made(case[1]), case[2], case[3])
      assert.equal("AWS4-ECDSA-P256-SHA256", algorithm, case[1])
      assert.equal(case[4], regions)
      assert.equal("T", header(p.headers, "x-amz-security-token"))
      assert.is_true(sigv4.verify_text("AKID", "secret", p.string_to_sign, signature))
    end
  end)

  it("goes into URLs too", function()
    local url = assert(made("s3"):presign("GetObject", { Bucket = MRAP, Key = "k" }, 60))
    assert.matches("X%-Amz%-Algorithm=AWS4%-ECDSA%-P256%-SHA256", url)
    assert.matches("X%-Amz%-Region%-Set=%%2A", url)
    assert.matches("X%-Amz%-Security%-Token=T", url)
  end)

  it("is good in the regions that the configuration names", function()
    local c = made("s3", { AWS_SIGV4A_SIGNING_REGION_SET = "us-west-2, eu-west-*" })
    local _, _, regions = signed(c, "GetObject", { Bucket = MRAP, Key = "k" })
    assert.equal("us-west-2,eu-west-*", regions)
  end)

  it("is made where both kinds are good only when it is preferred", function()
    local function algorithm(service, preference, operation, params)
      return select(2, signed(made(service, { AWS_AUTH_SCHEME_PREFERENCE = preference }), operation, params))
    end
    for _, case in ipairs { { "s3", "GetObject", { Bucket = OUTPOST, Key = "k" } },
      { "sts", "GetCallerIdentity", {} } } do
      local service, operation, params = table.unpack(case)
      assert.equal("AWS4-HMAC-SHA256", algorithm(service, nil, operation, params))
      assert.equal("AWS4-HMAC-SHA256", algorithm(service, "sigv4,sigv4a", operation, params))
      assert.equal("AWS4-HMAC-SHA256", algorithm(service, "unheard-of", operation, params))
    end
    assert.equal("AWS4-ECDSA-P256-SHA256", algorithm("s3", "sigv4a", "GetObject", { Bucket = OUTPOST, Key = "k" }))
  end)

  it("is told from the model where the endpoint says nothing", function()
    local S = assert(catalogue.service("sts"))
    local op = { name = "X", auth = { "aws.auth#sigv4a" } }
    assert.equal("v4a", auth.kind(S, op, false))
    op.auth = { "aws.auth#sigv4a", "aws.auth#sigv4" }
    assert.equal("v4", auth.kind(S, op, false))
    assert.equal("v4a", auth.kind(S, op, false, auth.preference "httpBearerAuth, sigv4a"))
    op.auth = { "aws.auth#sigv4", "smithy.api#httpBearerAuth" }
    assert.equal("bearer", auth.kind(S, op, true))
    assert.equal("v4", auth.kind(S, op, true, auth.preference "sigv4"))
    assert.equal("v4", auth.kind(S, op, false, auth.preference "httpBearerAuth"))
  end)
end)
