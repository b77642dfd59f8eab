-- An account of the common types, for import.sh: it is made, forgotten, found again.
local cso = require "cso"
local EC2 = cso.aws.EC2
cso.stack { name = "core" }
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true, Tags = { Name = "core" } }
local a = EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local gw = EC2.InternetGateway "gw" {}
EC2.VPCGatewayAttachment "gw" { VpcId = vpc, InternetGatewayId = gw }
local rt = EC2.RouteTable "public" { VpcId = vpc }
EC2.Route "out" { RouteTableId = rt, DestinationCidrBlock = "0.0.0.0/0", GatewayId = gw }
EC2.SubnetRouteTableAssociation "a" { SubnetId = a, RouteTableId = rt }
local web = EC2.SecurityGroup "web" { GroupDescription = "web", VpcId = vpc, SecurityGroupIngress = {
  { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = "0.0.0.0/0" } } }
local db = EC2.SecurityGroup "db" { GroupDescription = "db", VpcId = vpc }
EC2.SecurityGroupIngress "db" { GroupId = db, SourceSecurityGroupId = web, IpProtocol = "tcp",
  FromPort = 3306, ToPort = 3306 }
EC2.Instance "box" { ImageId = "ami-12c6146b", InstanceType = "t3.micro", SubnetId = a,
  SecurityGroupIds = { web }, Tags = { Name = "box" } }
local lb = cso.aws.ElasticLoadBalancingV2.LoadBalancer "lb" { Scheme = "internal", Subnets = { a, b },
  SecurityGroups = { web } }
local tg = cso.aws.ElasticLoadBalancingV2.TargetGroup "tg" { Port = 80, Protocol = "HTTP", VpcId = vpc }
cso.aws.ElasticLoadBalancingV2.Listener "l" { LoadBalancerArn = lb, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = tg } } }
cso.aws.IAM.Role "r" { AssumeRolePolicyDocument = { Version = "2012-10-17",
  Statement = { { Effect = "Allow", Action = "sts:AssumeRole",
  Principal = { Service = "ec2.amazonaws.com" } } } },
  Policies = { { PolicyName = "p", PolicyDocument = { Version = "2012-10-17",
  Statement = { { Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" } } } } } }
local key = cso.aws.KMS.Key "k" { Description = "core key" }
cso.aws.KMS.Alias "k" { AliasName = "alias/core", TargetKeyId = key }
cso.aws.S3.Bucket "b" { BucketName = "core-import-bucket", VersioningConfiguration = { Status = "Enabled" } }
cso.aws.SNS.Topic "t" { TopicName = "core" }
cso.aws.Logs.LogGroup "l" { LogGroupName = "/core", RetentionInDays = 7 }
cso.aws.SSM.Parameter "p" { Name = "/core/p", Type = "String", Value = "v" }
cso.aws.SecretsManager.Secret "s" { Name = "core", SecretString = "x-secret-x" }
cso.aws.RDS.DBSubnetGroup "g" { DBSubnetGroupDescription = "g", SubnetIds = { a, b } }
local zone = cso.aws.Route53.HostedZone "z" { Name = "core.example.com" }
cso.aws.Route53.RecordSet "r" { HostedZoneId = zone, Name = "www.core.example.com", Type = "A",
  TTL = "60", ResourceRecords = { "10.0.0.1" } }
