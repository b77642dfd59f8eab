-- One of nearly each kind that moto knows, for judges that can't afford a whole environment: it is killed at
-- every call, loses each of its things behind csorun's back, and lives in states that are shared.
local cso = require "cso"
local aws = cso.aws
local EC2, ELB, IAM = aws.EC2, aws.ElasticLoadBalancingV2, aws.IAM

cso.stack { name = "each", tags = { Service = "each" } }
local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" } }

local function allows(service, action)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = action,
    Principal = service and { Service = service } or nil, Resource = not service and "*" or nil } } }
end

local vpc = EC2.VPC "main" { CidrBlock = env.cidr, EnableDnsHostnames = true }
local a = EC2.Subnet "a" { VpcId = vpc, CidrBlock = cso.cidr.subnet(env.cidr, 8, 1), AvailabilityZone = "eu-west-2a" }
local b = EC2.Subnet "b" { VpcId = vpc, CidrBlock = cso.cidr.subnet(env.cidr, 8, 2), AvailabilityZone = "eu-west-2b" }
local gateway = EC2.InternetGateway "gw" {}
local attached = EC2.VPCGatewayAttachment "gw" { VpcId = vpc, InternetGatewayId = gateway }
local routes = EC2.RouteTable "public" { VpcId = vpc }
EC2.Route("out", { after = { attached } }) {
  RouteTableId = routes, DestinationCidrBlock = "0.0.0.0/0", GatewayId = gateway }
EC2.SubnetRouteTableAssociation "a" { SubnetId = a, RouteTableId = routes }
local address = EC2.EIP("nat", { after = { attached } }) { Domain = "vpc" }
EC2.NatGateway("nat", { after = { attached } }) { SubnetId = a, AllocationId = address.AllocationId }
EC2.VPCEndpoint "s3" { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.s3", VpcEndpointType = "Gateway",
  RouteTableIds = { routes } }

local web = EC2.SecurityGroup "web" { GroupDescription = "web", VpcId = vpc, SecurityGroupIngress = {
  { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = "10.0.0.0/8", Description = "https" } } }
local inner = EC2.SecurityGroup "inner" { GroupDescription = "inner", VpcId = vpc }
EC2.SecurityGroupIngress "inner" { GroupId = inner, IpProtocol = "tcp", FromPort = 3306, ToPort = 3306,
  SourceSecurityGroupId = web }

local role = IAM.Role "app" { AssumeRolePolicyDocument = allows("ec2.amazonaws.com", "sts:AssumeRole"),
  ManagedPolicyArns = { "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" } }
IAM.RolePolicy "app" { RoleName = role, PolicyName = "app", PolicyDocument = allows(nil, "s3:ListAllMyBuckets") }
local profile = IAM.InstanceProfile "app" { Roles = { role } }
local flow = IAM.Role "flow" { AssumeRolePolicyDocument = allows("vpc-flow-logs.amazonaws.com", "sts:AssumeRole") }

local key = aws.KMS.Key "main" { Description = "each", EnableKeyRotation = true }
aws.KMS.Alias "main" { AliasName = "alias/each", TargetKeyId = key }
local bucket = aws.S3.Bucket "files" { BucketName = "each-files", VersioningConfiguration = { Status = "Enabled" },
  BucketEncryption = { ServerSideEncryptionConfiguration = { {
    ServerSideEncryptionByDefault = { SSEAlgorithm = "aws:kms", KMSMasterKeyID = key.Arn } } } } }
aws.S3.BucketPolicy "files" { Bucket = bucket, PolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Principal = { AWS = role.Arn }, Action = "s3:GetObject", Resource = bucket.Arn .. "/*" } } } }
for _, name in ipairs { "one", "two" } do
  cso.s3.Object(name) { Bucket = bucket, Key = "deep/" .. name, Content = name .. "\n" }
end

