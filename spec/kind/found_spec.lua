-- Whatever a run may leave behind when it dies in a creation can be found again: by ownership tags,
-- by a natural key, or by the kind's own search.
local find = require "cso.kind.find"
local handle = require "cso.kind.handle"
local kinds = require "cso.kind"

local function all()
  local out = {}
  local pipe = assert(io.popen "find lua/cso/kind/aws -name '*.lua' | sort")
  for line in pipe:lines() do
    local service, name = line:match "/aws/(%w+)/(%u%w+)%.lua$"
    local K = service and kinds.native(("AWS::%s::%s"):format(service, name))
    if K then out[#out + 1] = K end
  end
  pipe:close()
  for _, name in ipairs(kinds.own_types()) do out[#out + 1] = kinds.native(name) end
  return out
end

describe("what is looked for by its tags", function()
  local K = kinds.native "AWS::EC2::NatGateway"

  local function gateway(id, address)
    return { NatGatewayId = id, State = "available", Tags = { { Key = "cso:stack", Value = "s" },
      { Key = "cso:address", Value = address } } }
  end

  -- A service that knows no filter.
  local function account(gateways)
    local r = handle.new { kind = K, address = "b", own = { ["cso:stack"] = "s", ["cso:address"] = "b" } }
    function r.try(_, operation)
      assert.equal("DescribeNatGateways", operation)
      return { NatGateways = gateways }
    end
    r.call = r.try
    return r
  end

  it("is what bears them, whatever the service tells of", function()
    assert.equal("nat-2", (find.one(K, account { gateway("nat-1", "a"), gateway("nat-2", "b") })))
  end)

  it("is not there when others are", function()
    assert.is_nil((find.one(K, account { gateway("nat-1", "a"), { NatGatewayId = "nat-3", State = "available" } })))
  end)
end)

describe("how long it is looked for", function()
  local K = kinds.native "AWS::EC2::InternetGateway"

  -- A session whose calls go there; none of them is made.
  local function session_at(url)
    return assert(require("cso.aws").session { env = { AWS_REGION = "eu-west-2", AWS_ENDPOINT_URL = url } })
  end

  -- Seconds until it is given up.
  local function seconds(patience)
    local sum, pause = 0, patience.pause
    for _ = 1, patience.looks do sum, pause = sum + pause, 2 * pause end
    return sum
  end

  it("is half a minute where the account is not on this machine", function()
    for _, url in ipairs { false, "https://ec2.eu-west-2.amazonaws.com", "http://10.0.0.1:4566" } do
      local patience = find.patience(session_at(url or nil), K)
      assert.is_true(seconds(patience) >= 30 and patience.lag > seconds(patience) and patience.young > seconds(patience))
    end
  end)

  it("is some seconds where it is", function()
    for _, url in ipairs { "http://127.0.0.1:5000", "http://localhost", "http://[::1]:4566/" } do
      local patience = find.patience(session_at(url), K)
      assert.is_true(seconds(patience) < 4 and patience.lag > seconds(patience))
    end
  end)
end)

describe("kinds", function()
  it("say how an interrupted creation is found again", function()
    local list, lost = all(), {}
    assert.is_true(#list > 50)
    for _, K in ipairs(list) do
      local spec = K.spec
      local by_tags = spec.service == "ec2" and K.tag_property and type(spec.read) == "table" and spec.read.list and spec.read.key
      local by_name = spec.name and spec.name[1] == K.id_name
      if not (spec.find or spec.natural or by_tags or by_name or spec.service == "local") then lost[#lost + 1] = K.type end
    end
    assert.same({}, lost)
  end)

  it("that overwrite what they meet say by what it is known", function()
    for _, K in ipairs(all()) do
      if K.spec.puts then assert.is_truthy(K.spec.natural or K.spec.find, K.type) end
    end
  end)
end)
