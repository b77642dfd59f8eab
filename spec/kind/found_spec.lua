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
