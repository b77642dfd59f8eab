-- What is done twice as often must not cost four times as much. Costs are counted in instructions of Lua's
-- machine, which no other load on the computer changes.
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local instructions = require "spec.support.instructions"

local EVERY = 100 -- so many instructions are counted at once

-- Twice the work, at most 2.3 times the instructions; and it must be work that shows at all.
local function linear(n, make)
  make(1)() -- what is compiled once is not counted
  local one, two = instructions(make(n)), instructions(make(2 * n))
  assert(one >= 100 * EVERY, ("%d are too few to tell anything"):format(n))
  assert(two <= 2.3 * one, ("%d cost %d instructions, %d cost %d"):format(n, one, 2 * n, two))
end

local function new(service, http)
  return assert(client.new { service = service, region = "eu-west-2", clock = function() return 1700000000 end,
    now = function() return 0 end, sleep = function() end, uuid = function() return "u" end,
    credentials = credentials.static { access_key = "a", secret_key = "b" }, http = http })
end

local function times(n, item)
  local out = {}
  for i = 1, n do out[i] = type(item) == "function" and item(i) or item end
  return out
end

describe("the cost of a call grows no faster than what it carries:", function()
  it("params of the query protocols", function()
    local ec2 = new "ec2"
    linear(500, function(n)
      local params = { Resources = times(n, "i-1"), Tags = times(n, { Key = "k", Value = "v" }) }
      return function() assert(ec2:build("CreateTags", params)) end
    end)
  end)

  it("params of JSON", function()
    local dynamodb = new "dynamodb"
    linear(500, function(n)
      local params = { TableName = "ttt", Item = {} }
      for i = 1, n do params.Item["name" .. i] = { L = { { S = "x" }, { N = "1" } } } end
      return function() assert(dynamodb:build("PutItem", params)) end
    end)
  end)

  it("params of XML, headers and query strings", function()
    local s3 = new "s3"
    linear(500, function(n)
      local params = { Bucket = "bbb", Delete = { Objects = times(n, { Key = "k" }) } }
      return function() assert(s3:build("DeleteObjects", params)) end
    end)
    linear(500, function(n)
      local params = { Bucket = "bbb", Key = "k", Metadata = {} }
      for i = 1, n do params.Metadata["m" .. i] = "v" end
      return function() assert(s3:signed("PutObject", params, { time = 1700000000 })) end
    end)
    local tagging = new "batch"
    linear(500, function(n)
      local params = { resourceArn = "arn:aws:batch:r:1:x/y", tagKeys = times(n, "k") }
      return function() assert(tagging:signed("UntagResource", params, { time = 1700000000 })) end
    end)
  end)

  it("faults of params", function()
    local ec2 = new "ec2"
    linear(200, function(n)
      local params = { Resources = times(n, 1), Tags = times(n, { Key = 2 }) }
      return function() assert(not ec2:build("CreateTags", params)) end
    end)
  end)

  it("headers of an answer", function()
    local s3 = new "s3"
    linear(500, function(n)
      local headers = {}
      for i = 1, n do headers["x-amz-meta-m" .. i] = "v" end
      return function() assert(s3:parse("HeadObject", { status = 200, headers = headers, body = "" })) end
    end)
  end)

  it("pages", function()
    linear(50, function(n)
      local sent = 0
      local ec2 = new("ec2", function()
        sent = sent + 1
        local token = sent < n and "<nextToken>t" .. sent .. "</nextToken>" or ""
        return { status = 200, headers = {}, body = "<DescribeVpcsResponse><vpcSet>"
          .. "<item><vpcId>v</vpcId></item></vpcSet>" .. token .. "</DescribeVpcsResponse>" }
      end)
      return function()
        local found = 0
        for _ in ec2:each("DescribeVpcs", {}) do found = found + 1 end
        assert(found == n)
      end
    end)
  end)

  it("calls of one client", function()
    local s3 = new("s3", function() return { status = 200, headers = {}, body = "" } end)
    linear(100, function(n)
      return function()
        for i = 1, n do assert(s3:call("HeadObject", { Bucket = "bucket-" .. i, Key = "k" })) end
      end
    end)
  end)
end)

describe("reading an answer costs", function()
  it("no instruction of Lua for its items", function()
    local bodies = {
      { "dynamodb", "Query", '{"Items":[%s]}', '{"a":{"S":"x"},"b":{"N":"1"},"c":{"L":[{"BOOL":true}]}}', "," },
      { "ec2", "DescribeVpcs", "<r><vpcSet>%s</vpcSet></r>",
        "<item><vpcId>v</vpcId><isDefault>true</isDefault></item>", "" },
    }
    for _, b in ipairs(bodies) do
      local service, operation, whole, item, between = table.unpack(b)
      local c = new(service)
      local function read(n)
        local body = whole:format(table.concat(times(n, item), between))
        local function parse() assert(c:parse(operation, { status = 200, headers = {}, body = body })) end
        parse()
        return instructions(parse)
      end
      local few, many = read(10), read(1010)
      assert(many - few < 1000, ("%s: %d instructions for 10 items, %d for 1010"):format(service, few, many))
    end
  end)
end)

describe("a small call costs", function()
  -- A ceiling a third above what is needed: whoever makes each call dearer should know of it.
  it("few instructions of Lua, and those of reading XML are none", function()
    local body = "<DescribeVpcsResponse><vpcSet>" .. ("<item><vpcId>v</vpcId><state>s</state></item>"):rep(100)
      .. "</vpcSet></DescribeVpcsResponse>"
    local ec2 = new("ec2", function() return { status = 200, headers = {}, body = body } end)
    local params = { Filters = { { Name = "vpc-id", Values = { "vpc-1" } } } }
    assert(ec2:call("DescribeVpcs", params))
    local n = instructions(function()
      for _ = 1, 100 do assert(ec2:call("DescribeVpcs", params)) end
    end)
    assert.is_true(n / 100 < 2500, n / 100)
  end)
end)
