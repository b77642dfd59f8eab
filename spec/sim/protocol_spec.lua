local cbor = require "sim.protocol.cbor"
local chunked = require "sim.protocol.chunked"
local json = require "cso.std.json"
local protocols = require "sim.protocol"
local registry = require "sim.registry"
local router = require "sim.router"
local xml = require "cso.std.xml"

local reg = registry.new()

local function request(method, target, fields)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local req = { method = method, path = path, raw_path = path, query = query, headers = {}, raw_headers = {}, body = "" }
  for k, v in pairs(fields or {}) do req[k] = v end
  return req
end

local function route(scope, method, target, fields)
  local req = request(method, target, fields)
  local service, op = router.find(reg, req, scope)
  return op and op.name, service, op, req
end

describe("the router", function()
  it("tells S3's operations apart by query, header and path", function()
    for _, case in ipairs {
      { "GET", "/", "ListBuckets" }, { "PUT", "/b", "CreateBucket" }, { "PUT", "/b/", "CreateBucket" },
      { "HEAD", "/b", "HeadBucket" }, { "GET", "/b?list-type=2", "ListObjectsV2" }, { "GET", "/b", "ListObjects" },
      { "PUT", "/b?versioning", "PutBucketVersioning" }, { "GET", "/b?location", "GetBucketLocation" },
      { "PUT", "/b/k", "PutObject" }, { "PUT", "/b/a/b/c", "PutObject" },
      { "PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart" }, { "POST", "/b/k?uploads", "CreateMultipartUpload" },
      { "DELETE", "/b/k", "DeleteObject" }, { "POST", "/b?delete", "DeleteObjects" },
    } do
      assert.equal(case[3], (route("s3", case[1], case[2])))
    end
    assert.equal("CopyObject", (route("s3", "PUT", "/b/k", { headers = { ["x-amz-copy-source"] = "/b/x" } })))
  end)

  it("finds the bucket in the path or in the host", function()
    local _, _, _, req = route("s3", "GET", "/b/a%20b/c")
    assert.same({ Bucket = "b", Key = "a b/c" }, req.uri)
    _, _, _, req = route("s3", "GET", "/a//c/", { headers = { host = "b.s3.localhost:4566" } })
    assert.same({ Bucket = "b", Key = "a//c/" }, req.uri)
  end)

  it("matches URI templates", function()
    local name, _, _, req = route("elasticfilesystem", "DELETE", "/2015-02-01/file-systems/fs-1")
    assert.equal("DeleteFileSystem", name)
    assert.same({ FileSystemId = "fs-1" }, req.uri)
    assert.equal("GetHostedZone", (route("route53", "GET", "/2013-04-01/hostedzone/Z1")))
    assert.equal("ListTagsForResource", (route("route53", "GET", "/2013-04-01/tags/hostedzone/Z1")))
    assert.is_nil((route("route53", "GET", "/nothing")))
  end)

  it("tells services of one signing name apart", function()
    local form = { headers = { ["content-type"] = "application/x-www-form-urlencoded" },
      body = "Action=DescribeLoadBalancers&Version=2015-12-01" }
    local _, service = route("elasticloadbalancing", "POST", "/", form)
    assert.equal("elbv2", service.name)
    form.body = "Action=DescribeLoadBalancers&Version=2012-06-01"
    _, service = route("elasticloadbalancing", "POST", "/", form)
    assert.equal("elb", service.name)
  end)

  it("understands rpc-v2-cbor and targets", function()
    local name, service = route("monitoring", "POST", "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm",
      { headers = { ["smithy-protocol"] = "rpc-v2-cbor" } })
    assert.same({ "PutMetricAlarm", "cloudwatch" }, { name, service.name })
    name, service = route("ssm", "POST", "/", { headers = { ["x-amz-target"] = "AmazonSSM.PutParameter" } })
    assert.same({ "PutParameter", "ssm" }, { name, service.name })
  end)
end)

