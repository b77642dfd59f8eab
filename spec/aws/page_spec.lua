local catalogue = require "cso.std.catalogue"
local err = require "cso.std.err"
local page = require "cso.aws.page"

-- A client whose answers are given.
local function answering(service, answers)
  local S = catalogue.service(service)
  local client, asked = { model = S }, {}
  function client.operation(_, name) return S:operation(name) end
  function client.call(_, _, params)
    asked[#asked + 1] = params
    local a = answers[#asked]
    if err.is(a) then return nil, a end
    return a
  end
  return client, asked
end

describe("all pages as one answer", function()
  it("join what the paginator names, wherever it lies, and drop what led on", function()
    local client = answering("cloudfront", {
      { DistributionList = { IsTruncated = true, NextMarker = "m", MaxItems = 1, Items = { { Id = "a" } } } },
      { DistributionList = { IsTruncated = false, MaxItems = 1, Items = { { Id = "b" } } } } })
    assert.same({ DistributionList = { MaxItems = 1, Items = { { Id = "a" }, { Id = "b" } } } },
      page.joined(client, "ListDistributions", {}))
  end)

  it("join text, and lists that one page lacks", function()
    local log = answering("rds", { { LogFileData = "a\n", Marker = "1", AdditionalDataPending = true },
      { LogFileData = "b\n", AdditionalDataPending = false } })
    assert.same({ LogFileData = "a\nb\n" },
      page.joined(log, "DownloadDBLogFilePortion", { DBInstanceIdentifier = "d", LogFileName = "l" }))
    local s3 = answering("s3", { { IsTruncated = true, NextContinuationToken = "t", CommonPrefixes = { { Prefix = "a/" } } },
      { IsTruncated = false, Contents = { { Key = "b" } } } })
    assert.same({ CommonPrefixes = { { Prefix = "a/" } }, Contents = { { Key = "b" } } },
      page.joined(s3, "ListObjectsV2", { Bucket = "b" }))
  end)

  it("are one page as it is, and the failure of any", function()
    local one = { Vpcs = { { VpcId = "v" } }, NextToken = "" }
    assert.same(one, page.joined(answering("ec2", { one }), "DescribeVpcs", {}))
    local e = err.new { code = "Throttling", message = "no" }
    local client = answering("ec2", { { Vpcs = {}, NextToken = "t" }, e })
    assert.equal(e, select(2, pcall(page.joined, client, "DescribeVpcs", {})))
  end)
end)
