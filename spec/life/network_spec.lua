-- The lives of EC2's network kinds.
local life = require "spec.life.harness"

local BASE = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local one = EC2.Subnet "one" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local two = EC2.Subnet "two" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
]]

describe("the life of", function()
  life.of { name = "EC2 VPC", playbook = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsSupport = true, EnableDnsHostnames = true,
  InstanceTenancy = "default", Tags = { Name = "one" } }
]], edits = {
    { from = "EnableDnsHostnames = true", to = "EnableDnsHostnames = false", update = { "EC2.VPC.main" } },
    { from = "EnableDnsSupport = true", to = "EnableDnsSupport = false", update = { "EC2.VPC.main" } },
    { from = 'Name = "one"', to = 'Name = "two", More = "x"', update = { "EC2.VPC.main" } },
    { from = ', More = "x"', to = "", update = { "EC2.VPC.main" } },
    { from = 'CidrBlock = "10.0.0.0/16"', to = 'CidrBlock = "10.1.0.0/16"', replace = { "EC2.VPC.main" } },
  } }

  life.of { name = "EC2 Subnet", playbook = [[
local cso = require "cso"
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", MapPublicIpOnLaunch = false, Tags = { Name = "a" } }
]], edits = {
    { from = "MapPublicIpOnLaunch = false", to = "MapPublicIpOnLaunch = true", update = { "EC2.Subnet.a" } },
    { from = 'Name = "a"', to = 'Name = "b"', update = { "EC2.Subnet.a" } },
    { from = '"10.0.1.0/24"', to = '"10.0.7.0/24"', replace = { "EC2.Subnet.a" } },
  } }

  life.of { name = "EC2 gateways, routes and associations", playbook = BASE .. [[
local gateway = EC2.InternetGateway "main" { Tags = { Name = "g" } }
local attachment = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
local address = EC2.EIP("nat", { after = { attachment } }) { Domain = "vpc", Tags = { Name = "n" } }
local nat = EC2.NatGateway "one" { SubnetId = one, AllocationId = address.AllocationId, Tags = { Name = "n" } }
local public = EC2.RouteTable "public" { VpcId = vpc, Tags = { Name = "public" } }
local private = EC2.RouteTable "private" { VpcId = vpc, Tags = { Name = "private" } }
EC2.Route("public", { after = { attachment } }) {
  RouteTableId = public, DestinationCidrBlock = "0.0.0.0/0", GatewayId = gateway }
EC2.Route "private" { RouteTableId = private, DestinationCidrBlock = "0.0.0.0/0", NatGatewayId = nat }
EC2.SubnetRouteTableAssociation "one" { SubnetId = one, RouteTableId = public }
EC2.SubnetRouteTableAssociation "two" { SubnetId = two, RouteTableId = private }
]], edits = {
    { from = 'Name = "g"', to = 'Name = "h"', update = { "EC2.InternetGateway.main" } },
    { from = 'AllocationId, Tags = { Name = "n" }', to = 'AllocationId, Tags = { Name = "m" }',
      update = { "EC2.NatGateway.one" } },
    { from = '"vpc", Tags = { Name = "n" }', to = '"vpc", Tags = { Name = "m" }', update = { "EC2.EIP.nat" } },
    { from = 'Name = "private"', to = 'Name = "inside"', update = { "EC2.RouteTable.private" } },
    { from = 'SubnetId = two, RouteTableId = private', to = 'SubnetId = two, RouteTableId = public',
      replace = { "EC2.SubnetRouteTableAssociation.two" } },
    { from = '"private" { RouteTableId = private, DestinationCidrBlock = "0.0.0.0/0"',
      to = '"private" { RouteTableId = private, DestinationCidrBlock = "192.168.0.0/16"',
      replace = { "EC2.Route.private" } },
  } }

  life.of { name = "EC2 NetworkAcl", playbook = BASE .. [[
local acl = EC2.NetworkAcl "main" { VpcId = vpc, Tags = { Name = "acl" } }
EC2.NetworkAclEntry "in" { NetworkAclId = acl, RuleNumber = 100, Protocol = 6, RuleAction = "allow",
  Egress = false, CidrBlock = "0.0.0.0/0", PortRange = { From = 443, To = 443 } }
EC2.NetworkAclEntry "out" { NetworkAclId = acl, RuleNumber = 100, Protocol = -1, RuleAction = "allow",
  Egress = true, CidrBlock = "0.0.0.0/0" }
EC2.SubnetNetworkAclAssociation "one" { SubnetId = one, NetworkAclId = acl }
]], edits = {
    { from = 'Name = "acl"', to = 'Name = "list"', update = { "EC2.NetworkAcl.main" } },
    { from = "To = 443", to = "To = 444", update = { "EC2.NetworkAclEntry.in" } },
    { from = 'Protocol = -1, RuleAction = "allow"', to = 'Protocol = -1, RuleAction = "deny"',
      update = { "EC2.NetworkAclEntry.out" } },
    { from = "RuleNumber = 100, Protocol = 6", to = "RuleNumber = 110, Protocol = 6",
      replace = { "EC2.NetworkAclEntry.in" } },
  } }

  life.of { name = "EC2 SecurityGroup", playbook = BASE .. [[
local web = EC2.SecurityGroup "web" { GroupDescription = "web", VpcId = vpc, Tags = { Name = "web" },
  SecurityGroupIngress = { { IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "0.0.0.0/0", Description = "http" } } }
local data = EC2.SecurityGroup "data" { GroupDescription = "data", VpcId = vpc }
EC2.SecurityGroupIngress "data" { GroupId = data, IpProtocol = "tcp", FromPort = 3306, ToPort = 3306,
  SourceSecurityGroupId = web.GroupId }
EC2.SecurityGroupEgress "web" { GroupId = web, IpProtocol = "tcp", FromPort = 3306, ToPort = 3306,
  CidrIp = "10.0.0.0/16" }
]], edits = {
    { from = 'Description = "http"', to = 'Description = "plain"', update = { "EC2.SecurityGroup.web" } },
    { from = 'CidrIp = "0.0.0.0/0", Description = "plain"', to = 'CidrIp = "10.0.0.0/8", Description = "plain"',
      update = { "EC2.SecurityGroup.web" } },
    { from = 'Name = "web"', to = 'Name = "front"', update = { "EC2.SecurityGroup.web" } },
    { from = "FromPort = 3306, ToPort = 3306,\n  SourceSecurityGroupId",
      to = "FromPort = 3307, ToPort = 3307,\n  SourceSecurityGroupId", replace = { "EC2.SecurityGroupIngress.data" } },
    { from = 'CidrIp = "10.0.0.0/16"', to = 'CidrIp = "10.0.1.0/24"', replace = { "EC2.SecurityGroupEgress.web" } },
  } }

  life.of { name = "EC2 VPCEndpoint", playbook = BASE .. [[
local table = EC2.RouteTable "main" { VpcId = vpc }
local group = EC2.SecurityGroup "ends" { GroupDescription = "ends", VpcId = vpc }
local other = EC2.SecurityGroup "other" { GroupDescription = "other", VpcId = vpc }
EC2.VPCEndpoint "s3" { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.s3", VpcEndpointType = "Gateway",
  RouteTableIds = { table }, Tags = { Name = "s3" } }
EC2.VPCEndpoint "ssm" { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.ssm", VpcEndpointType = "Interface",
  SubnetIds = { one }, SecurityGroupIds = { group.GroupId }, PrivateDnsEnabled = false }
]], edits = {
    { from = 'Name = "s3"', to = 'Name = "files"', update = { "EC2.VPCEndpoint.s3" } },
    { from = "RouteTableIds = { table }", to = "RouteTableIds = {}", update = { "EC2.VPCEndpoint.s3" } },
    { from = "SubnetIds = { one }", to = "SubnetIds = { one, two }", update = { "EC2.VPCEndpoint.ssm" } },
    { from = "SecurityGroupIds = { group.GroupId }", to = "SecurityGroupIds = { other.GroupId }",
      update = { "EC2.VPCEndpoint.ssm" } },
  } }

  life.of { name = "EC2 FlowLog", playbook = BASE .. [[
local role = cso.aws.IAM.Role "flow" { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "vpc-flow-logs.amazonaws.com" } } } } }
EC2.FlowLog "main" { ResourceId = vpc, ResourceType = "VPC", TrafficType = "ALL", LogGroupName = "/life/flow",
  DeliverLogsPermissionArn = role.Arn, Tags = { Name = "flow" } }
]], edits = {
    { from = 'Name = "flow"', to = 'Name = "stream"', update = { "EC2.FlowLog.main" } },
    { from = 'TrafficType = "ALL"', to = 'TrafficType = "REJECT"', replace = { "EC2.FlowLog.main" } },
  } }
end)
