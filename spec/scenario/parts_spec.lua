-- Rules and policies that are declared inside of a thing, apart from it, or both: the plan after an
-- apply is empty, whichever way they move.
local world = require "spec.scenario.world"

local HEAD = [[
local cso = require "cso"
local EC2, IAM = cso.aws.EC2, cso.aws.IAM
cso.stack { name = "parts" }
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local function rule(port) return { IpProtocol = "tcp", FromPort = port, ToPort = port, CidrIp = "10.0.0.0/8" } end
local function policy(action) return { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = action, Resource = "*" } } } end
local trust = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } }
]]

local INSIDE = [[
local group = EC2.SecurityGroup "web" { VpcId = vpc, GroupDescription = "web", SecurityGroupIngress = { %s } }
local role = IAM.Role "web" { AssumeRolePolicyDocument = trust, Policies = { %s } }
]]

local function apart(port, name)
  return ('EC2.SecurityGroupIngress "r%d" { GroupId = group, IpProtocol = "tcp", FromPort = %d, ToPort = %d,'
    .. ' CidrIp = "10.0.0.0/8" }\n'
    .. 'IAM.RolePolicy "%s" { RoleName = role, PolicyName = "%s", PolicyDocument = policy "s3:GetObject" }\n'):format(
    port, port, port, name, name)
end

local function policy(name) return ('{ PolicyName = "%s", PolicyDocument = policy "s3:GetObject" }'):format(name) end

local BOTH = HEAD .. INSIDE:format("rule(80)", policy "a") .. apart(443, "b")
local ALL_INSIDE = HEAD .. INSIDE:format("rule(80), rule(443)", policy "a" .. ", " .. policy "b")
local ALL_APART = HEAD .. INSIDE:format("", "") .. apart(80, "a") .. apart(443, "b")

local function good(p, words)
  local code, text = p:csorun(words)
  assert.equal(0, code, words .. "\n" .. text)
  return text
end

local function settled(p, name)
  good(p, ("apply %s -y"):format(name))
  good(p, ("plan %s --detailed-exitcode"):format(name))
  good(p, "drift --stack parts")
  -- Those two, and what every new group and the network's own group let out and in.
  local rules = 0
  for place, rows in pairs(p.sim.dump()) do
    for _, row in ipairs(rows) do
      if place:match "SecurityGroupRule$" and row.CidrIpv4 == "10.0.0.0/8" then rules = rules + 1 end
    end
  end
  assert.equal(2, rules, name)
end

describe("what is declared inside of a thing and apart from it", function()
  it("does not drift, and moves both ways", function()
    world.run({ files = { ["both.lua"] = BOTH, ["inside.lua"] = ALL_INSIDE, ["apart.lua"] = ALL_APART }, seed = 1 }, function(p)
      for _, name in ipairs { "both.lua", "inside.lua", "both.lua", "apart.lua", "inside.lua", "apart.lua", "both.lua" } do
        settled(p, name)
      end
      good(p, "destroy both.lua -y")
      assert.equal("", p:counts())
    end)
  end)

  it("may not be declared twice", function()
    local text = HEAD .. INSIDE:format("rule(443)", policy "a") .. apart(443, "b")
    world.run({ files = { ["twice.lua"] = text }, seed = 1 }, function(p)
      local code, out = p:csorun "apply twice.lua -y"
      assert.equal(3, code, out)
      assert.match("EC2.SecurityGroupIngress.r443 is declared already", out, 1, true)
      assert.match("in SecurityGroupIngress of EC2.SecurityGroup.web (twice.lua:9)", out, 1, true)
      assert.match("twice.lua:11", out, 1, true)
      assert.equal("", p:counts())
    end)
  end)
end)
