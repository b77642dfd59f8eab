-- What a plan reads is read again when nobody answers for a while.
local handle_of = require "cso.plan.handle"
local kinds = require "cso.kind"

describe("what a plan reads", function()
  local now, told, failures, asked

  before_each(function() now, told, failures, asked = 0, {}, 0, 0 end)

  local function reader()
    local client = { call = function()
      asked = asked + 1
      if failures > 0 then
        failures = failures - 1
        return nil, { class = "network", code = "connect", transient = true, sent = false, message = "nobody is there" }
      end
      return { Vpcs = {} }
    end }
    local work = { session = { client = function() return client end }, stack = "s",
      emit = function(name) told[#told + 1] = name end,
      opts = { now = function() return now end, sleep = function(s) now = now + s end } }
    local K = kinds.native "AWS::EC2::VPC"
    return function()
      return handle_of.new(work, { address = "EC2.VPC.v", type = K.type, kind = K }, "vpc-1"):try("DescribeVpcs", {})
    end
  end

  it("outlasts a minute without a network, and says so", function()
    local read = reader()
    assert.truthy(read())
    failures = 9
    assert.truthy(read())
    assert.equal(11, asked)
    assert.same({ "outage" }, told)
    assert.is_true(now > 60)
  end)

  it("tells at once of an address that never answered, and some time of one that answers no more", function()
    local read = reader()
    failures = 1000
    assert.equal("nobody is there", select(2, read()).message)
    assert.equal(0, now)
    failures = 0
    assert.truthy(read())
    failures = 1000
    assert.equal("nobody is there", select(2, read()).message)
    assert.is_true(now > 100 and now < 300)
  end)
end)
