-- Things without tags of their own: what a killed run made of them goes when nobody declares it any
-- more, and what another stack made of the same name is left alone.
local life = require "spec.life.harness"
local world = require "spec.scenario.world"

local BASE = [[
local cso = require "cso"
local aws = cso.aws
local EC2, IAM = aws.EC2, aws.IAM
cso.stack { name = "base" }
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnet = EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = "10.0.0.0/24" }
local gateway = EC2.InternetGateway "main" {}
local routes = EC2.RouteTable "a" { VpcId = vpc }
local acl = EC2.NetworkAcl "a" { VpcId = vpc }
local group = EC2.SecurityGroup "a" { VpcId = vpc, GroupDescription = "a" }
local image = cso.api.ssm {}:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value
local instance = EC2.Instance "a" { ImageId = image, InstanceType = "t3.small", SubnetId = subnet }
local volume = EC2.Volume "a" { AvailabilityZone = "eu-west-2a", Size = 8 }
local role = IAM.Role "a" { RoleName = "base-role", AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } } }
local bucket = aws.S3.Bucket "a" { BucketName = "base-bucket-of-spec" }
local topic = aws.SNS.Topic "a" { TopicName = "base-topic" }
local zone = aws.Route53.HostedZone "a" { Name = "spec.test." }
aws.EFS.FileSystem "a" {}
]]

-- What is declared on top of it, one at a time.
local CHILDREN = {
  'EC2.VPCGatewayAttachment "x" { VpcId = vpc, InternetGatewayId = gateway }',
  'EC2.SubnetRouteTableAssociation "x" { SubnetId = subnet, RouteTableId = routes }',
  'EC2.SubnetNetworkAclAssociation "x" { SubnetId = subnet, NetworkAclId = acl }',
  'EC2.NetworkAclEntry "x" { NetworkAclId = acl, RuleNumber = 100, Protocol = -1, RuleAction = "allow",'
    .. ' CidrBlock = "0.0.0.0/0" }',
  'EC2.SecurityGroupIngress "x" { GroupId = group, IpProtocol = "tcp", FromPort = 22, ToPort = 22, CidrIp = "10.0.0.0/8" }',
  'EC2.SecurityGroupEgress "x" { GroupId = group, IpProtocol = "tcp", FromPort = 22, ToPort = 22, CidrIp = "10.0.0.0/8" }',
  'EC2.VolumeAttachment "x" { VolumeId = volume, InstanceId = instance, Device = "/dev/sdf" }',
  'IAM.RolePolicy "x" { RoleName = role, PolicyName = "x", PolicyDocument = { Version = "2012-10-17", Statement = { {'
    .. ' Effect = "Allow", Action = "s3:GetObject", Resource = "*" } } } }',
  'aws.S3.BucketPolicy "x" { Bucket = bucket, PolicyDocument = { Version = "2012-10-17", Statement = { {'
    .. ' Effect = "Deny", Principal = "*", Action = "s3:PutObject", Resource = "arn:aws:s3:::base-bucket-of-spec/*" } } } }',
  'aws.SNS.Subscription "x" { TopicArn = topic, Protocol = "sqs", Endpoint = "arn:aws:sqs:eu-west-2:123456789012:q" }',
  'aws.SNS.Topic "x" { TopicName = "other" }',
  'aws.EFS.FileSystem "x" {}',
  'aws.Route53.RecordSet "x" { HostedZoneId = zone, Name = "x.spec.test.", Type = "A", TTL = "60",'
    .. ' ResourceRecords = { "10.0.0.1" } }',
}

local function good(p, words, label)
  local code, text = p:csorun(words)
  assert.equal(0, code, (label or words) .. "\n" .. text)
  return text
end

local function inventory(p) return table.concat(life.inventory(p.sim.dump()), "\n") end

