--- Bodies that are files: read while they are sent, framed, checked and signed; against the simulated S3.
local client = require "cso.aws.client"
local checksum = require "cso.aws.checksum"
local config = require "cso.aws.config"
local credentials = require "cso.aws.credentials"
local file = require "cso.aws.file"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local http = require "cso.http"
local settings = require "cso.aws.settings"
local sign = require "cso.aws.sign"
local sim = require "sim"
local task = require "cso.task"

local KEYS = { access_key = "AKIDFILE", secret_key = "secret" }
local EXPRESS = "jar--euw2-az1--x-s3"

local path = os.tmpname()
local DATA = {}
for i = 1, 4000 do DATA[i] = hash.sha256("seed" .. i) end
DATA = table.concat(DATA)

local function header(request, name)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == name then return h[2] end
  end
end

-- Runs fn(client, log) on a bucket; hook(request) may break one.
local function with_bucket(fn, env, hook)
  local ok, e = task.run(function()
    local world = assert(sim.start { credentials = { KEYS } })
    task.defer(world.close)
    local log = {}
    local c = assert(client.new { service = "s3", region = "eu-west-2", endpoint = world.url,
      config = assert(config.load { env = env or {}, region = "eu-west-2", read = function() end }),
      credentials = credentials.static(KEYS), random = function() return 0 end, sleep = function() end,
      http = function(request)
        log[#log + 1] = request
        local broken = hook and hook(request)
        if broken then return nil, broken end
        return http.request(request)
      end })
    assert(c:call("CreateBucket", { Bucket = "jar", CreateBucketConfiguration = { LocationConstraint = "eu-west-2" } }))
    assert(c:call("CreateBucket", { Bucket = EXPRESS, CreateBucketConfiguration = {
      Location = { Type = "AvailabilityZone", Name = "euw2-az1" },
      Bucket = { Type = "Directory", DataRedundancy = "SingleAvailabilityZone" } } }))
    for i = #log, 1, -1 do log[i] = nil end
    fn(c, log)
    return true
  end)
  if not ok then error(e, 0) end
end

describe("a file as a body", function()
  setup(function() assert(fs.write_atomic(path, DATA)) end)
  teardown(function() os.remove(path) end)

  it("arrives whole, in signed chunks with its checksum behind them", function()
    with_bucket(function(c, log)
      local put = assert(c:call("PutObject", { Bucket = "jar", Key = "a//../b", Body = assert(file.of(path)) }))
      assert.equal(checksum.sum("CRC32", DATA), put.ChecksumCRC32)
      local sent = log[1]
      assert.is_nil(sent.body)
      assert.equal(path, sent.from_file)
      assert.equal("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", header(sent, "x-amz-content-sha256"))
      assert.equal("aws-chunked", header(sent, "content-encoding"))
      assert.equal("x-amz-checksum-crc32", header(sent, "x-amz-trailer"))
      assert.equal(tostring(#DATA), header(sent, "x-amz-decoded-content-length"))
      local got = assert(c:call("GetObject", { Bucket = "jar", Key = "a//../b" }))
      assert.is_true(got.Body == DATA)
      assert.is_nil(got.ContentEncoding)
    end)
  end)

  it("arrives with each checksum that the model names", function()
    with_bucket(function(c)
      for _, name in ipairs(c.model:shape("ChecksumAlgorithm").enum) do
        for _, body in ipairs { assert(file.of(path)), DATA } do
          local put, e = c:call("PutObject", { Bucket = "jar", Key = name, Body = body, ChecksumAlgorithm = name })
          assert(put, tostring(e))
          assert.equal(checksum.sum(name, DATA), put["Checksum" .. name])
        end
        assert.is_true(assert(c:call("GetObject", { Bucket = "jar", Key = name })).Body == DATA)
      end
    end)
  end)

  it("arrives in parts, and goes on from the start when it is sent again", function()
    local broken
    with_bucket(function(c, log)
      local upload = assert(c:call("CreateMultipartUpload", { Bucket = "jar", Key = "k" }))
      local part = assert(c:call("UploadPart", { Bucket = "jar", Key = "k", UploadId = upload.UploadId,
        PartNumber = 1, Body = assert(file.of(path, { from = 1000, length = 70000 })) }))
      assert.equal(checksum.sum("CRC32", DATA:sub(1001, 71000)), part.ChecksumCRC32)
      assert.equal(3, #log)
    end, nil, function(request)
      if not request.from_file or broken then return end
      broken = true
      return { code = "reset", message = "broken", sent = true }
    end)
  end)

  it("is signed under TLS, too, where somebody wants that", function()
    local function word_of(sign_payload)
      return sign.frame({ scheme = "https", body = assert(file.of(path)), headers = {}, sign_payload = sign_payload }, {})
    end
    assert.equal("UNSIGNED-PAYLOAD", word_of())
    assert.equal("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", word_of(true))
    local loaded = assert(config.load { env = { AWS_CONFIG_FILE = "c" }, region = "eu-west-2",
      read = function(name) return name == "c" and "[default]\ns3 =\n  payload_signing_enabled = true\n" or nil end })
    assert.is_true(assert(settings(loaded, { region = "eu-west-2", name = "s3", service = "s3" })).s3_sign_payload)
  end)

  it("goes without a checksum where none is wanted, and with the caller's own", function()
    with_bucket(function(c, log)
      assert(c:call("PutObject", { Bucket = "jar", Key = "k", Body = assert(file.of(path)) }))
      assert.equal("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", header(log[1], "x-amz-content-sha256"))
      assert.is_nil(header(log[1], "x-amz-trailer"))
      assert.is_true(assert(c:call("GetObject", { Bucket = "jar", Key = "k" })).Body == DATA)
      local _, e = c:call("PutObject", { Bucket = "jar", Key = "k", Body = assert(file.of(path)),
        ChecksumCRC32 = "AAAAAA==" })
      assert.equal("BadDigest", e.code)
    end, { AWS_REQUEST_CHECKSUM_CALCULATION = "when_required" })
  end)

  it("is not believed when something was changed on the way", function()
    with_bucket(function(c)
      local _, e = c:call("PutObject", { Bucket = "jar", Key = "k", Body = assert(file.of(path)) })
      assert.equal("SignatureDoesNotMatch", e.code)
    end, nil, function(request)
      if request.chunked then request.chunked.sign.seed = ("0"):rep(64) end
    end)
    with_bucket(function(c)
      local _, e = c:call("PutObject", { Bucket = "jar", Key = "k", Body = assert(file.of(path)) })
      assert.equal("BadDigest", e.code)
    end, nil, function(request)
      if request.chunked then request.chunked.checksum = "crc32c" end
    end)
  end)

  it("goes into a directory bucket with a session of it", function()
    with_bucket(function(c, log)
      local put = assert(c:call("PutObject", { Bucket = EXPRESS, Key = "k", Body = assert(file.of(path)) }))
      assert.equal(checksum.sum("CRC32", DATA), put.ChecksumCRC32)
      assert.is_true(assert(c:call("GetObject", { Bucket = EXPRESS, Key = "k" })).Body == DATA)
      local sessions = 0
      for _, request in ipairs(log) do
        if request.url:find("?session", 1, true) then sessions = sessions + 1 end
      end
      assert.equal(1, sessions)
    end)
  end)

  it("is left unsigned over TLS", function()
    local c = assert(client.new { service = "s3", region = "eu-west-2", credentials = credentials.static(KEYS),
      clock = function() return 1700000000 end })
    local p = assert(c:signed("PutObject", { Bucket = "jar", Key = "k", ContentEncoding = "gzip",
      Body = assert(file.of(path)), ChecksumAlgorithm = "CRC64NVME" }))
    assert.equal("STREAMING-UNSIGNED-PAYLOAD-TRAILER", header(p, "x-amz-content-sha256"))
    assert.equal("gzip,aws-chunked", header(p, "content-encoding"))
    assert.same({ chunk = 65536, checksum = "crc64nvme", trailer = "x-amz-checksum-crc64nvme" }, p.chunked)
  end)

  it("is an error when there is none, or where bytes are wanted", function()
    for _, bad in ipairs { path .. ".none", "/" } do
      local _, e = file.of(bad)
      assert.equal("usage", e.class)
    end
    local _, e = file.of(path, { from = #DATA, length = 1 })
    assert.matches("it has 128000", e.message)
    local c = assert(client.new { service = "lambda", region = "eu-west-2", credentials = credentials.static(KEYS) })
    _, e = c:build("Invoke", { FunctionName = "f", Payload = assert(file.of(path)) })
    assert.matches("Invoke.Payload: is not sent as a stream", e.message)
  end)

  it("is hashed first where a service knows no chunks", function()
    local c = assert(client.new { service = "codeartifact", region = "eu-west-2",
      credentials = credentials.static(KEYS), clock = function() return 1700000000 end })
    local params = { domain = "dom", repository = "rep", format = "generic", package = "p", packageVersion = "1",
      assetName = "a", assetSHA256 = hash.sha256_hex(DATA), assetContent = assert(file.of(path)) }
    local streamed = assert(c:signed("PublishPackageVersion", params)).signature
    params.assetContent = DATA
    assert.equal(assert(c:signed("PublishPackageVersion", params)).signature, streamed)
  end)
end)
