-- What happens to a stack in its life: options that hold things back, changes from outside, things
-- renamed, moved, failed and tried again.
local json = require "cso.std.json"
local world = require "spec.scenario.world"

local HEAD = [[
local cso = require "cso"
local env = cso.env { mode = cso.t.string { default = "a" }, size = cso.t.integer { default = 1 } }
cso.stack { name = "life" }
local EC2 = cso.aws.EC2
]]

local function with(book, fn, more)
  world.run({ files = { ["life.lua"] = HEAD .. book }, faults = more and more.faults }, fn)
end

local function ok(p, words)
  local code, text = p:csorun(words)
  assert.equal(0, code, words .. "\n" .. text)
  return text
end

local function settled(p, more)
  local code, text = p:csorun("plan life.lua --detailed-exitcode " .. (more or ""))
  assert.equal(0, code, text)
end

-- Somebody else's hand in the account.
local function exec(p, words)
  local code, text = p:csorun(words)
  assert.equal(0, code, text)
  return json.decode(text)
end

describe("an option", function()
  it("protect keeps a thing until it is lifted", function()
    with([[EC2.VPC("main", { protect = env.mode == "a" }) { CidrBlock = env.size == 1 and "10.0.0.0/16" or "10.1.0.0/16" }]],
      function(p)
        ok(p, "apply life.lua -y")
        for _, words in ipairs { "destroy life.lua -y", "apply life.lua -y --set size=2" } do
          local code, text = p:csorun(words)
          assert.equal(6, code, text)
          assert.match("protected: EC2.VPC.main", text, 1, true)
        end
        assert.match("protection is lifted", (ok(p, "apply life.lua -y --set mode=b")))
        settled(p, "--set mode=b")
        ok(p, "destroy life.lua -y")
        assert.equal("", p:counts())
      end)
  end)

  it("ignore leaves a property to others", function()
    with([[EC2.VPC("main", { ignore = { "EnableDnsHostnames" } }) { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true }]],
      function(p)
        ok(p, "apply life.lua -y")
        local vpc = ok(p, "state show EC2.VPC.main --stack life"):match("vpc%-0%x+")
        exec(p, { "exec", "ec2.ModifyVpcAttribute", "VpcId=" .. vpc, 'EnableDnsHostnames={"Value":false}', "--json" })
        settled(p)
      end)
  end)

  it("retain forgets and leaves the thing", function()
    with([[if env.mode == "a" then EC2.VPC("main", { retain = true }) { CidrBlock = "10.0.0.0/16" } end]], function(p)
      ok(p, "apply life.lua -y")
      ok(p, "apply life.lua -y --set mode=b")
      assert.match("ec2/Vpc=1", p:counts(), 1, true)
      settled(p, "--set mode=b")
    end)
  end)

  it("when leaves out; create_first makes the new before the old goes; --replace makes anew", function()
    with([[
EC2.VPC("main", { replace = "create_first" }) { CidrBlock = env.size == 1 and "10.0.0.0/16" or "10.1.0.0/16" }
EC2.InternetGateway("out", { when = env.mode == "a" }) {}
]], function(p)
      ok(p, "apply life.lua -y --set mode=b")
      assert.is_nil(p:counts():find("InternetGateway", 1, true))
      p.calls = {}
      ok(p, "apply life.lua -y --set size=2")
      local order = table.concat(p.calls, " ")
      assert.match("ec2.CreateVpc.*ec2.DeleteVpc", order)
      assert.match("ec2/Vpc=1", p:counts(), 1, true)
      settled(p, "--set size=2")
      p.calls = {}
      ok(p, "apply life.lua -y --set size=2 --replace EC2.InternetGateway.out")
      assert.equal("ec2.DeleteInternetGateway ec2.CreateInternetGateway", table.concat(p.calls, " "))
      settled(p, "--set size=2")
    end)
  end)
end)

