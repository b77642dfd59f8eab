-- The lives of EC2's kinds that let traffic in and out, and of those that watch it.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
]]

describe("the life of", function()
  life.of { name = "EC2 SecurityGroup in full", playbook = HEAD .. [[
local other = cso.aws.EC2.SecurityGroup "other" { GroupDescription = "other", VpcId = vpc }
cso.aws.EC2.SecurityGroup "main" { GroupDescription = "servers", GroupName = "main", VpcId = vpc,
  SecurityGroupIngress = {
    { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = "0.0.0.0/0", Description = "from all" },
    { IpProtocol = "tcp", FromPort = 80, ToPort = 80, SourceSecurityGroupId = other },
    { IpProtocol = "icmp", FromPort = 8, ToPort = -1, CidrIp = "10.0.0.0/16" },
    { IpProtocol = "-1", CidrIp = "10.9.0.0/16" },
    { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIpv6 = "::/0" },
  },
  SecurityGroupEgress = { { IpProtocol = "-1", CidrIp = "0.0.0.0/0" } }, Tags = { Name = "one" } }
]], edits = {
    { from = '"from all"', to = '"from anywhere"', update = { "EC2.SecurityGroup.main" } },
    { from = "FromPort = 80, ToPort = 80", to = "FromPort = 8080, ToPort = 8081", update = { "EC2.SecurityGroup.main" } },
    { from = '    { IpProtocol = "-1", CidrIp = "10.9.0.0/16" },\n', to = "", update = { "EC2.SecurityGroup.main" } },
    { from = 'SecurityGroupEgress = { { IpProtocol = "-1", CidrIp = "0.0.0.0/0" } }',
      to = 'SecurityGroupEgress = { { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = "0.0.0.0/0" } }',
      update = { "EC2.SecurityGroup.main" } },
    { from = 'SecurityGroupEgress = { { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = "0.0.0.0/0" } }',
      to = "SecurityGroupEgress = {}", update = { "EC2.SecurityGroup.main" } },
    -- A group that says nothing of what goes out lets everything out again.
    { from = "SecurityGroupEgress = {}, ", to = "", update = { "EC2.SecurityGroup.main" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.SecurityGroup.main" } },
    { from = 'GroupName = "main"', to = 'GroupName = "second"', replace = { "EC2.SecurityGroup.main" } },
    { from = '"servers"', to = '"machines"', replace = { "EC2.SecurityGroup.main" } },
  } }

  life.of { name = "EC2 SecurityGroup without rules of its own", playbook = HEAD .. [[
cso.aws.EC2.SecurityGroup "main" { GroupDescription = "servers", VpcId = vpc,
  SecurityGroupIngress = { { IpProtocol = "tcp", FromPort = 22, ToPort = 22, CidrIp = "10.0.0.0/16" } } }
]], edits = {
    { from = '{ { IpProtocol = "tcp", FromPort = 22, ToPort = 22, CidrIp = "10.0.0.0/16" } }', to = "{}",
      update = { "EC2.SecurityGroup.main" } },
    { from = "SecurityGroupIngress = {}", to = 'SecurityGroupIngress = { { IpProtocol = "tcp", FromPort = 22, '
      .. 'ToPort = 22, CidrIp = "10.0.0.0/16" } }', update = { "EC2.SecurityGroup.main" } },
    { from = ",\n  SecurityGroupIngress = { { IpProtocol = \"tcp\", FromPort = 22, ToPort = 22, CidrIp = \"10.0.0.0/16\" } }",
      to = "", update = { "EC2.SecurityGroup.main" } },
  } }

  life.of { name = "EC2 SecurityGroupIngress and SecurityGroupEgress", playbook = HEAD .. [[
local group = cso.aws.EC2.SecurityGroup "main" { GroupDescription = "servers", VpcId = vpc }
local other = cso.aws.EC2.SecurityGroup "other" { GroupDescription = "other", VpcId = vpc }
cso.aws.EC2.SecurityGroupIngress "web" { GroupId = group, IpProtocol = "tcp", FromPort = 443, ToPort = 443,
  CidrIp = "0.0.0.0/0", Description = "one" }
cso.aws.EC2.SecurityGroupIngress "from" { GroupId = group, IpProtocol = "tcp", FromPort = 80, ToPort = 80,
  SourceSecurityGroupId = other }
cso.aws.EC2.SecurityGroupEgress "to" { GroupId = group, IpProtocol = "udp", FromPort = 53, ToPort = 53,
  CidrIp = "10.0.0.2/32", Description = "dns" }
cso.aws.EC2.SecurityGroupEgress "any" { GroupId = other, IpProtocol = "-1", DestinationSecurityGroupId = group }
]], edits = {
    { from = '"one"', to = '"two"', update = { "EC2.SecurityGroupIngress.web" } },
    { from = '"dns"', to = '"names"', update = { "EC2.SecurityGroupEgress.to" } },
    { from = "FromPort = 80, ToPort = 80", to = "FromPort = 80, ToPort = 81", replace = { "EC2.SecurityGroupIngress.from" } },
    { from = "10.0.0.2/32", to = "10.0.0.3/32", replace = { "EC2.SecurityGroupEgress.to" } },
    { from = "SourceSecurityGroupId = other", to = "SourceSecurityGroupId = group",
      replace = { "EC2.SecurityGroupIngress.from" } },
    { from = ', Description = "two"', to = "", update = { "EC2.SecurityGroupIngress.web" } },
  } }

  life.of { name = "EC2 NetworkAcl, NetworkAclEntry and SubnetNetworkAclAssociation", playbook = HEAD .. [[
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local acl = cso.aws.EC2.NetworkAcl "main" { VpcId = vpc, Tags = { Name = "one" } }
local second = cso.aws.EC2.NetworkAcl "second" { VpcId = vpc }
cso.aws.EC2.NetworkAclEntry "in" { NetworkAclId = acl, RuleNumber = 100, Protocol = 6, RuleAction = "allow",
  Egress = false, CidrBlock = "0.0.0.0/0", PortRange = { From = 443, To = 443 } }
cso.aws.EC2.NetworkAclEntry "out" { NetworkAclId = acl, RuleNumber = 100, Protocol = -1, RuleAction = "allow",
  Egress = true, CidrBlock = "0.0.0.0/0" }
cso.aws.EC2.NetworkAclEntry "ping" { NetworkAclId = acl, RuleNumber = 110, Protocol = 1, RuleAction = "allow",
  CidrBlock = "10.0.0.0/16", Icmp = { Type = 8, Code = -1 } }
cso.aws.EC2.SubnetNetworkAclAssociation "a" { SubnetId = a, NetworkAclId = acl }
]], edits = {
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.NetworkAcl.main" } },
    { from = "{ From = 443, To = 443 }", to = "{ From = 400, To = 500 }", update = { "EC2.NetworkAclEntry.in" } },
    { from = 'Protocol = 6, RuleAction = "allow"', to = 'Protocol = 6, RuleAction = "deny"',
      update = { "EC2.NetworkAclEntry.in" } },
    { from = 'Protocol = 6, RuleAction = "deny",\n  Egress = false, CidrBlock = "0.0.0.0/0"',
      to = 'Protocol = 17, RuleAction = "deny",\n  Egress = false, CidrBlock = "10.0.0.0/16"',
      update = { "EC2.NetworkAclEntry.in" } },
    { from = "Icmp = { Type = 8, Code = -1 }", to = "Icmp = { Type = 0, Code = -1 }", update = { "EC2.NetworkAclEntry.ping" } },
    { from = "RuleNumber = 110", to = "RuleNumber = 120", replace = { "EC2.NetworkAclEntry.ping" } },
    { from = "SubnetId = a, NetworkAclId = acl", to = "SubnetId = a, NetworkAclId = second",
      replace = { "EC2.SubnetNetworkAclAssociation.a" } },
    { from = "SubnetId = a, NetworkAclId = second", to = "SubnetId = b, NetworkAclId = second",
      replace = { "EC2.SubnetNetworkAclAssociation.a" } },
  } }

  life.of { name = "EC2 FlowLog in full", playbook = HEAD .. [[
local role = cso.aws.IAM.Role "flow" { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = {
  { Effect = "Allow", Principal = { Service = "vpc-flow-logs.amazonaws.com" }, Action = "sts:AssumeRole" } } } }
cso.aws.EC2.FlowLog "main" { ResourceId = vpc, ResourceType = "VPC", TrafficType = "ALL",
  LogDestinationType = "cloud-watch-logs", LogGroupName = "flow", DeliverLogsPermissionArn = role.Arn,
  MaxAggregationInterval = 60, LogFormat = "${version} ${srcaddr}", Tags = { Name = "one" } }
]], edits = {
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.FlowLog.main" } },
    { from = '"ALL"', to = '"REJECT"', replace = { "EC2.FlowLog.main" } },
    { from = "MaxAggregationInterval = 60", to = "MaxAggregationInterval = 600", replace = { "EC2.FlowLog.main" } },
  } }
end)
