-- The lives of EC2's network kinds: VPC, Subnet, gateways, addresses, routes.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
]]

local NET = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
]]

local IGW = NET .. [[
local igw = cso.aws.EC2.InternetGateway "main" {}
local attachment = cso.aws.EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = igw }
]]

describe("the life of", function()
  life.of { name = "EC2 VPC in full", playbook = HEAD .. [[
cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsSupport = true, EnableDnsHostnames = true,
  InstanceTenancy = "default", Tags = { Name = "one" } }
]], edits = {
    { from = "EnableDnsHostnames = true", to = "EnableDnsHostnames = false", update = { "EC2.VPC.main" } },
    { from = "EnableDnsSupport = true", to = "EnableDnsSupport = false", update = { "EC2.VPC.main" } },
    { from = ", EnableDnsSupport = false", to = "", update = { "EC2.VPC.main" } },
    { from = "EnableDnsHostnames = false", to = "EnableDnsHostnames = true", update = { "EC2.VPC.main" } },
    { from = " EnableDnsHostnames = true,", to = "", update = { "EC2.VPC.main" } },
    { from = 'Name = "one"', to = 'Name = "two", More = "x"', update = { "EC2.VPC.main" } },
    { from = ', More = "x"', to = "", update = { "EC2.VPC.main" } },
    { from = ', tags = { Team = "a" }', to = "", update = { "EC2.VPC.main" } },
    { from = ', Tags = { Name = "two" }', to = "", update = { "EC2.VPC.main" } },
    { from = 'CidrBlock = "10.0.0.0/16"', to = 'CidrBlock = "10.1.0.0/16"', replace = { "EC2.VPC.main" } },
  } }

  life.of { name = "EC2 VPCCidrBlock", playbook = NET .. [[
local more = cso.aws.EC2.VPCCidrBlock "more" { VpcId = vpc, CidrBlock = "10.7.0.0/16" }
cso.aws.EC2.Subnet("c", { after = { more } }) { VpcId = vpc, CidrBlock = "10.7.1.0/24" }
cso.aws.EC2.VPCCidrBlock "six" { VpcId = vpc, AmazonProvidedIpv6CidrBlock = true }
]], edits = {
    { from = 'cso.aws.EC2.Subnet("c", { after = { more } }) { VpcId = vpc, CidrBlock = "10.7.1.0/24" }', to = "",
      delete = { "EC2.Subnet.c" } },
    { from = "10.7.0.0/16", to = "10.8.0.0/17", replace = { "EC2.VPCCidrBlock.more" } },
  } }

  life.of { name = "EC2 VPC of a tenancy", playbook = HEAD .. [[
cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", InstanceTenancy = "dedicated" }
]], edits = {
    { from = '"dedicated"', to = '"default"', update = { "EC2.VPC.main" } },
    { from = '"default"', to = '"dedicated"', replace = { "EC2.VPC.main" } },
  } }

  life.of { name = "EC2 Subnet in full", playbook = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true }
cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a",
  MapPublicIpOnLaunch = true, PrivateDnsNameOptionsOnLaunch = { HostnameType = "ip-name", EnableResourceNameDnsARecord = true },
  Tags = { Name = "one" } }
]], edits = {
    { from = "MapPublicIpOnLaunch = true", to = "MapPublicIpOnLaunch = false", update = { "EC2.Subnet.a" } },
    { from = "MapPublicIpOnLaunch = false", to = "MapPublicIpOnLaunch = true", update = { "EC2.Subnet.a" } },
    { from = "\n  MapPublicIpOnLaunch = true,", to = "", update = { "EC2.Subnet.a" } },
    { from = '"ip-name"', to = '"resource-name"', update = { "EC2.Subnet.a" } },
    { from = "EnableResourceNameDnsARecord = true", to = "EnableResourceNameDnsARecord = false",
      update = { "EC2.Subnet.a" } },
    { from = 'Name = "one"', to = 'Other = "one"', update = { "EC2.Subnet.a" } },
    { from = "eu-west-2a", to = "eu-west-2b", replace = { "EC2.Subnet.a" } },
    { from = "10.0.1.0/24", to = "10.0.9.0/24", replace = { "EC2.Subnet.a" } },
    { from = '"main" { CidrBlock = "10.0.0.0/16"', to = '"main" { CidrBlock = "10.0.0.0/17"',
      replace = { "EC2.VPC.main", "EC2.Subnet.a" } },
  } }

  life.of { name = "EC2 InternetGateway and VPCGatewayAttachment", playbook = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local other = cso.aws.EC2.VPC "other" { CidrBlock = "10.1.0.0/16" }
local igw = cso.aws.EC2.InternetGateway "main" { Tags = { Name = "one" } }
local second = cso.aws.EC2.InternetGateway "second" {}
cso.aws.EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = igw }
]], edits = {
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.InternetGateway.main" } },
    { from = "VpcId = vpc", to = "VpcId = other", replace = { "EC2.VPCGatewayAttachment.main" } },
    { from = "InternetGatewayId = igw", to = "InternetGatewayId = second", replace = { "EC2.VPCGatewayAttachment.main" } },
  } }

  life.of { name = "EC2 EIP", playbook = IGW .. [[
local image = cso.api.ssm {}:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value
local server = cso.aws.EC2.Instance "web" { ImageId = image, InstanceType = "t3.micro", SubnetId = a }
local other = cso.aws.EC2.Instance "other" { ImageId = image, InstanceType = "t3.micro", SubnetId = a }
cso.aws.EC2.EIP("main", { after = { attachment } }) { Domain = "vpc", InstanceId = server, Tags = { Name = "one" } }
]], edits = {
    { from = 'InstanceId = server', to = 'InstanceId = other', update = { "EC2.EIP.main" } },
    { from = ' InstanceId = other,', to = "", update = { "EC2.EIP.main" } },
    { from = 'Domain = "vpc",', to = 'Domain = "vpc", InstanceId = server,', update = { "EC2.EIP.main" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.EIP.main" } },
  } }

  life.of { name = "EC2 NatGateway", playbook = IGW .. [[
local eip = cso.aws.EC2.EIP "main" { Domain = "vpc" }
local second = cso.aws.EC2.EIP "second" { Domain = "vpc" }
cso.aws.EC2.NatGateway("main", { after = { attachment } }) { SubnetId = a, AllocationId = eip,
  ConnectivityType = "public", MaxDrainDurationSeconds = 350, Tags = { Name = "one" } }
]], edits = {
    { from = "350", to = "400", update = { "EC2.NatGateway.main" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.NatGateway.main" } },
    { from = "AllocationId = eip", to = "AllocationId = second", replace = { "EC2.NatGateway.main" } },
    { from = "SubnetId = a", to = "SubnetId = b", replace = { "EC2.NatGateway.main" } },
  } }

  life.of { name = "EC2 private NatGateway", playbook = NET .. [[
cso.aws.EC2.NatGateway "main" { SubnetId = a, ConnectivityType = "private", PrivateIpAddress = "10.0.1.40" }
]], edits = {
    { from = "10.0.1.40", to = "10.0.1.41", replace = { "EC2.NatGateway.main" } },
  } }

  life.of { name = "EC2 RouteTable, Route and SubnetRouteTableAssociation", playbook = IGW .. [[
local nat = cso.aws.EC2.NatGateway "main" { SubnetId = b, ConnectivityType = "private" }
local public = cso.aws.EC2.RouteTable "public" { VpcId = vpc, Tags = { Name = "one" } }
local private = cso.aws.EC2.RouteTable "private" { VpcId = vpc }
cso.aws.EC2.Route("default", { after = { attachment } }) { RouteTableId = public, DestinationCidrBlock = "0.0.0.0/0",
  GatewayId = igw }
cso.aws.EC2.SubnetRouteTableAssociation "a" { SubnetId = a, RouteTableId = public }
]], edits = {
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.RouteTable.public" } },
    { from = "\n  GatewayId = igw", to = "\n  NatGatewayId = nat", update = { "EC2.Route.default" } },
    { from = "\n  NatGatewayId = nat", to = "\n  GatewayId = igw", update = { "EC2.Route.default" } },
    { from = '"0.0.0.0/0"', to = '"192.168.0.0/16"', replace = { "EC2.Route.default" } },
    { from = "RouteTableId = public, Dest", to = "RouteTableId = private, Dest", replace = { "EC2.Route.default" } },
    { from = "SubnetId = a, RouteTableId = public", to = "SubnetId = a, RouteTableId = private",
      replace = { "EC2.SubnetRouteTableAssociation.a" } },
    { from = "SubnetId = a, RouteTableId = private", to = "SubnetId = b, RouteTableId = private",
      replace = { "EC2.SubnetRouteTableAssociation.a" } },
  } }

  life.of { name = "EC2 VPCEndpoint of a gateway", playbook = NET .. [[
local one = cso.aws.EC2.RouteTable "one" { VpcId = vpc }
local two = cso.aws.EC2.RouteTable "two" { VpcId = vpc }
cso.aws.EC2.VPCEndpoint "s3" { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.s3", VpcEndpointType = "Gateway",
  RouteTableIds = { one }, PolicyDocument = { Version = "2012-10-17", Statement = {
    { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" } } }, Tags = { Name = "one" } }
]], edits = {
    { from = "RouteTableIds = { one }", to = "RouteTableIds = { two, one }", update = { "EC2.VPCEndpoint.s3" } },
    { from = "{ two, one }", to = "{ two }", update = { "EC2.VPCEndpoint.s3" } },
    { from = '"s3:GetObject"', to = '{ "s3:GetObject", "s3:PutObject" }', update = { "EC2.VPCEndpoint.s3" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.VPCEndpoint.s3" } },
    { from = "eu-west-2.s3", to = "eu-west-2.dynamodb", replace = { "EC2.VPCEndpoint.s3" } },
  } }

  life.of { name = "EC2 VPCEndpoint of an interface", playbook = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true }
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local one = cso.aws.EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local two = cso.aws.EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
cso.aws.EC2.VPCEndpoint "ssm" { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.ssm", VpcEndpointType = "Interface",
  SubnetIds = { a }, SecurityGroupIds = { one }, PrivateDnsEnabled = true }
]], edits = {
    { from = "SubnetIds = { a }", to = "SubnetIds = { a, b }", update = { "EC2.VPCEndpoint.ssm" } },
    { from = "SubnetIds = { a, b }", to = "SubnetIds = { b }", update = { "EC2.VPCEndpoint.ssm" } },
    { from = "{ one }", to = "{ two }", update = { "EC2.VPCEndpoint.ssm" } },
    { from = "PrivateDnsEnabled = true", to = "PrivateDnsEnabled = false", update = { "EC2.VPCEndpoint.ssm" } },
  } }
end)
