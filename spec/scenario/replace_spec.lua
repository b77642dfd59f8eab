-- kill -9 at every changing call of a replacement, with what stands in the replaced thing and what
-- names it: forwards, backwards and by the old playbook the account becomes what is declared, nothing
-- is left over, and what still lives is kept.
local life = require "spec.life.harness"
local world = require "spec.scenario.world"

local HEAD = [[
local cso = require "cso"
local aws = cso.aws
local EC2, IAM = aws.EC2, aws.IAM
local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" }, path = cso.t.string { default = "/a/" } }
cso.stack { name = "swap" }
local trust = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } }
]]

local NETWORK = [[
local vpc = EC2.VPC("main", { %s }) { CidrBlock = env.cidr }
local subnet = EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = cso.cidr.subnet(env.cidr, 8, 1) }
local group = EC2.SecurityGroup "web" { VpcId = vpc, GroupDescription = "web" }
EC2.SecurityGroupIngress "web" { GroupId = group, IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "10.0.0.0/8" }
cso.output { id = vpc.VpcId, part = subnet.SubnetId }
]]

local NAMED = [[
local role = IAM.Role("web", { %s }) { Path = env.path, AssumeRolePolicyDocument = trust }
IAM.RolePolicy "web" { RoleName = role, PolicyName = "read", PolicyDocument = { Version = "2012-10-17",
  Statement = { { Effect = "Allow", Action = "s3:GetObject", Resource = "*" } } } }
IAM.InstanceProfile "web" { Roles = { role } }
cso.output { id = role.RoleId, part = role.Arn }
]]

-- Each kill is gone on from in one of three ways; CSORUN_EVERY=1 tries all three after each.
local EVERY = os.getenv "CSORUN_EVERY"

local HELD = [[
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = "10.0.0.0/24" }
local b = EC2.Subnet "b" { VpcId = vpc, AvailabilityZone = "eu-west-2b", CidrBlock = "10.0.1.0/24" }
local group = EC2.SecurityGroup "web" { VpcId = vpc, GroupDescription = env.path }
EC2.SecurityGroupIngress "web" { GroupId = group, IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "10.0.0.0/8" }
local peer = EC2.SecurityGroup "peer" { VpcId = vpc, GroupDescription = "peer", SecurityGroupIngress = {
  { IpProtocol = "tcp", FromPort = 80, ToPort = 80, SourceSecurityGroupId = group.GroupId } } }
aws.ElasticLoadBalancingV2.LoadBalancer "web" { Scheme = "internal", Subnets = { a, b }, SecurityGroups = { group } }
cso.output { id = group.GroupId, part = vpc.VpcId }
]]

local FIRST = 'replace = "create_first"'
local BOOKS = {
  { "a network, made first", HEAD .. NETWORK:format(FIRST), " --set cidr=10.1.0.0/16" },
  { "a network, deleted first", HEAD .. NETWORK:format(""), " --set cidr=10.1.0.0/16" },
  { "a role, made first", HEAD .. NAMED:format(FIRST), " --set path=/b/" },
  { "a group that others hold", HEAD .. HELD, " --set path=other", kept = true },
}

local function good(p, words, label)
  local code, text = p:csorun(words)
  assert.equal(0, code, label .. words .. "\n" .. text)
  return text
end

local function inventory(p) return table.concat(life.inventory(p.sim.dump()), "\n") end

--- What an undisturbed run makes of a book, and the calls of its replacement.
local function measure(book)
  local m = {}
  world.run({ files = { ["swap.lua"] = book[2] }, seed = 1 }, function(p)
    good(p, "apply swap.lua -y", "")
    m.before, m.counts_before = inventory(p), p:counts()
    p.calls = {}
    good(p, "apply swap.lua -y" .. book[3], "")
    m.after, m.counts_after, m.total = inventory(p), p:counts(), #p.calls
  end)
  return m
end

--- Each kill of the replacement, and fn(place, ids, label) after it.
local function each_kill(book, total, way, fn)
  world.run({ files = { ["swap.lua"] = book[2] }, seed = 1 }, function(p)
    for point = 0, 2 * total - 1 do
      if EVERY or point % 3 == way then
        local at, moment = point // 2 + 1, point % 2 == 0 and "before" or "after"
        p:open()
        assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
        good(p, "apply swap.lua -y", "")
        local outputs = good(p, "output swap.lua", "")
        p.calls, p.kill = {}, { at = at, moment = moment }
        local code, text = p:csorun("apply swap.lua -y" .. book[3])
        p.kill = nil
        local label = ("%s, killed %s call %d, %s\n"):format(book[1], moment, at, p.calls[at])
        assert.equal(137, code, label .. text)
        fn(p, outputs, label, at == total and moment == "after")
      end
    end
  end)
end

describe("a replacement that is killed #processes", function()
  for _, book in ipairs(BOOKS) do
    local m
    setup(function() m = measure(book) end)

    it("goes on where it stopped: " .. book[1], function()
      each_kill(book, m.total, 0, function(p, _, label)
        good(p, "apply swap.lua -y" .. book[3], label)
        good(p, "plan swap.lua --detailed-exitcode" .. book[3], label)
        assert.equal(m.counts_after, p:counts(), label)
        assert.equal(m.after, inventory(p), label)
      end)
    end)

    it("is undone: " .. book[1], function()
      each_kill(book, m.total, 1, function(p, outputs, label, gone)
        good(p, "rollback last -y --accept-loss", label)
        good(p, "plan swap.lua --detailed-exitcode", label)
        assert.equal(m.counts_before, p:counts(), label)
        assert.equal(m.before, inventory(p), label)
        -- The last call deletes what was made room for.
        if (book.kept or book[2]:find(FIRST, 1, true)) and not gone then
          local function id(text) return text:match "id%s*=?:?%s*(%S+)" end
          assert.equal(id(outputs), id(good(p, "output swap.lua", label)), label)
        end
      end)
    end)

    it("gives way to the old playbook: " .. book[1], function()
      each_kill(book, m.total, 2, function(p, _, label)
        good(p, "apply swap.lua -y", label)
        good(p, "plan swap.lua --detailed-exitcode", label)
        assert.equal(m.counts_before, p:counts(), label)
        assert.equal(m.before, inventory(p), label)
      end)
    end)
  end
end)