describe("what a killed run made", function()
  it("goes when its line is gone, also where the account does not show it yet", function()
    local empty = 'local cso = require "cso"\ncso.stack { name = "base" }\n'
    world.run({ files = { ["base.lua"] = empty .. 'cso.aws.EC2.InternetGateway "x" {}\n' }, faults = "stale=1s" }, function(p)
      p.kill = { at = 1, moment = "after" }
      local code, text = p:csorun "apply base.lua -y"
      assert.equal(137, code, text)
      p:write("base.lua", empty)
      text = good(p, "apply base.lua -y")
      assert.match("an interrupted run made it", text, 1, true)
      assert.equal("", inventory(p))
    end)
  end)

  it("goes when its line is gone", function()
    world.run({ files = { ["base.lua"] = BASE }, seed = 1 }, function(p)
      good(p, "apply base.lua -y")
      local before, rows = inventory(p), p:inventory()
      for i, child in ipairs(CHILDREN) do
        p:write("more.lua", BASE .. child .. "\n")
        p.calls, p.kill = {}, { at = 1, moment = "after" }
        local code, text = p:csorun "apply more.lua -y"
        p.kill = nil
        assert.equal(137, code, child .. "\n" .. text)
        good(p, "apply base.lua -y", child)
        assert.equal(before, inventory(p), child)
        if i ~= 3 and i ~= 7 then assert.equal(rows, p:inventory(), child) end
        good(p, "plan base.lua --detailed-exitcode", child)
      end
    end)
  end)
end)

describe("what another stack made", function()
  local NAMED = {
    { 'IAM.RolePolicy "x" { RoleName = "base-role", PolicyName = "x", PolicyDocument = {'
      .. ' Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "%s", Resource = "*" } } } }',
      "s3:GetObject", "s3:PutObject" },
    { 'aws.S3.BucketPolicy "x" { Bucket = "base-bucket-of-spec", PolicyDocument = { Version = "2012-10-17", Statement = { {'
      .. ' Effect = "Deny", Principal = "*", Action = "%s", Resource = "arn:aws:s3:::base-bucket-of-spec/*" } } } }',
      "s3:PutObject", "s3:GetObject" },
    { 'aws.SNS.Topic "x" { TopicName = "same", DisplayName = "%s" }', "a", "b" },
    { 'aws.CloudWatch.Alarm "x" { AlarmName = "same", ComparisonOperator = "GreaterThanThreshold", EvaluationPeriods = 1,'
      .. ' MetricName = "m", Namespace = "n", Period = 60, Statistic = "Sum", Threshold = 1,'
      .. ' AlarmDescription = "%s" }', "a", "b" },
    { 'aws.SSM.Parameter "x" { Name = "/same", Type = "String", Value = "%s" }', "a", "b" },
    { 'aws.Logs.LogGroup "x" { LogGroupName = "/same", Tags = { t = "%s" } }', "a", "b" },
    { 'aws.S3.Bucket "x" { BucketName = "same-bucket-of-spec", Tags = { t = "%s" } }', "a", "b" },
    { 'IAM.Role "x" { RoleName = "same", Description = "%s", AssumeRolePolicyDocument = {'
      .. ' Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "sts:AssumeRole",'
      .. ' Principal = { Service = "ec2.amazonaws.com" } } } } }', "a", "b" },
    { 'aws.SecretsManager.Secret "x" { Name = "same", Description = "%s" }', "a", "b" },
    { 'aws.KMS.Alias "x" { AliasName = "alias/same", TargetKeyId = aws.KMS.Key "k" { Description = "%s" } }', "a", "b" },
  }

  it("is neither taken over nor changed", function()
    local head = 'local cso = require "cso"\nlocal aws = cso.aws\nlocal IAM = aws.IAM\n'
    world.run({ files = { ["base.lua"] = BASE }, seed = 1 }, function(p)
      good(p, "apply base.lua -y")
      for _, one in ipairs(NAMED) do
        p:write("mine.lua", head .. 'cso.stack { name = "mine" }\n' .. one[1]:format(one[2]) .. "\n")
        p:write("theirs.lua", head .. 'cso.stack { name = "theirs" }\n' .. one[1]:format(one[3]) .. "\n")
        good(p, "apply theirs.lua -y")
        local code, text = p:csorun "apply mine.lua -y"
        assert.is_true(code == 1 or code == 7, one[1] .. "\n" .. text)
        local told = text:gsub("[Aa]lready exists", "exists already"):gsub("AlreadyOwnedByYou", "exists already")
        assert.match("exists already", told, 1, true)
        assert.match("import", text, 1, true)
        good(p, "destroy mine.lua -y")
        good(p, "plan theirs.lua --detailed-exitcode", one[1])
        good(p, "destroy theirs.lua -y")
      end
    end)
  end)
end)
