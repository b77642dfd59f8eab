-- A balancer that faces the internet is made after the gateway is attached, and goes before it is detached.
local folder = require("spec.cmd.folder") "--sim"

describe("a balancer that faces the internet", function()
  before_each(folder.open)
  after_each(folder.close)

  it("waits for its network's gateway, however long that takes", function()
    folder.write("p.lua", [[
local cso = require "cso"
local EC2, ELB = cso.aws.EC2, cso.aws.ElasticLoadBalancingV2
cso.stack { name = "facing" }
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnets = {}
for i, zone in ipairs { "eu-west-2a", "eu-west-2b" } do
  subnets[i] = EC2.Subnet("s" .. i) { VpcId = vpc, AvailabilityZone = zone, CidrBlock = ("10.0.%d.0/24"):format(i) }
end
local slow = cso.step "slow" { run = function() cso.sleep(0.3) return {} end }
EC2.VPCGatewayAttachment("main", { after = slow }) { VpcId = vpc, InternetGatewayId = EC2.InternetGateway "main" {} }
ELB.LoadBalancer "web" { Subnets = subnets }
]])
    local status, text = folder.csorun "p.lua --auto-approve"
    assert.equal(0, status, text)
    status, text = folder.csorun "plan p.lua --detailed-exitcode"
    assert.equal(0, status, text)
    status, text = folder.csorun "destroy p.lua --auto-approve"
    assert.equal(0, status, text)
    local balancer, gateway = text:find("LoadBalancer%.web deleted"), text:find("VPCGatewayAttachment%.main deleted")
    assert.is_true(balancer < gateway, text)
  end)
end)
