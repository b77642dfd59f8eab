-- What is described as failed is no longer what was made: it is made anew, for that reason and no other.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local env = cso.env { gate = cso.t.boolean { default = false } }
cso.stack { name = "life" }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "v" { CidrBlock = "10.0.0.0/16" }
local subnet = EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24" }
local attached
if env.gate then
  attached = EC2.VPCGatewayAttachment "g" { VpcId = vpc, InternetGatewayId = EC2.InternetGateway "g" {} }
end
local address = EC2.EIP "nat" { Domain = "vpc" }
EC2.NatGateway("nat", { after = { attached } }) { SubnetId = subnet, AllocationId = address.AllocationId }
]]

describe("a thing that failed", function()
  it("is replaced, and the reason is the service's own", function()
    world.run({ files = { ["life.lua"] = BOOK } }, function(p)
      local code, text = p:csorun "apply life.lua -y"
      assert.equal(7, code, text)
      code, text = p:csorun "plan life.lua"
      assert.equal(0, code, text)
      assert.match("failed: Network vpc%-%x+ has no Internet gateway attached", text)
      assert.not_match("AllocationId", text)
      code, text = p:csorun "apply life.lua -y --set gate=true"
      assert.equal(0, code, text)
      code, text = p:csorun "plan life.lua --detailed-exitcode --set gate=true"
      assert.equal(0, code, text)
    end)
  end)
end)
