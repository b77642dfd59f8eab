-- A small stack with one of everything that an interrupted run could leave behind.
local cso = require "cso"
local aws = cso.aws
local EC2, ELB, IAM, KMS = aws.EC2, aws.ElasticLoadBalancingV2, aws.IAM, aws.KMS
cso.stack { name = "net", tags = { Team = "spec" } }

local image = cso.api.ssm {}:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value

local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true }
local a = EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = "10.0.0.0/24" }
local b = EC2.Subnet "b" { VpcId = vpc, AvailabilityZone = "eu-west-2b", CidrBlock = "10.0.1.0/24" }
local gateway = EC2.InternetGateway "main" {}
local attached = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
local address = EC2.EIP("nat", { after = { attached } }) { Domain = "vpc" }
local nat = EC2.NatGateway("nat", { after = { attached } }) { SubnetId = a, AllocationId = address.AllocationId }
local routes = EC2.RouteTable "b" { VpcId = vpc }
EC2.Route "b" { RouteTableId = routes, DestinationCidrBlock = "0.0.0.0/0", NatGatewayId = nat }
EC2.SubnetRouteTableAssociation "b" { SubnetId = b, RouteTableId = routes }

local web = EC2.SecurityGroup "web" {
  VpcId = vpc, GroupDescription = "web",
  SecurityGroupIngress = {
    { IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "0.0.0.0/0", Description = "http" },
    { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = "0.0.0.0/0", Description = "https" },
  },
}
local role = IAM.Role "web" { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } } }
IAM.RolePolicy "web" { RoleName = role, PolicyName = "read", PolicyDocument = { Version = "2012-10-17",
  Statement = { { Effect = "Allow", Action = "s3:GetObject", Resource = "*" } } } }
local profile = IAM.InstanceProfile "web" { Roles = { role } }
local key = KMS.Key "main" { Description = "everything", EnableKeyRotation = true }
KMS.Alias "main" { AliasName = "alias/net", TargetKeyId = key }
local password = cso.random.password "db" { length = 20 }
aws.SecretsManager.Secret "db" { Name = "net/db", SecretString = password.value, KmsKeyId = key.Arn }

local group = ELB.TargetGroup "web" { Port = 80, Protocol = "HTTP", VpcId = vpc }
local alb = ELB.LoadBalancer("web", { after = { attached } }) { Subnets = { a, b }, SecurityGroups = { web } }
ELB.Listener "http" { LoadBalancerArn = alb, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = group } } }
EC2.Instance "web" { ImageId = image, InstanceType = "t3.small", SubnetId = b, SecurityGroupIds = { web },
  IamInstanceProfile = profile }
cso.output { url = alb.DNSName, password = cso.secret(password.value) }