describe("a stack whose account was changed behind its back", function()
  it("makes again what disappeared, and puts back what was changed", function()
    with([[
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true }
EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.0.0/24" }
EC2.SecurityGroup "g" { VpcId = vpc, GroupDescription = "g" }
]], function(p)
      ok(p, "apply life.lua -y")
      local subnet = ok(p, "state show EC2.Subnet.a --stack life"):match("subnet%-0%x+")
      local vpc = ok(p, "state show EC2.VPC.main --stack life"):match("vpc%-0%x+")
      exec(p, { "exec", "ec2.DeleteSubnet", "SubnetId=" .. subnet, "--json" })
      exec(p, { "exec", "ec2.ModifyVpcAttribute", "VpcId=" .. vpc, 'EnableDnsHostnames={"Value":false}', "--json" })
      local code, text = p:csorun "plan life.lua --detailed-exitcode"
      assert.equal(2, code)
      assert.match("deleted outside of csorun", text)
      assert.match("EnableDnsHostnames: false → true", text)
      ok(p, "apply life.lua -y")
      settled(p)
      assert.match("ec2/Subnet=1", p:counts(), 1, true)
    end)
  end)

  it("destroys what is left of it", function()
    with([[local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.0.0/24" }]], function(p)
      ok(p, "apply life.lua -y")
      local subnet = ok(p, "state show EC2.Subnet.a --stack life"):match("subnet%-0%x+")
      exec(p, { "exec", "ec2.DeleteSubnet", "SubnetId=" .. subnet, "--json" })
      ok(p, "destroy life.lua -y")
      assert.equal("", p:counts())
    end)
  end)
end)

describe("a change of the playbook", function()
  it("sets a removed property back, moves a renamed thing, moves to another region", function()
    with([[
local aws = cso.target { region = env.size == 1 and "eu-west-2" or "eu-west-1" }.aws
local vpc = aws.EC2.VPC(env.mode == "c" and "other" or "main") {
  CidrBlock = "10.0.0.0/16", EnableDnsHostnames = env.mode == "a" or nil, Tags = env.mode == "a" and { A = "1" } or nil }
aws.EC2.Subnet "s" { VpcId = vpc, CidrBlock = "10.0.0.0/24" }
]], function(p)
      ok(p, "apply life.lua -y")
      local text = ok(p, "apply life.lua -y --set mode=b")
      assert.match("EnableDnsHostnames", text)
      settled(p, "--set mode=b")
      ok(p, "apply life.lua -y --set mode=c")
      settled(p, "--set mode=c")
      assert.match("ec2/Vpc=1", p:counts(), 1, true)
      ok(p, "apply life.lua -y --set mode=c --set size=2")
      settled(p, "--set mode=c --set size=2")
      assert.match("eu%-west%-1/ec2/Vpc=1", p:counts())
      assert.is_nil(p:counts():find("eu-west-2", 1, true))
      ok(p, "destroy life.lua -y --set mode=c --set size=2")
      assert.equal("", p:counts())
    end)
  end)
end)

describe("what failed", function()
  it("is tried again by the next run, and the rest is not touched", function()
    with([[
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.0.0/24", AvailabilityZone = env.mode == "a" and "eu-west-2z" or "eu-west-2a" }
EC2.SecurityGroup "g" { VpcId = vpc, GroupDescription = "g", SecurityGroupIngress = {
  { IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = env.mode == "a" and "10.0.0.0/99" or "10.0.0.0/8" } } }
]], function(p)
      local code, text = p:csorun "apply life.lua -y"
      assert.equal(7, code, text)
      assert.match("eu-west-2z", text, 1, true)
      p.calls = {}
      ok(p, "apply life.lua -y --set mode=b")
      assert.is_nil(table.concat(p.calls, " "):find("CreateVpc", 1, true))
      assert.is_nil(table.concat(p.calls, " "):find("CreateSecurityGroup", 1, true))
      settled(p, "--set mode=b")
      ok(p, "destroy life.lua -y")
      assert.equal("", p:counts())
    end)
  end)

  it("a step is run again until it passes; what waits for it waits", function()
    with([[
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local gate = cso.step "gate" { after = { vpc }, timeout = "2s", every = "1s", run = function(s)
  if env.mode == "a" then return s:retry("not open") end
  if env.mode == "c" then error("broken gate") end
  return { open = true }
end }
EC2.InternetGateway("late", { after = { gate } }) {}
]], function(p)
      local code, text = p:csorun "apply life.lua -y"
      assert.equal(7, code, text)
      assert.match("not open", text)
      assert.is_nil(p:counts():find("InternetGateway", 1, true))
      code, text = p:csorun "apply life.lua -y --set mode=c"
      assert.equal(3, code, text) -- a mistake of the playbook, and nothing was changed
      assert.match("broken gate", text)
      assert.is_nil(text:find("stack traceback", 1, true))
      ok(p, "apply life.lua -y --set mode=b")
      assert.match("ec2/InternetGateway=1", p:counts(), 1, true)
      settled(p, "--set mode=b")
    end)
  end)

  it("by its own timeout is finished by the next run", function()
    local book = [[
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local s = EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.0.0/24" }
local g = EC2.InternetGateway "g" {}
local at = EC2.VPCGatewayAttachment "m" { VpcId = vpc, InternetGatewayId = g }
local e = EC2.EIP("e", { after = { at } }) { Domain = "vpc" }
EC2.NatGateway("n", { after = { at }, timeouts = { create = env.mode == "a" and "5s" or "10m" } }) {
  SubnetId = s, AllocationId = e.AllocationId }
]]
    world.run({ sim = false, files = { ["life.lua"] = HEAD .. book } }, function(p)
      local code, text = p:csorun "apply life.lua -y --sim --sim-speed 100"
      assert.equal(7, code, text)
      assert.match("EC2.NatGateway.n", text, 1, true)
      assert.match("timeouts", text)
      ok(p, "apply life.lua -y --sim --sim-speed 100 --set mode=b")
      ok(p, "plan life.lua --sim --sim-speed 100 --detailed-exitcode --set mode=b")
      local list = exec(p, { "--sim", "exec", "ec2.DescribeNatGateways", "--query", "length(NatGateways)", "--json" })
      assert.equal(1, list)
    end)
  end)
end)
