local catalogue = require "cso.std.catalogue"
local client = require "cso.aws.client"
local library = require "cso.aws.endpoint.library"
local rules = require "cso.aws.endpoint.rules"

local function url(service, op, params, opts)
  opts = opts or {}
  local c = assert(client.new { service = service, region = opts.region or "eu-west-2", endpoint = opts.endpoint,
    settings = opts.settings, now = os.clock, clock = os.time })
  local p, e = c:signed(op, params)
  return p and p.url or e.message, e
end

describe("endpoints", function()
  it("know partitions, FIPS and dual stack", function()
    assert.equal("https://ec2.eu-west-2.amazonaws.com/", url("ec2", "DescribeVpcs", {}))
    assert.equal("https://ec2.cn-north-1.amazonaws.com.cn/", url("ec2", "DescribeVpcs", {}, { region = "cn-north-1" }))
    assert.equal("https://ec2-fips.us-east-1.amazonaws.com/",
      url("ec2", "DescribeVpcs", {}, { region = "us-east-1", settings = { fips = true } }))
    assert.equal("https://ec2.eu-west-2.api.aws/", url("ec2", "DescribeVpcs", {}, { settings = { dual_stack = true } }))
    assert.equal("https://iam.amazonaws.com/", url("iam", "ListRoles", {}))
    assert.equal("aws", library.partition(catalogue.partitions())("eu-new-9").name)
  end)

  it("put a bucket into the host where that works, else into the path", function()
    local function get(bucket, opts) return url("s3", "GetObject", { Bucket = bucket, Key = "a/../b c" }, opts) end
    assert.equal("https://my-bucket.s3.eu-west-2.amazonaws.com/a/../b%20c", get "my-bucket")
    assert.equal("https://s3.eu-west-2.amazonaws.com/my.bucket/a/../b%20c", get "my.bucket")
    assert.equal("http://127.0.0.1:9/my-bucket/a/../b%20c", get("my-bucket", { endpoint = "http://127.0.0.1:9" }))
    assert.equal("http://127.0.0.1:9/my.bucket/a/../b%20c", get("my.bucket", { endpoint = "http://127.0.0.1:9" }))
    assert.equal("http://my.bucket.s3.test:9/a/../b%20c", get("my.bucket", { endpoint = "http://s3.test:9" }))
    assert.equal("http://localhost:9/my-bucket/a/../b%20c", get("my-bucket", { endpoint = "http://localhost:9" }))
    assert.equal("https://s3.eu-west-2.amazonaws.com/my-bucket/a/../b%20c",
      get("my-bucket", { settings = { s3_addressing = "path" } }))
    assert.equal("https://point-123456789012.s3-accesspoint.eu-west-2.amazonaws.com/a/../b%20c",
      get "arn:aws:s3:eu-west-2:123456789012:accesspoint/point")
  end)

  it("say which parameter is wrong", function()
    local text, e = url("s3", "GetObject", { Bucket = "arn:aws:sqs:eu-west-2:1:q", Key = "k" })
    assert.matches("s3.GetObject: ", text, 1, true)
    assert.equal("config", e.class)
    assert.equal("nonsense is not the URL of an endpoint", (url("ec2", "DescribeVpcs", {}, { endpoint = "nonsense" })))
  end)

  it("run the functions of rules", function()
    assert.equal("bc", library.substring("abcd", 1, 3, false))
    assert.equal("bc", library.substring("abcd", 1, 3, true))
    assert.is_nil(library.substring("ab", 0, 3, false))
    assert.same({ "accesspoint", "x" }, library["aws.parseArn"]("arn:aws:s3:r:1:accesspoint:x").resourceId)
    assert.is_nil(library["aws.parseArn"] "arn:aws:s3")
    assert.is_true(library.parseURL("https://[::1]:8/x").isIp)
    for _, bad in ipairs { "https://h/?q", "http://", "http:///x", "http://a b/", "http://a\\b/" } do
      assert.is_nil(library.parseURL(bad))
    end
    assert.is_false(library["aws.isVirtualHostableS3Bucket"]("192.168.0.1", true))
    assert.is_true(library.isValidHostLabel("a.b-c", true))
    assert.is_false(library.isValidHostLabel("-a", false))
  end)

  it("keep what a rule assigns to itself and its children", function()
    local set = { parameters = { R = { type = "string", required = true } }, rules = {
      { type = "tree", conditions = { { fn = "aws.partition", argv = { { ref = "R" } }, assign = "P" },
        { fn = "stringEquals", argv = { { fn = "getAttr", argv = { { ref = "P" }, "name" } }, "nowhere" } } },
        rules = { { type = "error", conditions = {}, error = "never" } } },
      { type = "endpoint", conditions = { { fn = "not", argv = { { fn = "isSet", argv = { { ref = "P" } } } } } },
        endpoint = { url = "https://{R}.x", properties = { a = { "{R}" } }, headers = { h = { "{{{R}}}" } } } },
    } }
    assert.same({ url = "https://r.x", properties = { a = { "r" } }, headers = { h = { "{r}" } } },
      rules.resolve(set, { R = "r" }, catalogue.partitions()))
    local none, e = rules.resolve(set, {}, catalogue.partitions())
    assert.is_nil(none)
    assert.matches("R", e.message)
  end)
end)
