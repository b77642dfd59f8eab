local bounded = require "cso.std.bounded"
local catalogue = require "cso.std.catalogue"
local endpoint = require "cso.aws.endpoint"

local partitions = catalogue.partitions()

local function url(service, name, params, settings, cache)
  local S = assert(catalogue.service(service))
  return assert(endpoint.resolve(S, S:operation(name), params, settings, partitions, cache)).url
end

describe("cso.std.bounded", function()
  it("keeps what is asked for and never more than its most", function()
    local cache = bounded.new(3)
    for i = 1, 3 do cache:put(i, -i) end
    cache:put(2, "again")
    assert.equal(-1, cache:get(1))
    assert.equal("again", cache:get(2))
    cache:put(4, -4)
    assert.is_nil(cache:get(1))
    assert.equal(-4, cache:get(4))
    local n = 0
    for _ = 1, 100 do cache:put(_, true) end
    for _ in pairs(cache.values) do n = n + 1 end
    assert.is_true(n <= 3)
  end)
end)

describe("a client's memory of endpoints", function()
  it("tells regions, accounts, operations and buckets apart", function()
    local cache = bounded.new(100)
    for _ = 1, 2 do
      assert.matches("eu%-west%-2", url("ec2", "DescribeVpcs", {}, { region = "eu-west-2" }, cache))
      assert.matches("us%-east%-1", url("ec2", "DescribeVpcs", {}, { region = "us-east-1" }, cache))
      for _, account in ipairs { "111111111111", "222222222222" } do
        assert.matches(account, url("dynamodb", "ListTables", {},
          { region = "eu-west-2", account_id = account }, cache))
      end
      for _, bucket in ipairs { "one", "two" } do
        assert.matches("^https://" .. bucket .. "%.s3", url("s3", "GetObject",
          { Bucket = bucket, Key = "k" }, { region = "eu-west-2" }, cache))
      end
      assert.matches("%-control", url("s3control", "ListAccessPoints", { AccountId = "111111111111" },
        { region = "eu-west-2" }, cache))
    end
  end)

  it("does not grow with the keys of objects, of which the rules know nothing", function()
    local cache = bounded.new(100)
    for i = 1, 50 do
      url("s3", "GetObject", { Bucket = "b", Key = "key-" .. i }, { region = "eu-west-2" }, cache)
    end
    assert.equal(1, cache.count)
  end)

  it("stays within its bounds whatever is asked", function()
    local cache = bounded.new(10)
    for i = 1, 200 do
      url("s3", "HeadBucket", { Bucket = "bucket-" .. i }, { region = "eu-west-2" }, cache)
      assert.is_true(cache.count <= 10)
    end
  end)
end)
