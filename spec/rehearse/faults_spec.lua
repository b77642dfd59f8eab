-- What would fail in the account fails in the rehearsal, and the account hears of reads only.
local life = require "spec.life.harness"
local rehearsal = require "cso.cmd.rehearsal"
local verbs = require "cso.std.verbs"

local NET = [[
local cso = require "cso"
cso.stack { name = "faults" }
local EC2, IAM, S3, RDS = cso.aws.EC2, cso.aws.IAM, cso.aws.S3, cso.aws.RDS
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24" }
local sg = EC2.SecurityGroup "web" { VpcId = vpc, GroupDescription = "web" }
]]

-- Runs fn with an account that writes down every call which is not a read.
local function within(fn)
  local writes = {}
  life.within({ sim = { watch = function(moment, _, operation)
    if moment == "before" and verbs.mutates(operation) then writes[#writes + 1] = operation end
  end } }, function(world) fn(world, writes) end)
end

local function rehearsed(world, program, made, writes)
  local before = #writes
  local result, e = rehearsal.of { plan = made, program = program, session = world.session, store = world.store }
  assert(result, e and e.message)
  assert.same({}, { table.unpack(writes, before + 1) }, "a rehearsal changed the account")
  return result
end

local function told(result)
  local out = {}
  for i, f in ipairs(result.failures) do
    local cause = f.err.cause
    out[i] = ("%s %s %s"):format(f.action, f.address, cause and cause.code or f.err.code)
  end
  return out
end

local function failing(text, expected, check)
  within(function(world, writes)
    local program = world:load(text)
    local made = world:plan(program)
    local result = rehearsed(world, program, made, writes)
    assert.same(expected, told(result), (result.failures[1] or { err = {} }).err.message)
    for _, failure in ipairs(result.failures) do assert.match("^.+:%d+$", failure.where or "") end
    assert.same({}, result.left_out)
    if check then check(result) end
    -- The rehearsal told the truth: the account says the same.
    local real = {}
    for _, failure in ipairs(world:run(program, made).failed) do real[#real + 1] = failure.address end
    table.sort(real)
    local said = {}
    for i, failure in ipairs(result.failures) do said[i] = failure.address end
    assert.same(said, real)
  end)
end

describe("a rehearsal", function()
  it("finds a network that overlaps another", function()
    failing(NET .. [[EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.1.128/25", } ; EC2.Instance "w" {
      ImageId = "ami-0123456789abcdef0", InstanceType = "t3.micro", SubnetId = a }]],
      { "create EC2.Instance.w InvalidAMIID.NotFound", "create EC2.Subnet.b InvalidSubnet.Conflict" })
  end)

  it("finds a subnet outside of its network, and what waits for it", function()
    failing(NET .. [[local b = EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.9.0.0/24" }
      EC2.NatGateway "n" { SubnetId = b, ConnectivityType = "private" }]],
      { "create EC2.Subnet.b InvalidSubnet.Range" }, function(result)
        assert.same({ "EC2.NatGateway.n" }, result.skipped)
      end)
  end)

  it("finds what only the service knows to be wrong", function()
    failing(NET .. [[EC2.Instance "w" { ImageId = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
      InstanceType = "t9.enormous", SubnetId = a }]], { "create EC2.Instance.w InvalidParameterValue" })
  end)

  it("finds a quota that does not suffice", function()
    local rules = {}
    for i = 1, 61 do rules[i] = ('{ IpProtocol = "tcp", FromPort = %d, ToPort = %d, CidrIp = "10.0.0.0/8" }'):format(i, i) end
    failing(NET .. ([[EC2.SecurityGroup "many" { VpcId = vpc, GroupDescription = "many", SecurityGroupIngress = { %s } }]])
      :format(table.concat(rules, ", ")), { "create EC2.SecurityGroup.many RulesPerSecurityGroupLimitExceeded" })
  end)
end)