local password = cso.random.password "db" { length = 24, exclude = "\"@/\\ " }
aws.SecretsManager.Secret "db" { Name = "each/db", SecretString = password.value }
local group = aws.RDS.DBSubnetGroup "db" { DBSubnetGroupDescription = "db", SubnetIds = { a, b } }
local parameters = aws.RDS.DBParameterGroup "db" { Family = "mysql8.0", Description = "db",
  Parameters = { max_connections = "100" } }
local db = aws.RDS.DBInstance "db" { Engine = "mysql", DBInstanceClass = "db.t3.medium", AllocatedStorage = "20",
  MasterUsername = "app", MasterUserPassword = password.value, DBSubnetGroupName = group,
  DBParameterGroupName = parameters, VPCSecurityGroups = { inner } }
local files = aws.EFS.FileSystem "files" { Encrypted = true }
aws.EFS.MountTarget "a" { FileSystemId = files, SubnetId = a, SecurityGroups = { inner } }
aws.EFS.AccessPoint "app" { FileSystemId = files, PosixUser = { Uid = "1000", Gid = "1000" } }

local server = EC2.Instance "app" { ImageId = "ami-12c6146b", InstanceType = "t3.micro", SubnetId = a,
  IamInstanceProfile = profile, SecurityGroupIds = { inner }, Tags = { Name = "app" },
  UserData = (cso.fmt("#!/bin/sh\necho %s\n", db.Endpoint.Address)):base64() }
local disk = EC2.Volume "data" { AvailabilityZone = "eu-west-2a", Size = 10, VolumeType = "gp3" }
EC2.VolumeAttachment "data" { InstanceId = server, VolumeId = disk, Device = "/dev/sdf" }
local balancer = ELB.LoadBalancer "web" { Scheme = "internal", Subnets = { a, b }, SecurityGroups = { web } }
local targets = ELB.TargetGroup "web" { Port = 80, Protocol = "HTTP", VpcId = vpc, Targets = { { Id = server, Port = 80 } } }
local listener = ELB.Listener "http" { LoadBalancerArn = balancer, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = targets } } }
ELB.ListenerRule "api" { ListenerArn = listener, Priority = 10, Conditions = { { Field = "path-pattern",
  PathPatternConfig = { Values = { "/api/*" } } } }, Actions = { { Type = "forward", TargetGroupArn = targets } } }

local zone = aws.Route53.HostedZone "inner" { Name = "each.internal", VPCs = { { VPCId = vpc, VPCRegion = "eu-west-2" } } }
aws.Route53.RecordSet "db" { HostedZoneId = zone, Name = "db.each.internal", Type = "CNAME", TTL = "60",
  ResourceRecords = { db.Endpoint.Address } }
local log = aws.Logs.LogGroup "app" { LogGroupName = "/each/app", RetentionInDays = 7 }
EC2.FlowLog "main" { ResourceId = vpc, ResourceType = "VPC", TrafficType = "ALL", LogGroupName = log,
  DeliverLogsPermissionArn = flow.Arn }
local topic = aws.SNS.Topic "alarms" { TopicName = "each" }
aws.SNS.Subscription "ops" { TopicArn = topic, Protocol = "email", Endpoint = "ops@example.com" }
aws.CloudWatch.Alarm "cpu" { AlarmName = "each-cpu", Namespace = "AWS/EC2", MetricName = "CPUUtilization",
  Statistic = "Average", Period = 60, EvaluationPeriods = 2, Threshold = 80, ComparisonOperator = "GreaterThanThreshold",
  Dimensions = { { Name = "InstanceId", Value = server.InstanceId } }, AlarmActions = { topic } }
aws.SSM.Parameter "host" { Name = "/each/db/host", Type = "String", Value = db.Endpoint.Address }
local people = aws.Cognito.UserPool "people" { UserPoolName = "each" }
aws.Cognito.UserPoolClient "web" { UserPoolId = people, ClientName = "web" }
aws.Backup.BackupVault "main" { BackupVaultName = "each" }

cso.output { database = db.Endpoint.Address, web = balancer.DNSName }
