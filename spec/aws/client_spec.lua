local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"

-- A client on a scripted transport. Each answer is a response, a network failure or a function.
local function scripted(service, answers, more)
  local log = { sent = {}, slept = {}, events = {} }
  local opts = {
    service = service, region = "eu-west-2",
    credentials = credentials.static { access_key = "AKID", secret_key = "secret" },
    clock = function() return 1700000000 end, now = function() return 0 end,
    random = function() return 0.5 end, uuid = function() return "uuid-1" end,
    sleep = function(s) log.slept[#log.slept + 1] = s end,
    events = function(name, t) log.events[#log.events + 1] = { name, t } end,
    http = function(request)
      log.sent[#log.sent + 1] = request
      local a = table.remove(answers, 1)
      if type(a) == "function" then a = a(request) end
      if a.error then return nil, a.error end
      return { status = a[1], body = a[2] or "", headers = a[3] or {} }
    end,
  }
  for k, v in pairs(more or {}) do opts[k] = v end
  return assert(client.new(opts)), log
end

local function header(request, name)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == name then return h[2] end
  end
end

local VPCS = "<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>"
  .. "%s</DescribeVpcsResponse>"
local function fault(code)
  return ("<Response><Errors><Error><Code>%s</Code><Message>m</Message></Error></Errors>"):format(code)
    .. "<RequestID>q</RequestID></Response>"
end

describe("a call", function()
  it("is signed, sent and read", function()
    local c, log = scripted("ec2", { { 200, VPCS:format("") } })
    local output, e, meta = c:call("DescribeVpcs", {})
    assert.is_nil(e)
    assert.equal("vpc-1", output.Vpcs[1].VpcId)
    assert.equal("r", meta.request_id)
    assert.equal("https://ec2.eu-west-2.amazonaws.com/", log.sent[1].url)
    assert.matches("^AWS4%-HMAC%-SHA256 Credential=AKID/20231114/eu%-west%-2/ec2/aws4_request",
      header(log.sent[1], "authorization"))
    assert.equal("api_call", log.events[1][1])
    assert.equal(200, log.events[1][2].status)
  end)

  it("is repeated after transient failures", function()
    local c, log = scripted("ec2", { { 503, fault "RequestLimitExceeded" },
      { error = { code = "reset", message = "reset", sent = true } }, { 200, VPCS:format("") } })
    assert(c:call("DescribeVpcs", {}))
    assert.equal(3, #log.sent)
    assert.same({ 0.5, 1 }, log.slept)
    assert.equal("attempt=3; max=3", header(log.sent[3], "amz-sdk-request"))
    assert.equal(header(log.sent[1], "amz-sdk-invocation-id"), header(log.sent[3], "amz-sdk-invocation-id"))
  end)

  it("tells the fields of a failure", function()
    local c = scripted("ec2", { { 400, fault "InvalidVpcID.NotFound" } })
    local output, e = c:call("DescribeVpcs", { VpcIds = { "vpc-0" } })
    assert.is_nil(output)
    assert.same({ "InvalidVpcID.NotFound", 400, "q", "service", false, false, "DescribeVpcs" },
      { e.code, e.status, e.request_id, e.class, e.retryable, e.ambiguous, e.operation })
  end)

  it("reads modelled fields of an error", function()
    local c = scripted("efs", { { 409, '{"ErrorCode":"FileSystemAlreadyExists","Message":"m","FileSystemId":"fs-1"}',
      { ["x-amzn-errortype"] = "FileSystemAlreadyExists:http://x" } } })
    local _, e = c:call("CreateFileSystem", { CreationToken = "t" })
    assert.equal("FileSystemAlreadyExists", e.code)
    assert.equal("fs-1", e.fields.FileSystemId)
  end)

  it("that changes something is not repeated when its fate is unknown", function()
    for _, answer in ipairs {
      { error = { code = "reset", message = "reset", sent = true } },
      { 500, fault "InternalError" }, { 200, "<Crea" },
    } do
      local c, log = scripted("ec2", { answer })
      local _, e = c:call("CreateVpc", { CidrBlock = "10.0.0.0/16" })
      assert.is_true(e.ambiguous)
      assert.equal(1, #log.sent)
    end
  end)

  it("that changes something is repeated when it surely never left, or was only throttled", function()
    local done = "<CreateVpcResponse><vpc><vpcId>v</vpcId></vpc></CreateVpcResponse>"
    local c, log = scripted("ec2", { { error = { code = "connect", message = "refused", sent = false } },
      { 503, fault "RequestLimitExceeded" }, { 200, done } })
    assert.equal("v", assert(c:call("CreateVpc", { CidrBlock = "10.0.0.0/16" })).Vpc.VpcId)
    assert.equal(3, #log.sent)
  end)

  it("with an idempotency token is repeated with the same token", function()
    local c, log = scripted("ec2", { { 500, fault "InternalError" }, { 200, "<CreateRouteTableResponse/>" } })
    assert(c:call("CreateRouteTable", { VpcId = "vpc-1" }))
    assert.matches("ClientToken=uuid%-1", log.sent[1].body)
    assert.equal(log.sent[1].body, log.sent[2].body)
    c, log = scripted("ec2", { { 500, fault "InternalError" } })
    local _, e = c:call("CreateRouteTable", { VpcId = "vpc-1" }, { token = "mine", no_retry_ambiguous = true })
    assert.is_true(e.ambiguous)
    assert.matches("ClientToken=mine", log.sent[1].body)
  end)

  it("corrects the clock once and remembers", function()
    local date = "Tue, 14 Nov 2023 23:13:20 GMT" -- an hour ahead of ours
    local c, log = scripted("ec2", { { 400, fault "RequestExpired", { date = date } },
      { 200, VPCS:format("") }, { 200, VPCS:format("") } })
    assert(c:call("DescribeVpcs", {}))
    assert.equal("20231114T221320Z", header(log.sent[1], "x-amz-date"))
    assert.equal("20231114T231320Z", header(log.sent[2], "x-amz-date"))
    assert(c:call("DescribeVpcs", {}))
    assert.equal("20231114T231320Z", header(log.sent[3], "x-amz-date"))
  end)

  it("follows a bucket to its region, once", function()
    local moved = { 301, "<Error><Code>PermanentRedirect</Code><Message>m</Message></Error>",
      { ["x-amz-bucket-region"] = "us-west-2" } }
    local c, log = scripted("s3", { moved, { 200, "" } })
    assert(c:call("HeadBucket", { Bucket = "my-bucket" }))
    assert.equal("https://my-bucket.s3.eu-west-2.amazonaws.com/", log.sent[1].url)
    assert.equal("https://my-bucket.s3.us-west-2.amazonaws.com/", log.sent[2].url)
    assert.matches("/us%-west%-2/s3/", header(log.sent[2], "authorization"))
  end)

  it("is refused before it is sent when the input is wrong", function()
    local c, log = scripted("ec2", {})
    local _, e = c:call("DescribeVpc", {})
    assert.equal("did you mean DescribeVpcs?", e.hint)
    _, e = c:call("DescribeVpcs", { VpcIds = "x" })
    assert.equal("usage", e.class)
    assert.equal(0, #log.sent)
  end)

  it("checks what it downloads", function()
    local c = scripted("s3", { { 200, "hello", { ["x-amz-checksum-crc32"] = "AAAAAA==" } },
      { 200, "hello", { ["x-amz-checksum-crc32"] = "NhCmhg==" } } }, { retry = { attempts = 1 } })
    local _, e = c:call("GetObject", { Bucket = "my-bucket", Key = "k" })
    assert.equal("MalformedResponse", e.code)
    assert.equal("hello", assert(c:call("GetObject", { Bucket = "my-bucket", Key = "k" })).Body)
  end)

  it("that S3 answers with an error and status 200 has failed", function()
    local c = scripted("s3", { { 200, "<?xml version=\"1.0\"?>\n"
      .. "<Error><Code>InternalError</Code><Message>m</Message></Error>" } })
    local _, e = c:call("CompleteMultipartUpload", { Bucket = "my-bucket", Key = "k", UploadId = "u" })
    assert.equal("InternalError", e.code)
    assert.is_true(e.ambiguous)
  end)
end)

describe("pages", function()
  it("are walked to their end", function()
    local c, log = scripted("ec2", { { 200, VPCS:format("<nextToken>t1</nextToken>") }, { 200, VPCS:format("") } })
    local n = 0
    for v in c:each("DescribeVpcs", {}) do
      n = n + 1
      assert.equal("vpc-1", v.VpcId)
    end
    assert.equal(2, n)
    assert.matches("NextToken=t1", log.sent[2].body)
  end)

  it("that repeat themselves are an error", function()
    local again = { 200, VPCS:format("<nextToken>t1</nextToken>") }
    local c = scripted("ec2", { again, again, again })
    local ok, e = pcall(function() for _ in c:each("DescribeVpcs", {}) do end end)
    assert.is_false(ok)
    assert.equal("RepeatedToken", e.code)
  end)

  it("of an operation without paginator give its only list", function()
    local c = scripted("ec2", { { 200, "<R><regionInfo><item><regionName>a</regionName></item></regionInfo></R>" } })
    local names = {}
    for r in c:each("DescribeRegions", {}) do names[#names + 1] = r.RegionName end
    assert.same({ "a" }, names)
  end)
end)

describe("a waiter", function()
  local function state(s)
    return { 200, ("<R><vpcSet><item><vpcId>v</vpcId><state>%s</state></item></vpcSet></R>"):format(s) }
  end

  it("asks until it is so", function()
    local c, log = scripted("ec2", { { 400, fault "InvalidVpcID.NotFound" }, state "pending" })
    assert.is_true(c:wait("VpcExists", { VpcIds = { "v" } }, { delay = 3 }))
    assert.same({ 3 }, log.slept)
    c, log = scripted("ec2", { state "pending", state "available" })
    assert.is_true(c:wait("VpcAvailable", { VpcIds = { "v" } }))
    assert.same({ 15 }, log.slept)
  end)

  it("ends with a timeout or an unexpected error", function()
    local c = scripted("ec2", { state "pending", state "pending" })
    local _, e = c:wait("VpcAvailable", { VpcIds = { "v" } }, { attempts = 2, delay = 1 })
    assert.equal("WaiterTimeout", e.code)
    c = scripted("ec2", { { 403, fault "UnauthorizedOperation" } })
    _, e = c:wait("VpcAvailable", { VpcIds = { "v" } })
    assert.equal("UnauthorizedOperation", e.code)
    _, e = c:wait("VpcAvailabel", {})
    assert.equal("did you mean VpcAvailable?", e.hint)
  end)
end)

describe("a presigned URL", function()
  it("matches AWS's published example", function()
    local c = scripted("s3", {}, { region = "us-east-1",
      credentials = credentials.static { access_key = "AKIAIOSFODNN7EXAMPLE",
        secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
      clock = function() return 1369353600 end, endpoint = "https://s3.amazonaws.com" })
    local p = assert(c:signed("GetObject", { Bucket = "examplebucket", Key = "test.txt" }, { presign = 86400 }))
    assert.matches("^https://examplebucket.s3.amazonaws.com/test.txt%?", p.url)
    assert.matches("X%-Amz%-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", p.url)
  end)
end)
