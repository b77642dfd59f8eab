-- Waits on a simulated account of this machine are short, and the account does not notice: what takes time there
-- is looked at as often as ever, what lags behind lags behind for as many looks.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
cso.stack { name = "slow" }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnet = EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = "10.0.1.0/24" }
local gateway = EC2.InternetGateway "main" {}
local attached = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
local address = EC2.EIP("nat", { after = { attached } }) { Domain = "vpc" }
local nat = EC2.NatGateway "main" { SubnetId = subnet, AllocationId = address.AllocationId }
local n = 0
cso.step "gate" { after = { nat }, every = "20s", timeout = "3m", run = function(s)
  n = n + 1
  if n < 4 then return s:retry("not yet") end
  return { looks = n }
end }
cso.step "never" { every = "30s", timeout = "5m", run = function(s) return s:retry("never") end }
]]

describe("a paced run", function()
  it("lasts as long for the account, with as many looks, and knows its time limits", function()
    world.run({ files = { ["slow.lua"] = BOOK }, latency = "realistic" }, function(p)
      local looks = 0
      p.watched = function(moment, _, operation)
        if moment == "before" and operation == "DescribeNatGateways" then looks = looks + 1 end
      end
      local began = p.sim.world.clock:now()
      local code, text = p:csorun "apply slow.lua -y"
      assert.equal(7, code, text)
      assert.match("never did not pass within 5m", text, 1, true)
      assert.match("step.gate passed in 1m 0", text, 1, true)
      -- The gateway takes ninety seconds; after it nothing is asked any more.
      assert.is_true(p.sim.world.clock:now() - began >= 90)
      assert.is_true(looks >= 4 and looks <= 60, looks)
    end)
  end)

  it("is refused on an account that is elsewhere, before anything is sent", function()
    world.run({ files = { ["slow.lua"] = BOOK }, sim = false }, function(p)
      for _, words in ipairs { "apply slow.lua -y", "whoami", "exec ec2.DescribeVpcs" } do
        local code, text = p:csorun(words)
        assert.equal(3, code, words .. text)
        assert.match("CSORUN_PACE=100 shortens waits", text, 1, true)
        assert.match("no endpoint is named", text, 1, true)
        code, text = p:csorun(words .. " --endpoint-url https://ec2.eu-west-2.amazonaws.com")
        assert.equal(3, code, words .. text)
        assert.match("amazonaws.com is none", text, 1, true)
      end
      local code, text = p:csorun("whoami", { env = { CSORUN_PACE = "quick" } })
      assert.equal(3, code, text)
      assert.match("quick is no pace", text, 1, true)
    end)
    world.run({}, function(p)
      local code, text = p:csorun("exec ec2.DescribeVpcs",
        { env = { AWS_ENDPOINT_URL_EC2 = "https://ec2.eu-west-2.amazonaws.com" } })
      assert.equal(3, code, text)
      assert.match("ec2.DescribeVpcs: CSORUN_PACE=100", text, 1, true)
      assert.equal(0, p.requests)
    end)
  end)
end)
