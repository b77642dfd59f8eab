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
    failing(NET .. [[EC2.Subnet("b", { after = { a } }) { VpcId = vpc, CidrBlock = "10.0.1.128/25" } ; EC2.Instance "w" {
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

  it("finds a name that somebody else has", function()
    within(function(world, writes)
      local iam = assert(world.session:client "iam")
      assert(iam:call("CreateRole", { RoleName = "taken", AssumeRolePolicyDocument = '{"Version":"2012-10-17",'
        .. '"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}' }))
      local program = world:load(NET .. [[IAM.Role "r" { RoleName = "taken", AssumeRolePolicyDocument = { Version = "2012-10-17",
        Statement = { { Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" } } } }]])
      local result = rehearsed(world, program, world:plan(program), writes)
      assert.same({ "create IAM.Role.r EntityAlreadyExists" }, told(result))
    end)
  end)

  it("works on networks that others made", function()
    within(function(world, writes)
      local ec2 = assert(world.session:client "ec2")
      local vpc = assert(ec2:call("CreateVpc", { CidrBlock = "10.7.0.0/16" })).Vpc.VpcId
      local subnet = assert(ec2:call("CreateSubnet", { VpcId = vpc, CidrBlock = "10.7.1.0/24" })).Subnet.SubnetId
      local text = ([[local cso = require "cso"
        cso.stack { name = "guest" }
        local EC2 = cso.aws.EC2
        local sg = EC2.SecurityGroup "web" { VpcId = "%s", GroupDescription = "web" }
        EC2.VPCEndpoint "ssm" { VpcId = "%s", ServiceName = "com.amazonaws.eu-west-2.ssm", VpcEndpointType = "Interface",
          SubnetIds = { "%s" }, SecurityGroupIds = { sg }, PrivateDnsEnabled = false }
        EC2.Subnet "b" { VpcId = "%s", CidrBlock = "10.7.%d.0/24" }]])
      local program = world:load(text:format(vpc, vpc, subnet, vpc, 2))
      assert.same({}, told(rehearsed(world, program, world:plan(program), writes)))
      program = world:load(text:format(vpc, vpc, subnet, vpc, 1))
      assert.same({ "create EC2.Subnet.b InvalidSubnet.Conflict" }, told(rehearsed(world, program, world:plan(program), writes)))
    end)
  end)

  it("finds what keeps things from going", function()
    within(function(world, writes)
      local program = world:load(NET .. [[S3.Bucket "files" { BucketName = "faults-files" }]])
      world:apply(program, world:plan(program))
      local s3, ec2 = assert(world.session:client "s3"), assert(world.session:client "ec2")
      local ids = {}
      for _, record in ipairs(world.store:resources()) do ids[record.address] = record.id end
      assert(s3:call("PutObject", { Bucket = "faults-files", Key = "a/b", Body = "precious" }))
      assert(ec2:call("CreateNetworkInterface", { SubnetId = ids["EC2.Subnet.a"], Groups = { ids["EC2.SecurityGroup.web"] } }))
      local made = world:plan(program, { destroy = true })
      local result = rehearsed(world, program, made, writes)
      assert.same({ "delete EC2.SecurityGroup.web DependencyViolation", "delete EC2.Subnet.a DependencyViolation",
        "delete S3.Bucket.files BucketNotEmpty" }, told(result))
      for _, failure in ipairs(result.failures) do assert.match(":%d+$", failure.where) end
      assert.same({ "EC2.VPC.main" }, result.skipped)
    end)
  end)

  it("counts what others use of a quota", function()
    within(function(world, writes)
      world.simulator.world.quotas["VPCs per Region"] = 3
      local ec2 = assert(world.session:client "ec2")
      for i = 1, 2 do assert(ec2:call("CreateVpc", { CidrBlock = ("10.%d.0.0/16"):format(i) })) end
      local program = world:load(NET)
      assert.same({}, told(rehearsed(world, program, world:plan(program), writes)))
      program = world:load(NET .. [[EC2.VPC "second" { CidrBlock = "10.9.0.0/16" }]])
      local result = rehearsed(world, program, world:plan(program), writes)
      assert.equal(1, #result.failures)
      assert.match("VpcLimitExceeded", told(result)[1])
    end)
  end)

  it("starts nothing for a plan without changes", function()
    within(function(world, writes)
      local program = world:load(NET)
      world:apply(program, world:plan(program))
      local sim = require "sim"
      local start = sim.start
      sim.start = function() error("a simulator for nothing") end
      local ok, result = pcall(rehearsed, world, program, world:plan(program), writes)
      sim.start = start
      assert(ok, result)
      assert.equal(0, result.changes)
    end)
  end)

  it("raises no alarm over what others made, whatever it is", function()
    within(function(world, writes)
      local ec2, iam = assert(world.session:client "ec2"), assert(world.session:client "iam")
      local vpc = assert(ec2:call("CreateVpc", { CidrBlock = "10.7.0.0/16" })).Vpc.VpcId
      local subnet = assert(ec2:call("CreateSubnet", { VpcId = vpc, CidrBlock = "10.7.1.0/24",
        AvailabilityZone = "eu-west-2a" })).Subnet.SubnetId
      local group = assert(ec2:call("DescribeSecurityGroups", {})).SecurityGroups[1].GroupId
      local other = assert(ec2:call("CreateSubnet", { VpcId = vpc, CidrBlock = "10.7.2.0/24",
        AvailabilityZone = "eu-west-2c" })).Subnet.SubnetId
      local gateway = assert(ec2:call("CreateInternetGateway", {})).InternetGateway.InternetGatewayId
      assert(ec2:call("AttachInternetGateway", { InternetGatewayId = gateway, VpcId = vpc }))
      local key = assert(assert(world.session:client "kms"):call("CreateKey", {})).KeyMetadata.KeyId
      assert(assert(world.session:client "kms"):call("CreateAlias", { AliasName = "alias/theirs", TargetKeyId = key }))
      local zone = assert(assert(world.session:client "route53"):call("CreateHostedZone", { Name = "their.org",
        CallerReference = "x" })).HostedZone.Id:match("[^/]+$")
      assert(iam:call("CreateRole", { RoleName = "theirs", AssumeRolePolicyDocument = '{"Version":"2012-10-17",'
        .. '"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}' }))
      assert(iam:call("CreateInstanceProfile", { InstanceProfileName = "theirs" }))
      assert(iam:call("AddRoleToInstanceProfile", { InstanceProfileName = "theirs", RoleName = "theirs" }))
      local program = world:load(([[local cso = require "cso"
        cso.stack { name = "guest" }
        local EC2 = cso.aws.EC2
        EC2.Instance "w" { ImageId = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
          InstanceType = "t3.micro", SubnetId = "%s", SecurityGroupIds = { "%s" }, IamInstanceProfile = "theirs" }
        EC2.Volume "v" { AvailabilityZone = "eu-west-2a", Size = 8, Encrypted = true, KmsKeyId = "alias/theirs" }
        EC2.Volume "s" { AvailabilityZone = "eu-west-2a", SnapshotId = "snap-0123456789abcdef0" }
        cso.aws.Route53.RecordSet "r" { HostedZoneId = "%s", Name = "a.their.org", Type = "A", TTL = "60",
          ResourceRecords = { "10.0.0.1" } }
        cso.aws.ElasticLoadBalancingV2.LoadBalancer "l" { Subnets = { "%s", "%s" }, Scheme = "internet-facing" }
      ]]):format(subnet, group, zone, subnet, other))
      local result = rehearsed(world, program, world:plan(program), writes)
      assert.same({}, told(result))
      assert.same(1, #result.left_out, (result.left_out[1] or {}).why)
      assert.equal("EC2.Volume.s", result.left_out[1].address)
    end)
  end)

  it("says what it knows by the schema only, all its life", function()
    within(function(world, writes)
      local text = [[local cso = require "cso"
        cso.stack { name = "schemas" }
        local q = cso.aws.SQS.Queue "q" { QueueName = "one", VisibilityTimeout = 30 }
        cso.aws.SSM.Parameter "p" { Name = "/q", Type = "String", Value = q.Arn }]]
      local program = world:load(text)
      local made = world:plan(program)
      local result = rehearsed(world, program, made, writes)
      assert.same({}, told(result))
      assert.same({ "SQS.Queue.q" }, result.by_schema)
      world:apply(program, made)
      program = world:load((text:gsub("30", "60")))
      assert.same({}, told(rehearsed(world, program, world:plan(program), writes)))
      made = world:plan(program, { destroy = true })
      result = rehearsed(world, program, made, writes)
      assert.same({}, told(result))
      assert.same({}, result.left_out)
    end)
  end)

  it("finds a record that keeps its zone from going", function()
    within(function(world, writes)
      local program = world:load([[local cso = require "cso"
        cso.stack { name = "zones" }
        local zone = cso.aws.Route53.HostedZone "z" { Name = "zones.org" }
        cso.aws.Route53.RecordSet "r" { HostedZoneId = zone.Id, Name = "a.zones.org", Type = "A", TTL = "60",
          ResourceRecords = { "10.0.0.1" } }]])
      world:apply(program, world:plan(program))
      local made = world:plan(program, { destroy = true })
      assert.same({}, told(rehearsed(world, program, made, writes)))
      local id = made.nodes["Route53.HostedZone.z"].record.id
      assert(assert(world.session:client "route53"):call("ChangeResourceRecordSets", { HostedZoneId = id, ChangeBatch = {
        Changes = { { Action = "CREATE", ResourceRecordSet = { Name = "b.zones.org", Type = "A", TTL = 60,
          ResourceRecords = { { Value = "10.0.0.2" } } } } } } }))
      made = world:plan(program, { destroy = true })
      assert.same({ "delete Route53.HostedZone.z HostedZoneNotEmpty" }, told(rehearsed(world, program, made, writes)))
    end)
  end)
end)