describe("the protocols", function()
  local function decode(scope, method, target, fields)
    local _, service, op, req = route(scope, method, target, fields)
    local problems = {}
    local input = protocols[service.protocol].decode(service, op, req, problems)
    return input, problems
  end

  it("read rest-json from path, query and body", function()
    local input, problems = decode("elasticfilesystem", "POST", "/2015-02-01/file-systems",
      { body = '{"CreationToken":"t","Encrypted":true,"Tags":[{"Key":"a","Value":"b"}]}' })
    assert.same({}, problems)
    assert.same({ CreationToken = "t", Encrypted = true, Tags = { { Key = "a", Value = "b" } } }, input)
    input = decode("elasticfilesystem", "GET", "/2015-02-01/file-systems?MaxItems=5&FileSystemId=fs-0123456789abcdef0")
    assert.same({ MaxItems = 5, FileSystemId = "fs-0123456789abcdef0" }, input)
  end)

  it("say where a rest-json input is wrong", function()
    local _, problems = decode("elasticfilesystem", "POST", "/2015-02-01/file-systems", { body = '{"Encryptd":true}' })
    assert.equal("unknown", problems[1].kind)
    _, problems = decode("elasticfilesystem", "POST", "/2015-02-01/file-systems", { body = '{"Encrypted":"yes"}' })
    assert.same({ "type", "Encrypted" }, { problems[1].kind, problems[1].path })
    _, problems = decode("elasticfilesystem", "POST", "/2015-02-01/file-systems", { body = "{" })
    assert.equal("type", problems[1].kind)
  end)

  it("read rest-xml, lists and flattened lists", function()
    local input, problems = decode("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset", { body =
      "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet>"
      .. "<Name>a.example.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10.0.0.1</Value>"
      .. "</ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch>"
      .. "</ChangeResourceRecordSetsRequest>" })
    assert.same({}, problems)
    local set = input.ChangeBatch.Changes[1].ResourceRecordSet
    assert.same({ "a.example.", 60, "10.0.0.1" }, { set.Name, set.TTL, set.ResourceRecords[1].Value })
    input, problems = decode("s3", "PUT", "/b?lifecycle", { body = "<LifecycleConfiguration><Rule><ID>one</ID>"
      .. "<Status>Enabled</Status><Filter><Prefix>x</Prefix></Filter><Expiration><Days>3</Days></Expiration></Rule>"
      .. "<Rule><ID>two</ID><Status>Enabled</Status></Rule></LifecycleConfiguration>" })
    assert.same({}, problems)
    assert.same({ "one", "two" }, { input.LifecycleConfiguration.Rules[1].ID, input.LifecycleConfiguration.Rules[2].ID })
    assert.equal(3, input.LifecycleConfiguration.Rules[1].Expiration.Days)
  end)

  it("read headers and raw bodies", function()
    local input = decode("s3", "PUT", "/b/k", { body = "hello", headers = { ["content-type"] = "text/plain",
      ["x-amz-meta-colour"] = "red", ["x-amz-server-side-encryption"] = "AES256" } })
    assert.same({ "hello", "text/plain", "red", "AES256" },
      { input.Body, input.ContentType, input.Metadata.colour, input.ServerSideEncryption })
  end)

  it("write each form as its clients read it", function()
    local function write(service_name, operation, output)
      local service = reg:get(service_name)
      local response = protocols[service.protocol].encode(service, registry.operation(service, operation), output, "id")
      return response.body, response
    end
    local body = xml.decode((write("ec2", "DescribeVpcs", { Vpcs = { { VpcId = "vpc-1", Tags = {}, IsDefault = false,
      _private = "no" } } })))
    assert.equal("DescribeVpcsResponse", body.name)
    local text = write("ec2", "DescribeVpcs", { Vpcs = { { VpcId = "a&b", Tags = {}, _private = "no" } } })
    assert.truthy(text:find("<vpcSet><item><tagSet></tagSet><vpcId>a&amp;b</vpcId></item></vpcSet>", 1, true))
    text = write("sts", "GetCallerIdentity", { Account = "1" })
    assert.truthy(text:find("<GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>", 1, true))
    local tree = json.decode((write("efs", "DescribeFileSystems", { FileSystems = { { FileSystemId = "fs-1",
      CreationTime = 1767225600.5, Tags = {} } } })))
    assert.equal(1767225600.5, tree.FileSystems[1].CreationTime)
    assert.equal(json.array_mt, getmetatable(tree.FileSystems[1].Tags))
    local _, response = write("s3", "GetObject", { Body = "x", ETag = '"e"', LastModified = 1767225600,
      Metadata = { colour = "red" } })
    local headers = {}
    for _, h in ipairs(response.headers) do headers[h[1]:lower()] = h[2] end
    assert.same({ "x", '"e"', "Thu, 01 Jan 2026 00:00:00 GMT", "red" },
      { response.body, headers.etag, headers["last-modified"], headers["x-amz-meta-colour"] })
  end)

  it("carry CBOR there and back", function()
    local v = { a = 1, b = -1, c = 1.5, d = "text", e = true, f = json.array { 1, 300, 70000, 5000000000 }, g = {} }
    assert.same(v, (cbor.decode(cbor.encode(v))))
    assert.equal(2.0, (cbor.decode("\xf9\x40\x00")))
    assert.equal("abc", (cbor.decode("\x7f\x62ab\x61c\xff")))
    for _, bad in ipairs { "", "\x82\x01", "\x62a", "\x1c", "\x01\x01", ("\x81"):rep(100) } do
      local got, message = cbor.decode(bad)
      assert.is_nil(got)
      assert.truthy(message)
    end
  end)

  it("take aws-chunked bodies apart", function()
    local req = request("PUT", "/b/k", { body = "5;chunk-signature=00\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n",
      headers = { ["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ["content-encoding"] = "aws-chunked",
        ["x-amz-decoded-content-length"] = "5" } })
    assert.is_true(chunked.applies(req))
    assert.is_nil(chunked.unwrap(req))
    assert.same({ "hello", "AAAA" }, { req.body, req.headers["x-amz-checksum-crc32"] })
    assert.is_nil(req.headers["content-encoding"])
    req = request("PUT", "/b/k", { body = "9\r\nhello\r\n0\r\n\r\n" })
    assert.truthy(chunked.unwrap(req))
  end)
end)
