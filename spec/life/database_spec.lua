-- The lives of RDS's kinds.
local life = require "spec.life.harness"

describe("the life of", function()
  life.of { name = "RDS DBInstance, DBSubnetGroup and DBParameterGroup", playbook = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local EC2, RDS = cso.aws.EC2, cso.aws.RDS
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnets = {}
for i, zone in ipairs { "a", "b", "c" } do
  subnets[i] = EC2.Subnet(zone) { VpcId = vpc, CidrBlock = ("10.0.%d.0/24"):format(i),
    AvailabilityZone = "eu-west-2" .. zone }
end
local group = EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local other = EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
local password = cso.random.password "db" { length = 24, exclude = "\"@/\\ " }
cso.aws.SecretsManager.Secret "db" { Name = "life/database", SecretString = password.value }
local place = RDS.DBSubnetGroup "main" { DBSubnetGroupName = "life", DBSubnetGroupDescription = "one",
  SubnetIds = { subnets[1], subnets[2] }, Tags = { Name = "g" } }
local settings = RDS.DBParameterGroup "main" { DBParameterGroupName = "life", Description = "life", Family = "mysql8.0",
  Parameters = { max_connections = "100" } }
RDS.DBInstance("main", { timeouts = { create = "40m" } }) { DBInstanceIdentifier = "life", Engine = "mysql",
  EngineVersion = "8.0", DBInstanceClass = "db.t3.medium", AllocatedStorage = "50", StorageType = "gp3",
  MasterUsername = "app", MasterUserPassword = password.value, DBSubnetGroupName = place,
  DBParameterGroupName = settings, VPCSecurityGroups = { group.GroupId }, BackupRetentionPeriod = 7,
  PreferredBackupWindow = "02:00-03:00", PreferredMaintenanceWindow = "sun:05:00-sun:06:00", MultiAZ = false,
  DeletionProtection = false, StorageEncrypted = true, Tags = { Name = "db" } }
]], edits = {
    { from = 'DBSubnetGroupDescription = "one"', to = 'DBSubnetGroupDescription = "two"',
      update = { "RDS.DBSubnetGroup.main" } },
    { from = "{ subnets[1], subnets[2] }", to = "{ subnets[1], subnets[2], subnets[3] }",
      update = { "RDS.DBSubnetGroup.main" } },
    { from = 'Name = "g"', to = 'Name = "h"', update = { "RDS.DBSubnetGroup.main" } },
    { from = 'max_connections = "100"', to = 'max_connections = "200"', update = { "RDS.DBParameterGroup.main" } },
    { from = '"db.t3.medium"', to = '"db.t3.large"', update = { "RDS.DBInstance.main" } },
    { from = 'AllocatedStorage = "50"', to = 'AllocatedStorage = "100"', update = { "RDS.DBInstance.main" } },
    { from = "BackupRetentionPeriod = 7", to = "BackupRetentionPeriod = 14", update = { "RDS.DBInstance.main" } },
    { from = '"02:00-03:00"', to = '"01:00-02:00"', update = { "RDS.DBInstance.main" } },
    { from = "{ group.GroupId }", to = "{ other.GroupId }", update = { "RDS.DBInstance.main" } },
    { from = "MultiAZ = false", to = "MultiAZ = true", update = { "RDS.DBInstance.main" } },
    { from = 'Name = "db"', to = 'Name = "base"', update = { "RDS.DBInstance.main" } },
    { from = 'DBInstanceIdentifier = "life"', to = 'DBInstanceIdentifier = "life-2"', replace = { "RDS.DBInstance.main" } },
  } }
end)
