-- What is replaced and held by others: it is made first, or they go with it, or the plan is refused at
-- once and says who holds it. Nothing is ever left half done.
local holds = require "cso.kind.holds"
local state = require "cso.state"
local world = require "spec.scenario.world"

local HEAD = [[
local cso = require "cso"
local aws = cso.aws
local EC2, ELB = aws.EC2, aws.ElasticLoadBalancingV2
local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" }, words = cso.t.string { default = "web" },
  port = cso.t.integer { default = 80 } }
cso.stack { name = "hold" }
local vpc = EC2.VPC "main" { CidrBlock = env.cidr }
local gateway = EC2.InternetGateway "main" {}
local attached = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
]]

local PARTS = [[
local a = EC2.Subnet("a", { %s }) { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = cso.cidr.subnet(env.cidr, 8, 1) }
local b = EC2.Subnet("b", { %s }) { VpcId = vpc, AvailabilityZone = "eu-west-2b", CidrBlock = cso.cidr.subnet(env.cidr, 8, 2) }
local group = EC2.SecurityGroup("web", { %s }) { VpcId = vpc, GroupDescription = env.words %s }
local peer = EC2.SecurityGroup "peer" { VpcId = vpc, GroupDescription = "peer", SecurityGroupIngress = {
  { IpProtocol = "tcp", FromPort = 80, ToPort = 80, SourceSecurityGroupId = group.GroupId } } }
local targets = ELB.TargetGroup "web" { Port = env.port, Protocol = "HTTP", VpcId = vpc %s }
local alb = ELB.LoadBalancer("web", { after = { attached } }) { Subnets = { a, b }, SecurityGroups = { group } }
ELB.Listener "http" { LoadBalancerArn = alb, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = targets } } }
]]

--- The book with options of both subnets, of the group, and further properties of group and targets.
local function book(subnets, group, group_more, targets_more)
  return HEAD .. PARTS:format(subnets or "", subnets or "", group or "", group_more or "", targets_more or "")
end

local function good(p, words)
  local code, text = p:csorun(words)
  assert.equal(0, code, words .. "\n" .. text)
  return text
end

--- Applies a book, then a change of it; what came of the change.
local function change(text, words, fn)
  world.run({ files = { ["hold.lua"] = text }, seed = 1 }, function(p)
    good(p, "apply hold.lua -y")
    local counts = p:counts()
    local code, out = p:csorun("apply hold.lua -y " .. words)
    fn(p, code, out, counts)
  end)
end

local function done(text, words, told)
  change(text, words, function(p, code, out, counts)
    assert.equal(0, code, out)
    for _, one in ipairs(told) do assert.match(one, out, 1, true) end
    assert.equal(counts, p:counts())
    good(p, "plan hold.lua --detailed-exitcode " .. words)
  end)
end

local function refused(text, words, told, fn)
  change(text, words, function(p, code, out)
    assert.equal(3, code, out)
    for _, one in ipairs(told) do assert.match(one, out, 1, true) end
    good(p, "plan hold.lua --detailed-exitcode")
    if fn then fn(p) end
  end)
end

describe("what is held by others", function()
  it("is made first where it can be", function()
    done(book(), "--set words=other", { "EC2.SecurityGroup.web", "create the new one first", "names the old one until then" })
    done(book(), "--set port=81", { "ElasticLoadBalancingV2.TargetGroup.web", "create the new one first" })
  end)

  it("is refused where both would have the same name, and says who holds it and what to do", function()
    refused(book(nil, nil, ', GroupName = "web"'), "--set words=other", { "hold.lua:12", "hold.lua:13", "hold.lua:16",
      "EC2.SecurityGroup.web can't be deleted while", "GroupName is declared", "--replace" })
    refused(book(nil, nil, nil, ', Name = "web"'), "--set port=81", { "ElasticLoadBalancingV2.Listener.http (hold.lua:17)",
      "as DefaultActions", "Name is declared", "--replace 'ElasticLoadBalancingV2.Listener.http'" }, function(p)
      good(p, "apply hold.lua -y --set port=81 --replace ElasticLoadBalancingV2.Listener.http")
      good(p, "plan hold.lua --detailed-exitcode --set port=81")
    end)
  end)

  it("goes first where that is asked for, or not at all", function()
    refused(book(nil, 'replace = "delete_first"'), "--set words=other", { "say replace = \"create_first\" there" })
  end)

  it("is not replaced while its holder is left out", function()
    refused(book(), "--set words=other --exclude ElasticLoadBalancingV2.LoadBalancer.web",
      { "which is left out of this run" })
  end)

  it("takes its holder along into another network", function()
    done(book(), "--set cidr=10.9.0.0/16", { "will be in another network" })
  end)

  it("makes room for what stands in it and has to come first", function()
    done(book('replace = "create_first"'), "--set cidr=10.9.0.0/16", { "EC2.VPC.main", "create the new one first" })
  end)

  it("is undone like anything else", function()
    change(book(), "--set words=other", function(p, code, out, counts)
      assert.equal(0, code, out)
      good(p, "rollback last -y --accept-loss")
      assert.equal(counts, p:counts())
      good(p, "plan hold.lua --detailed-exitcode")
    end)
  end)
end)

