-- The lives of RDS's kinds.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local c = cso.aws.EC2.Subnet "c" { VpcId = vpc, CidrBlock = "10.0.3.0/24", AvailabilityZone = "eu-west-2c" }
local one = cso.aws.EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local two = cso.aws.EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
]]

local DB, GROUP, PARAMETERS = { "RDS.DBInstance.main" }, { "RDS.DBSubnetGroup.main" }, { "RDS.DBParameterGroup.main" }

describe("the life of", function()
  life.of { name = "RDS DBSubnetGroup", playbook = HEAD .. [[
cso.aws.RDS.DBSubnetGroup "main" { DBSubnetGroupName = "Main", DBSubnetGroupDescription = "one", SubnetIds = { a, b },
  Tags = { Name = "one" } }
]], edits = {
    { from = '"one", SubnetIds', to = '"two", SubnetIds', update = GROUP },
    { from = "{ a, b }", to = "{ c, a, b }", update = GROUP },
    { from = "{ c, a, b }", to = "{ c, b }", update = GROUP },
    { from = 'Name = "one"', to = 'Name = "two"', update = GROUP },
    { from = '"Main"', to = '"second"', replace = GROUP },
  } }

  life.of { name = "RDS DBParameterGroup", playbook = HEAD .. [[
cso.aws.RDS.DBParameterGroup "main" { DBParameterGroupName = "main", Description = "one", Family = "mysql8.0",
  Parameters = { max_connections = "100", innodb_buffer_pool_instances = "4" }, Tags = { Name = "one" } }
]], edits = {
    { from = '"100"', to = '"200"', update = PARAMETERS },
    { from = '"4"', to = '"8"', update = PARAMETERS },
    { from = ', innodb_buffer_pool_instances = "8"', to = "", update = PARAMETERS },
    { from = 'max_connections = "200"', to = 'slow_query_log = "1"', update = PARAMETERS },
    { from = '\n  Parameters = { slow_query_log = "1" },', to = "", update = PARAMETERS },
    { from = 'Name = "one"', to = 'Name = "two"', update = PARAMETERS },
    { from = '"one", Family', to = '"two", Family', replace = PARAMETERS },
    { from = '"main", Desc', to = '"second", Desc', replace = PARAMETERS },
  } }

  life.of { name = "RDS DBInstance", playbook = HEAD .. [[
local group = cso.aws.RDS.DBSubnetGroup "main" { DBSubnetGroupDescription = "main", SubnetIds = { a, b } }
local first = cso.aws.RDS.DBParameterGroup "first" { Description = "first", Family = "mysql8.0" }
local second = cso.aws.RDS.DBParameterGroup "second" { Description = "second", Family = "mysql8.0" }
cso.aws.RDS.DBInstance "main" { DBInstanceIdentifier = "Main", Engine = "mysql", EngineVersion = "8.0",
  DBInstanceClass = "db.t3.medium",
  AllocatedStorage = "20", StorageType = "gp3", MaxAllocatedStorage = 100,
  MasterUsername = "admin", MasterUserPassword = "opensesame1",
  DBName = "app", DBSubnetGroupName = group, VPCSecurityGroups = { one }, DBParameterGroupName = first, MultiAZ = false,
  BackupRetentionPeriod = 7, PreferredBackupWindow = "03:00-03:30", PreferredMaintenanceWindow = "sun:04:00-sun:05:00",
  StorageEncrypted = true, DeletionProtection = false, CopyTagsToSnapshot = true, AutoMinorVersionUpgrade = true,
  PubliclyAccessible = false, EnableCloudwatchLogsExports = { "error" }, Port = "3306", Tags = { Name = "one" } }
]], edits = {
    { from = "db.t3.medium", to = "db.t3.large", update = DB },
    { from = 'AllocatedStorage = "20"', to = 'AllocatedStorage = "40"', update = DB },
    { from = 'Port = "3306"', to = 'Port = "3306", EngineLifecycleSupport = "open-source-rds-extended-support-disabled"',
      update = DB },
    { from = 'Port = "3306"', to = 'Port = "3306", MasterUserAuthenticationType = "password"', update = DB },
    { from = "MaxAllocatedStorage = 100", to = "MaxAllocatedStorage = 200", update = DB },
    { from = '"opensesame1"', to = '"opensesame2"', update = DB },
    { from = "VPCSecurityGroups = { one }", to = "VPCSecurityGroups = { two, one }", update = DB },
    { from = "DBParameterGroupName = first", to = "DBParameterGroupName = second", update = DB },
    { from = "MultiAZ = false", to = "MultiAZ = true", update = DB },
    { from = " MultiAZ = true,", to = "", update = DB },
    { from = "BackupRetentionPeriod = 7", to = "BackupRetentionPeriod = 14", update = DB },
    { from = "03:00-03:30", to = "02:00-02:30", update = DB },
    { from = "sun:04:00-sun:05:00", to = "mon:04:00-mon:05:00", update = DB },
    { from = "DeletionProtection = false", to = "DeletionProtection = true", update = DB },
    { from = "DeletionProtection = true, ", to = "", update = DB },
    { from = "CopyTagsToSnapshot = true", to = "CopyTagsToSnapshot = false", update = DB },
    { from = "AutoMinorVersionUpgrade = true", to = "AutoMinorVersionUpgrade = false", update = DB },
    { from = "PubliclyAccessible = false", to = "PubliclyAccessible = true", update = DB },
    { from = '{ "error" }', to = '{ "slowquery", "error" }', update = DB },
    { from = ' EnableCloudwatchLogsExports = { "slowquery", "error" },', to = "", update = DB },
    { from = 'Name = "one"', to = 'Name = "two"', update = DB },
    { from = "StorageEncrypted = true", to = "StorageEncrypted = false", replace = DB },
    { from = 'DBName = "app"', to = 'DBName = "shop"', replace = DB },
    { from = '"Main"', to = '"second"', replace = DB },
  } }

  life.of { name = "RDS DBInstance that makes its own password", playbook = HEAD .. [[
local group = cso.aws.RDS.DBSubnetGroup "main" { DBSubnetGroupDescription = "main", SubnetIds = { a, b } }
cso.aws.RDS.DBInstance "main" { Engine = "mysql", DBInstanceClass = "db.t3.medium", AllocatedStorage = 20,
  MasterUsername = "admin",
  ManageMasterUserPassword = true, DBSubnetGroupName = group, StorageType = "gp2" }
]], edits = {
    { from = '"gp2"', to = '"gp3"', update = DB },
    { from = "ManageMasterUserPassword = true", to = 'MasterUserPassword = "a-password"', update = DB },
    { from = 'MasterUserPassword = "a-password"', to = "ManageMasterUserPassword = true", update = DB },
    { from = '"admin"', to = '"chief"', replace = DB },
  } }
end)
