local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local glacier = require "cso.aws.customize.glacier"

local function make(service, more)
  local opts = {
    service = service, region = "eu-west-2",
    credentials = credentials.static { access_key = "AKID", secret_key = "secret", token = "tok" },
    clock = function() return 1700000000 end, now = function() return 0 end, random = function() return 0 end,
    sleep = function() end, uuid = function() return "u" end,
  }
  for k, v in pairs(more or {}) do opts[k] = v end
  return assert(client.new(opts))
end

local function answering(service, answers)
  local sent = {}
  return make(service, { http = function(request)
    sent[#sent + 1] = request
    local a = answers[#sent]
    return { status = a[1], headers = a[3] or {}, body = a[2] }
  end }), sent
end

local function field(body, name)
  local v = ("&" .. body):match("&" .. name .. "=([^&]*)")
  return v and (v:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
end

local function header(request, name)
  for _, h in ipairs(request.headers) do
    if h[1]:lower() == name then return h[2] end
  end
end

describe("copies from another region", function()
  -- The signatures are botocore's, for the same input.
  it("show the other region a request that it can check", function()
    local p = assert(make("ec2"):signed("CopySnapshot", { SourceRegion = "us-east-1", SourceSnapshotId = "snap-1" }))
    assert.equal("eu-west-2", field(p.body, "DestinationRegion"))
    local url = field(p.body, "PresignedUrl")
    assert.matches("^https://ec2%.us%-east%-1%.amazonaws%.com/%?Action=CopySnapshot&", url)
    assert.matches("X%-Amz%-Signature=b3a9f88958a6fd98986154529b88e633c9100fb457ac4c258864ab6f48c8ddb4$", url)
  end)

  it("keep from RDS what its wire does not know", function()
    local p = assert(make("rds"):signed("CopyDBSnapshot", { SourceRegion = "us-east-1",
      SourceDBSnapshotIdentifier = "arn:aws:rds:us-east-1:1:snapshot:a b", TargetDBSnapshotIdentifier = "t" }))
    assert.is_nil(field(p.body, "SourceRegion"))
    assert.is_nil(field(p.body, "DestinationRegion"))
    assert.matches("X%-Amz%-Signature=7b515f84e60de8dbff6c124a7e5361de46cc6165e91e4f18967ad590c988286d$",
      field(p.body, "PreSignedUrl"))
  end)

  it("leave a URL of the caller's, and copies within the region, alone", function()
    local p = assert(make("rds"):signed("CopyDBSnapshot", { SourceDBSnapshotIdentifier = "s",
      TargetDBSnapshotIdentifier = "t" }))
    assert.is_nil(field(p.body, "PreSignedUrl"))
    p = assert(make("ec2"):signed("CopySnapshot", { SourceRegion = "us-east-1", SourceSnapshotId = "s",
      PresignedUrl = "https://mine" }))
    assert.equal("https://mine", field(p.body, "PresignedUrl"))
  end)
end)

describe("Glacier", function()
  it("gets each upload with both of its hashes", function()
    local p = assert(make("glacier"):signed("UploadArchive", { vaultName = "v", body = "hello world" }))
    local sum = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
    assert.equal(sum, header(p, "x-amz-sha256-tree-hash"))
    assert.equal(sum, header(p, "x-amz-content-sha256"))
    assert.matches("/%-/vaults/v/archives", p.url)
  end)

  it("gets trees over mebibytes, of bytes and of files", function()
    local bytes = ("a"):rep(2 << 20) .. ("b"):rep(10)
    local sum = "0e51f78e6f4e2c52f15317fae27d10d662e6fef096a6c88b52217fcbef658162"
    assert.equal(sum, glacier.tree_hash(bytes))
    assert.equal("2de265444aac9ce07774a301a71f4def10988cb4e5f694054330dde647e2f97c", glacier.tree_hash(("x"):rep(5 << 20)))
    local path = os.tmpname()
    local out = assert(io.open(path, "wb"))
    out:write("xx", bytes)
    out:close()
    assert.equal(sum, glacier.tree_hash(assert(require("cso.aws.file").of(path, { from = 2 }))))
    os.remove(path)
  end)
end)

describe("S3", function()
  local LIST = [[<ListBucketResult><EncodingType>url</EncodingType><Prefix>a%%2B</Prefix><Contents><Key>a%%2Bb+c%%01</Key>
    </Contents><CommonPrefixes><Prefix>x%%20y/</Prefix></CommonPrefixes></ListBucketResult>]]
  LIST = LIST:gsub("%%%%", "%%")

  it("is asked for names that XML can carry, and they are read back", function()
    local c, sent = answering("s3", { { 200, LIST } })
    local output = assert(c:call("ListObjectsV2", { Bucket = "b", Prefix = "a+" }))
    assert.matches("encoding%-type=url", sent[1].url)
    assert.equal("a+b c\1", output.Contents[1].Key)
    assert.equal("x y/", output.CommonPrefixes[1].Prefix)
    assert.equal("a+", output.Prefix)
  end)

  it("gives encoded names to who asked for them", function()
    local c = answering("s3", { { 200, LIST } })
    local output = assert(c:call("ListObjectsV2", { Bucket = "b", EncodingType = "url" }))
    assert.equal("a%2Bb+c%01", output.Contents[1].Key)
  end)

  it("tells when an object expires as it was written, too", function()
    for text, time in pairs { ["Wed, 21 Oct 2015 07:28:00 GMT"] = 1445412480, soon = false } do
      local c = answering("s3", { { 200, "", { expires = text } } })
      local output = assert(c:call("HeadObject", { Bucket = "b", Key = "k" }))
      assert.same({ text, time or nil }, { output.ExpiresString, output.Expires })
    end
  end)

  it("encodes the source of a copy that is plain, once", function()
    local function copied(source)
      return header(assert(make("s3"):build("CopyObject", { Bucket = "b", Key = "k", CopySource = source })),
        "x-amz-copy-source")
    end
    assert.equal("other/a%20b%C3%BC", copied "other/a bü")
    assert.equal("other/a%20b", copied "other/a%20b")
    assert.equal("other/100%25?versionId=v.1", copied "other/100%?versionId=v.1")
    assert.equal("arn:aws:s3:eu-west-2:1:accesspoint/a/object/k",
      copied "arn:aws:s3:eu-west-2:1:accesspoint/a/object/k")
  end)

  it("is not asked for another bucket than the one that is named", function()
    for _, name in ipairs { "", "a/b", "a b", "../x", ("a"):rep(256) } do
      local p, e = make("s3"):signed("DeleteObject", { Bucket = name, Key = "k" })
      assert.is_nil(p)
      assert.equal("usage", e.class)
      assert.matches("DeleteObject.Bucket", e.message, 1, true)
    end
    assert(make("s3"):signed("DeleteObject", { Bucket = "Old_Bucket", Key = "k" }))
    local p, e = make("apigateway"):build("DeleteRestApi", { restApiId = "" })
    assert.is_nil(p)
    assert.equal("MissingLabel", e.code)
  end)

  it("refuses metadata that no header can carry", function()
    for _, value in ipairs { "ü", "a\r\nx-amz-acl: public-read", "\0" } do
      local request, e = make("s3"):build("PutObject", { Bucket = "b", Key = "k", Metadata = { note = value } })
      assert.is_nil(request)
      assert.equal("usage", e.class)
      assert.matches("PutObject%.Metadata%.note", e.message)
    end
  end)
end)

describe("single services", function()
  it("are asked for predictions at the model's own address", function()
    local p = assert(make("machinelearning"):signed("Predict", { MLModelId = "m", Record = {},
      PredictEndpoint = "https://realtime.machinelearning.us-east-1.amazonaws.com" }))
    assert.equal("https://realtime.machinelearning.us-east-1.amazonaws.com/", p.url)
  end)

  it("are given a URL that speaks when it is opened", function()
    local url, _, p = assert(make("polly")):presign("SynthesizeSpeech",
      { OutputFormat = "mp3", Text = "a b", VoiceId = "Joanna", LexiconNames = { "x", "y" } }, 900)
    assert.matches("/v1/speech?LexiconNames=x&LexiconNames=y&OutputFormat=mp3&Text=a%20b&VoiceId=Joanna&", url, 1, true)
    assert.matches("X-Amz-SignedHeaders=host&", url, 1, true)
    assert.same({ "GET", "" }, { p.method, p.body })
  end)

  it("are searched with a form", function()
    local p = assert(make("cloudsearchdomain"):signed("Search", { query = "a b" }))
    assert.equal("POST", p.method)
    assert.equal("format=sdk&pretty=true&q=a%20b", p.body)
    assert.equal("application/x-www-form-urlencoded", header(p, "content-type"))
  end)
end)

describe("an address that a service names", function()
  local TOLD = '{"Endpoints":[{"Address":"%s.timestream.eu-west-2.amazonaws.com","CachePeriodInMinutes":60}]}'

  it("is asked for anew when it no longer answers", function()
    local c, sent = answering("timestream-query", { { 200, TOLD:format "cell1" },
      { 421, '{"__type":"InvalidEndpointException"}' }, { 200, TOLD:format "cell2" }, { 200, '{"ScheduledQueries":[]}' } })
    assert(c:call("ListScheduledQueries", {}))
    assert.equal("https://cell1.timestream.eu-west-2.amazonaws.com/", sent[2].url)
    assert.equal("https://cell2.timestream.eu-west-2.amazonaws.com/", sent[4].url)
  end)

  it("is not asked for where the user forbids it", function()
    local c = make("timestream-query", { settings = { discovery = false } })
    local output, e = c:call("ListScheduledQueries", {})
    assert.is_nil(output)
    assert.equal("EndpointDiscoveryRequired", e.code)
    assert.equal("config", e.class)
  end)

  it("is asked for where it may be, when the user wants it", function()
    local told = '{"Endpoints":[{"Address":"cell.dynamodb.eu-west-2.amazonaws.com","CachePeriodInMinutes":60}]}'
    local sent = {}
    local c = make("dynamodb", { settings = { discovery = true }, http = function(request)
      sent[#sent + 1] = request
      return { status = 200, headers = {}, body = #sent == 1 and told or '{"TableNames":[]}' }
    end })
    local S = c.model
    local asks = require("cso.aws.endpoint.discovery").needed(S, S:operation "ListTables", true)
    assert(c:call("ListTables", {}))
    assert.equal(asks and 2 or 1, #sent)
  end)
end)
