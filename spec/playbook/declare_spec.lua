local support = require("spec.playbook.support")
local value = require("cso.std.value")

local function resolved(tree)
  return value.resolve(tree, function(address, path) return address .. ":" .. path end)
end

describe("a declaration", function()
  before_each(support.setup)
  after_each(support.teardown)

  it("has an address, a place, checked properties and dependencies", function()
    local p = support.program [[
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsSupport = "true" }
EC2.Subnet("a", { protect = true, timeouts = { create = "5m" } }) { VpcId = vpc.VpcId, Tags = { Tier = 1 } }
cso.stack { name = "demo", tags = { Team = "x", Tier = "y" } }
]]
    assert.are.equal("stack", p.evaluated)
    local vpc, subnet = p.declarations[1], p.declarations[2]
    assert.are.equal("EC2.VPC.main", vpc.address)
    assert.are.equal(3, vpc.where.line)
    assert.are.same({ CidrBlock = "10.0.0.0/16", EnableDnsSupport = true, Tags = { Team = "x", Tier = "y" } },
      vpc.properties)
    assert.are.same({ "EC2.VPC.main" }, subnet.depends)
    assert.are.same({ Team = "x", Tier = "1" }, subnet.properties.Tags)
    assert.is_true(subnet.options.protect)
    assert.are.equal(subnet, p.by_address["EC2.Subnet.a"])
  end)

  it("takes resources where the catalogue knows what is meant, at any depth", function()
    local p = support.program [[
local EC2, IAM = cso.aws.EC2, cso.aws.IAM
local vpc = EC2.VPC "v" {}
local web = EC2.SecurityGroup "web" { GroupDescription = "w", VpcId = vpc }
local db = EC2.SecurityGroup "db" { GroupDescription = "d",
  SecurityGroupIngress = { { IpProtocol = "tcp", SourceSecurityGroupId = web } } }
local role = IAM.Role "r" { AssumeRolePolicyDocument = {} }
local profile = IAM.InstanceProfile "p" { Roles = { role } }
local i = EC2.Instance "i" { SecurityGroupIds = { web, db }, IamInstanceProfile = profile }
cso.aws.ElasticLoadBalancingV2.TargetGroup "t" { Targets = { { Id = i, Port = "80" } } }
]]
    local function of(address) return resolved(p.by_address[address].properties) end
    assert.are.equal("EC2.VPC.v:VpcId", of("EC2.SecurityGroup.web").VpcId)
    assert.are.equal("EC2.SecurityGroup.web:GroupId",
      of("EC2.SecurityGroup.db").SecurityGroupIngress[1].SourceSecurityGroupId)
    assert.are.same({ "IAM.Role.r:RoleName" }, of("IAM.InstanceProfile.p").Roles)
    assert.are.same({ "EC2.SecurityGroup.web:GroupId", "EC2.SecurityGroup.db:GroupId" },
      of("EC2.Instance.i").SecurityGroupIds)
    assert.are.equal("IAM.InstanceProfile.p:InstanceProfileName", of("EC2.Instance.i").IamInstanceProfile)
    assert.are.same({ { Id = "EC2.Instance.i:InstanceId", Port = 80 } },
      of("ElasticLoadBalancingV2.TargetGroup.t").Targets)
  end)

  it("has a name that a tag's value can hold, and an address that fits in one", function()
    for _, name in ipairs { "a", "x.y", "a@b", "c:d", "e+f=g_h-i", "日本語", "größe" } do
      assert.are.equal(1, #support.program(("cso.aws.EC2.VPC %q {}"):format(name)).declarations, name)
    end
    for _, name in ipairs { "", "a b", "a/b", "*", "100%", "[1]", "{}", "~", "it's", "a\n", "a\xff", "✓", "😀", "a;b" } do
      local message, _, e = support.refused(("cso.aws.EC2.VPC %q {}"):format(name))
      assert.truthy(message:find("is no name for EC2.VPC", 1, true), name)
      assert.truthy(e == nil or e.hint:find("letters, digits"), name)
    end
    assert.truthy(support.refused("cso.step '*' { run = print }"):find("is no name for cso.step", 1, true))
    assert.truthy(support.refused("cso.use(cso.module { build = print }, 'a b') {}"):find("no address for a module", 1, true))
    assert.are.equal(1, #support.program(("cso.aws.EC2.VPC %q {}"):format(("n"):rep(248))).declarations)
    local message, place = support.refused(("cso.aws.EC2.VPC %q {}"):format(("n"):rep(249)))
    assert.truthy(message:find("is longer than 256 characters", 1, true))
    assert.are.equal("main.lua:2", place)
  end)

  it("refuses a resource of the wrong type, or one whose attribute nobody knows", function()
    local message, place = support.refused [[
local s = cso.aws.EC2.SecurityGroup "s" { GroupDescription = "x" }
cso.aws.EC2.Subnet "a" { VpcId = s }
]]
    assert.are.equal("EC2.Subnet.a: VpcId wants EC2.VPC, not the EC2.SecurityGroup EC2.SecurityGroup.s", message)
    assert.are.equal("main.lua:3", place)
    message = support.refused [[
local v = cso.aws.EC2.VPC "v" {}
cso.aws.EC2.Instance "i" { ImageId = v }
]]
    assert.truthy(message:find("ImageId can't tell which attribute of EC2.VPC.v is meant; write one, e.g. .VpcId", 1, true))
  end)

  it("tells all faults of a declaration at once", function()
    local message, place = support.refused [[


cso.aws.EC2.SecurityGroup "s" {
  GroupDescripton = "x", GroupId = "sg-1",
  SecurityGroupIngress = { { FromPort = "eighty", Port = 1 } }, Tags = "a",
}
]]
    for _, said in ipairs {
      "has 7 faults", "GroupDescripton is no property; did you mean GroupDescription?", "GroupDescription is missing",
      "GroupId is an attribute", 'SecurityGroupIngress[1].FromPort must be an integer, not the string "eighty"',
      "SecurityGroupIngress[1].Port is no property", "SecurityGroupIngress[1].IpProtocol is missing",
      "Tags must be a map of tags",
    } do
      assert.truthy(message:find(said, 1, true), said .. " not in\n" .. message)
    end
    assert.are.equal("main.lua:4", place)
  end)

  it("checks enums and converts gently", function()
    local message = support.refused 'cso.aws.EC2.VPC "v" { InstanceTenancy = "dedicatd" }'
    assert.truthy(message:find("did you mean dedicated?", 1, true))
    local p = support.program [[
cso.aws.RDS.DBInstance "d" { AllocatedStorage = 50, MaxAllocatedStorage = "100", MultiAZ = "false" }
cso.aws.EC2.Instance "i" { BlockDeviceMappings = { { DeviceName = "x", Ebs = { VolumeSize = 8.0 } } } }
]]
    assert.are.same({ AllocatedStorage = "50", MaxAllocatedStorage = 100, MultiAZ = false }, p.declarations[1].properties)
    assert.are.equal("integer", math.type(p.declarations[2].properties.BlockDeviceMappings[1].Ebs.VolumeSize))
  end)

  it("suggests services, types, attributes and words", function()
    for text, hint in pairs {
      ['cso.aws.EC.VPC "a" {}'] = "did you mean cso.aws.EC2?",
      ['cso.aws.EC2.Subnets "a" {}'] = "did you mean cso.aws.EC2.Subnet?",
      ['local x = cso.aws.EC2.VPC("a"){}.VpcID'] = "did you mean VpcId?",
      ['local x = cso.aws.RDS.DBInstance("a"){}.Endpoint.Adress'] = "did you mean Address?",
      ['cso.ouput {}'] = "did you mean cso.output?",
      ['cso.random.pasword "a" {}'] = "did you mean cso.random.password?",
      ['local t = cso.t.strng'] = nil,
    } do
      local _, place, e = support.refused(text)
      assert.are.equal(hint, e.hint, text)
      assert.are.equal("main.lua:2", place, text)
    end
    assert.truthy(support.refused('local t = cso.t.strng'):find("did you mean string?", 1, true))
  end)

  it("hides what the catalogue calls sensitive", function()
    local p = support.program 'cso.aws.RDS.DBInstance "d" { MasterUserPassword = "hunter2" }'
    assert.is_true(value.is_secret(p.declarations[1].properties.MasterUserPassword))
  end)

  it("refuses tables that hold themselves", function()
    assert.truthy(support.refused('local t = {} t.t = t\ncso.aws.IAM.Role "r" { AssumeRolePolicyDocument = t }')
      :find("nested too deep", 1, true))
  end)

  it("gives out an address once, and says where it was given", function()
    local message, place = support.refused 'cso.aws.EC2.VPC "a" {}\ncso.aws.EC2.VPC "a" {}'
    assert.truthy(message:find("EC2.VPC.a is declared twice: first at main.lua:2", 1, true))
    assert.are.equal("main.lua:3", place)
  end)

  it("reads attributes and properties as refs, dotted ones too", function()
    local p = support.program [[
local db = cso.aws.RDS.DBInstance "d" { Engine = "mysql" }
local v = cso.aws.EC2.VPC "v" {}
cso.output { a = db.Endpoint.Address, b = "x" .. db.Engine, c = v.CidrBlockAssociations[1], d = v.Tags.Name,
  e = cso.random.password "p" {}.value }
]]
    local out = {}
    for _, o in ipairs(p.outputs) do out[o.name] = value.resolve({ o.value }, function(a, q) return a .. ":" .. q end)[1] end
    assert.are.same({ a = "RDS.DBInstance.d:Endpoint.Address", b = "xRDS.DBInstance.d:Engine",
      c = "EC2.VPC.v:CidrBlockAssociations.1", d = "EC2.VPC.v:Tags.Name", e = "random.password.p:value" }, out)
  end)

  it("keeps refs inside of JSON documents and refuses whole resources there", function()
    local p = support.program [[
local v = cso.aws.EC2.VPC "v" {}
cso.aws.IAM.Role "r" { AssumeRolePolicyDocument = { Statement = { { Resource = { "a", v.VpcId .. "/*" } } } } }
cso.output { policy = cso.json.encode { Resource = v.VpcId, Actions = cso.json.array {} } }
]]
    assert.are.same({ "EC2.VPC.v" }, p.declarations[2].depends)
    assert.are.equal('{"Actions":[],"Resource":"EC2.VPC.v:VpcId"}', resolved { p.outputs[1].value }[1])
    local message = support.refused [[
local v = cso.aws.EC2.VPC "v" {}
cso.aws.IAM.Role "r" { AssumeRolePolicyDocument = { Resource = v } }
]]
    assert.truthy(message:find("AssumeRolePolicyDocument.Resource can't hold the resource EC2.VPC.v", 1, true))
  end)

  it("checks options", function()
    local message = support.refused [[
cso.aws.EC2.VPC("v", { protct = true, timeouts = { creat = "1m" }, replace = "x", ignore = 3, after = 4 }) {}
]]
    for _, said in ipairs { "option protct does not exist; did you mean protect?", "option timeouts knows create",
      "option replace must be", "option ignore must be", "option after must be" } do
      assert.truthy(message:find(said, 1, true), said)
    end
    for wrong, said in pairs { ["{ 5, true }"] = "5 is none", ["{ v, { true } }"] = "true is none",
      ['{ cso.secret "hidden" }'] = "(sensitive) is none" } do
      message = support.refused(('local v = cso.aws.EC2.VPC "v" {}\ncso.aws.EC2.VPC("w", { after = %s }) {}\n'):format(wrong))
      assert.truthy(message:find("option after must be a resource, a step or a list of them, and " .. said, 1, true), message)
    end
    local p = support.program [[
local v = cso.aws.EC2.VPC "v" {}
cso.aws.EC2.VPC("w", { after = { { v }, 1 > 2 and v }, ignore = "Tags", when = 1 == 1 }) {}
assert(cso.aws.EC2.VPC("no", { when = false }) {} == nil)
]]
    assert.are.equal(2, #p.declarations)
    assert.are.same({ "EC2.VPC.v" }, p.declarations[2].depends)
    assert.are.same({ "Tags" }, p.declarations[2].options.ignore)
  end)

  it("is not forgotten half way", function()
    local message, place = support.refused '\ncso.aws.EC2.VPC "a"\ncso.aws.EC2.VPC "b"'
    assert.are.same({ 'EC2.VPC "a" has no table behind it', "main.lua:3" }, { message, place })
    support.refused 'cso.step "a"'
  end)

  it("belongs to a target", function()
    local p = support.program [[
cso.stack { name = "s", region = "eu-west-2" }
local dr = cso.target { region = "eu-west-1", role = "arn:aws:iam::1:role/x" }
cso.aws.EC2.VPC "a" {}
dr.aws.EC2.VPC "b" {}
]]
    assert.are.same({ region = "eu-west-2" }, p.declarations[1].target)
    assert.are.same({ region = "eu-west-1", role = "arn:aws:iam::1:role/x" }, p.declarations[2].target)
    assert.are.equal("eu-west-2", p.stack.region)
    p = support.program('cso.aws.EC2.VPC "a" {}', { session = { region = function() return "eu-west-3" end } })
    assert.are.same({ region = "eu-west-3" }, p.declarations[1].target)
  end)
end)

describe("a step", function()
  before_each(support.setup)
  after_each(support.teardown)

  it("waits for what it is told and for what its function names", function()
    local p = support.program [[
local a, b = cso.aws.EC2.VPC "a" {}, cso.aws.EC2.VPC "b" {}
local held = { deep = { cso.aws.EC2.VPC "c" {} } }
local function helper() return held.deep[1].VpcId:value() end
local s = cso.step "ready" { after = { a }, timeout = "15m", every = "5s",
  run = function(step) return { b.VpcId:value(), helper() } end }
cso.aws.EC2.VPC("d", { after = { s } }) {}
]]
    local step = p.by_address["step.ready"]
    assert.are.equal("step", step.form)
    assert.are.same({ "EC2.VPC.a", "EC2.VPC.b", "EC2.VPC.c" }, step.depends)
    assert.are.equal("15m", step.timeout)
    assert.are.same({ "step.ready" }, p.by_address["EC2.VPC.d"].depends)
    local before = value.install(function(address, path) return address .. ":" .. path end)
    assert.are.same({ "EC2.VPC.b:VpcId", "EC2.VPC.c:VpcId" }, step.run {})
    value.install(before)
  end)

  it("is checked", function()
    local message = support.refused 'cso.step "x" { timout = "1m", every = "soon" }'
    for _, said in ipairs { "did you mean timeout?", "option every", "option run is missing" } do
      assert.truthy(message:find(said, 1, true), said)
    end
  end)

  it("can't declare anything", function()
    local p = support.program 'cso.step "x" { run = function() cso.aws.EC2.VPC "v" {} end }'
    local ok, e = pcall(p.declarations[1].run, {})
    assert.is_false(ok)
    assert.are.equal("too_late", e.code)
  end)
end)
