-- The lives of types that have no kind of their own: Cloud Control carries them.
local life = require "spec.life.harness"

local NOT_AWS = "moto has no Cloud Control"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
]]

describe("the life of", function()
  life.of { name = "SQS Queue", sim_only = NOT_AWS, playbook = HEAD .. [[
local dead = cso.aws.SQS.Queue "dead" { QueueName = "dead" }
cso.aws.SQS.Queue "main" { QueueName = "main", VisibilityTimeout = 60, DelaySeconds = 5,
  RedrivePolicy = { deadLetterTargetArn = dead.Arn, maxReceiveCount = 3 }, Tags = { Name = "one" } }
]], edits = {
    { from = "VisibilityTimeout = 60", to = "VisibilityTimeout = 90", update = { "SQS.Queue.main" } },
    { from = " DelaySeconds = 5,", to = "", update = { "SQS.Queue.main" } },
    { from = "maxReceiveCount = 3", to = "maxReceiveCount = 5", update = { "SQS.Queue.main" } },
    { from = 'Name = "one"', to = 'Name = "two", More = "x"', update = { "SQS.Queue.main" } },
    { from = ', More = "x"', to = "", update = { "SQS.Queue.main" } },
    { from = ', Tags = { Name = "two" }', to = "", update = { "SQS.Queue.main" } },
    { from = '"main", Vis', to = '"second", Vis', replace = { "SQS.Queue.main" } },
  } }

  life.of { name = "group of instances", sim_only = NOT_AWS, playbook = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnet = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local template = cso.aws.EC2.LaunchTemplate "main" { LaunchTemplateData = { InstanceType = "t3.micro",
  TagSpecifications = { { ResourceType = "instance", Tags = { Name = "one" } } } } }
cso.aws.AutoScaling.AutoScalingGroup "main" { MinSize = "0", MaxSize = "1", VPCZoneIdentifier = { subnet },
  LaunchTemplate = { LaunchTemplateId = template.LaunchTemplateId, Version = "1" },
  Tags = { Name = "group", Kept = { Value = "x", PropagateAtLaunch = false } } }
]], edits = {
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EC2.LaunchTemplate.main" } },
    { from = "PropagateAtLaunch = false", to = "PropagateAtLaunch = true", update = { "AutoScaling.AutoScalingGroup.main" } },
    { from = 'Name = "group"', to = 'Name = { Value = "group", PropagateAtLaunch = false }',
      update = { "AutoScaling.AutoScalingGroup.main" } },
    { from = ', Kept = { Value = "x", PropagateAtLaunch = true }', to = "", update = { "AutoScaling.AutoScalingGroup.main" } },
  } }

  life.of { name = "DynamoDB Table", sim_only = NOT_AWS, playbook = HEAD .. [[
cso.aws.DynamoDB.Table "main" { TableName = "main", BillingMode = "PROVISIONED",
  AttributeDefinitions = { { AttributeName = "id", AttributeType = "S" } },
  KeySchema = { { AttributeName = "id", KeyType = "HASH" } },
  ProvisionedThroughput = { ReadCapacityUnits = 1, WriteCapacityUnits = 1 },
  TimeToLiveSpecification = { AttributeName = "until", Enabled = true } }
]], edits = {
    { from = "ReadCapacityUnits = 1", to = "ReadCapacityUnits = 2", update = { "DynamoDB.Table.main" } },
    { from = ',\n  TimeToLiveSpecification = { AttributeName = "until", Enabled = true }', to = "",
      update = { "DynamoDB.Table.main" } },
    { from = '"PROVISIONED"', to = '"PAY_PER_REQUEST"', update = { "DynamoDB.Table.main" } },
    { from = '{ AttributeName = "id", KeyType = "HASH" }', to = '{ AttributeName = "id2", KeyType = "HASH" }',
      replace = { "DynamoDB.Table.main" } },
  } }

  life.of { name = "ECS Cluster, ECR Repository, Events Rule", sim_only = NOT_AWS, playbook = HEAD .. [[
cso.aws.ECS.Cluster "main" { ClusterName = "main", ClusterSettings = { { Name = "containerInsights", Value = "enabled" } } }
cso.aws.ECR.Repository "main" { RepositoryName = "main", ImageTagMutability = "MUTABLE",
  ImageScanningConfiguration = { ScanOnPush = true } }
cso.aws.Events.Rule "main" { Name = "main", ScheduleExpression = "rate(5 minutes)", State = "ENABLED" }
]], edits = {
    { from = '"enabled"', to = '"disabled"', update = { "ECS.Cluster.main" } },
    { from = '"MUTABLE"', to = '"IMMUTABLE"', update = { "ECR.Repository.main" } },
    { from = "rate(5", to = "rate(9", update = { "Events.Rule.main" } },
    { from = '"main", ClusterS', to = '"other", ClusterS', replace = { "ECS.Cluster.main" } },
  } }

  life.of { name = "Lambda Function", sim_only = NOT_AWS, playbook = HEAD .. [[
local role = cso.aws.IAM.Role "fn" { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = {
  { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" } } } }
cso.aws.Lambda.Function "main" { FunctionName = "main", Role = role.Arn, Runtime = "python3.12", Handler = "index.main",
  Code = { ZipFile = "def main(e, c): return 1" }, MemorySize = 128, Environment = { Variables = { A = "1", B = "2" } } }
]], edits = {
    { from = "MemorySize = 128", to = "MemorySize = 256", update = { "Lambda.Function.main" } },
    { from = 'A = "1"', to = 'A = "2"', update = { "Lambda.Function.main" } },
    { from = ', B = "2"', to = "", update = { "Lambda.Function.main" } },
    { from = "return 1", to = "return 2", update = { "Lambda.Function.main" } },
  } }

  life.of { name = "ElasticLoadBalancingV2 LoadBalancer with a property that its kind does not know", sim_only = NOT_AWS,
    playbook = HEAD .. [[
cso.aws.ElasticLoadBalancingV2.LoadBalancer "main" { Name = "main", Subnets = { "subnet-1", "subnet-2" },
  MinimumLoadBalancerCapacity = { CapacityUnits = 100 }, Tags = { Name = "one" } }
]], edits = {
    { from = "CapacityUnits = 100", to = "CapacityUnits = 200", update = { "ElasticLoadBalancingV2.LoadBalancer.main" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "ElasticLoadBalancingV2.LoadBalancer.main" } },
    { from = '"main", Subnets', to = '"second", Subnets', replace = { "ElasticLoadBalancingV2.LoadBalancer.main" } },
  } }
end)