-- How a thing is deleted by one call, and what is refused then.
local DELETES = {
  ["AWS::EC2::EIP"] = { "ec2", "ReleaseAddress", "AllocationId" },
  ["AWS::EC2::SecurityGroup"] = { "ec2", "DeleteSecurityGroup", "GroupId" },
  ["AWS::EC2::Subnet"] = { "ec2", "DeleteSubnet", "SubnetId" },
  ["AWS::EFS::FileSystem"] = { "efs", "DeleteFileSystem", "FileSystemId" },
  ["AWS::ElasticLoadBalancingV2::TargetGroup"] = { "elbv2", "DeleteTargetGroup", "TargetGroupArn" },
  ["AWS::RDS::DBParameterGroup"] = { "rds", "DeleteDBParameterGroup", "DBParameterGroupName" },
  ["AWS::RDS::DBSubnetGroup"] = { "rds", "DeleteDBSubnetGroup", "DBSubnetGroupName" },
}

local function names(tree, text)
  if type(tree) == "string" then return tree == text end
  if type(tree) ~= "table" then return false end
  for _, item in next, tree do
    if names(item, text) then return true end
  end
  return false
end

describe("the portal", function()
  local files = {}
  local function link(p)
    for _, name in ipairs { "playbooks", "envs", "templates" } do
      assert(os.execute(("ln -s '%s/%s' '%s/%s'"):format(os.getenv "PWD", name, p.dir, name)))
    end
  end

  it("moves into another address range and back", function()
    world.run({ files = files, seed = 1 }, function(p)
      link(p)
      good(p, "apply playbooks/prod-ha.lua -y")
      local counts = p:counts()
      good(p, "apply playbooks/prod-ha.lua -y --set vpc_cidr=10.99.0.0/16")
      -- The database leaves a last snapshot.
      local now = p:counts():gsub("[^\n]*/rds/DBSnapshot=1\n", "")
      assert.equal(counts, now)
      good(p, "plan playbooks/prod-ha.lua --detailed-exitcode --set vpc_cidr=10.99.0.0/16")
      good(p, "rollback last -y --accept-loss")
      good(p, "plan playbooks/prod-ha.lua --detailed-exitcode")
    end)
  end)

  it("is held together as the services say", function()
    world.run({ files = files, seed = 1 }, function(p)
      link(p)
      good(p, "apply playbooks/prod-ha.lua -y")
      local store = assert(state.open { path = p.dir .. "/.cso/prod-ha.db" })
      local records = store:resources()
      store:close()
      local seen = 0
      for _, record in ipairs(records) do
        local how = DELETES[record.type]
        local holder
        for _, other in ipairs(how and records or {}) do
          for _, property in ipairs(holds[other.type] or {}) do
            if other ~= record and names(other.declared[property], record.id) then holder = other.address end
          end
        end
        if how then
          local code, text = p:csorun { "exec", ("%s.%s"):format(how[1], how[2]), how[3] .. "=" .. record.id }
          assert.equal(holder ~= nil, code ~= 0, ("%s, held by %s\n%s"):format(record.address, holder, text))
          seen = seen + 1
        end
      end
      assert.is_true(seen > 30)
    end)
  end)
end)
