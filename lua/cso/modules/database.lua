-- The database: RDS MySQL with its subnet group, parameters and the role of enhanced monitoring.
--
-- db.c5.4xlarge, which the low-level design names for production, does not exist: RDS has no c5
-- family. db.m6i.4xlarge has the same 16 vCPUs (and 64 GiB instead of 32) and is offered in
-- eu-west-2 for MySQL 8.0. max_connections is written down (twice the design's baseline of
-- connections), so that the alarms on "percent of max" have a figure to stand on.
local cso = require "cso"
local IAM, RDS = cso.aws.IAM, cso.aws.RDS

local SIZES = {
  production = { class = "db.m6i.4xlarge", connections = 1000, backup_days = 30 },
  development = { class = "db.t3.2xlarge", connections = 100, backup_days = 7 },
}

return cso.module {
  inputs = {
    name = cso.t.string,
    prod = cso.t.boolean { default = false },
    ha = cso.t.boolean { default = false },
    subnets = cso.t.list(cso.t.resource("EC2.Subnet")),
    group = cso.t.resource("EC2.SecurityGroup"),
    key = cso.t.resource("KMS.Key"),
    password = cso.t.any,
    class = cso.t.string { optional = true }, -- another instance class than the table's
    engine_version = cso.t.string { default = "8.0.42" },
    backup_window = cso.t.string { default = "03:00-04:00" },
    maintenance_window = cso.t.string { default = "sun:04:00-sun:05:00" },
    protect = cso.t.boolean { default = false },
    final_snapshot = cso.t.boolean { default = false }, -- taken when it is destroyed
  },
  build = function(inp)
    local size = SIZES[inp.prod and "production" or "development"]
    local subnets = RDS.DBSubnetGroup "main" {
      DBSubnetGroupName = inp.name .. "-db",
      DBSubnetGroupDescription = inp.name .. " portal: private subnets",
      SubnetIds = inp.subnets,
    }
    local parameters = RDS.DBParameterGroup "main" {
      DBParameterGroupName = inp.name .. "-db", Description = inp.name .. " portal",
      Family = "mysql8.0",
      Parameters = {
        character_set_server = "utf8mb4", max_connections = tostring(size.connections),
        slow_query_log = "1", long_query_time = "2",
      },
    }
    local role = IAM.Role "monitoring" {
      RoleName = inp.name .. "-rds-monitoring",
      Description = "enhanced monitoring of the portal's database",
      AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
        Effect = "Allow", Action = "sts:AssumeRole",
        Principal = { Service = "monitoring.rds.amazonaws.com" },
      } } },
      ManagedPolicyArns = {
        "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
      },
    }
    local options = {
      protect = inp.protect, retain = inp.final_snapshot and "snapshot" or nil,
      timeouts = { create = "60m", delete = "60m" },
      policy = { skip = {
        ["CSO-RDS-004"] = "the environment's `protect` decides; without it, destroy is meant and keeps a last snapshot",
        ["CSO-RDS-005"] = "the environment's `ha` decides",
      } },
    }
    local instance = RDS.DBInstance("main", options) {
      DBInstanceIdentifier = inp.name .. "-db", DBInstanceClass = inp.class or size.class,
      Engine = "mysql", EngineVersion = inp.engine_version,
      -- The version is a decision of ours, not of a maintenance window.
      AutoMinorVersionUpgrade = false,
      AllocatedStorage = "50", MaxAllocatedStorage = 1000, StorageType = "gp3",
      StorageEncrypted = true, KmsKeyId = inp.key.Arn, MultiAZ = inp.ha, PubliclyAccessible = false,
      MasterUsername = "admin", MasterUserPassword = inp.password,
      DBSubnetGroupName = subnets, VPCSecurityGroups = { inp.group },
      DBParameterGroupName = parameters,
      BackupRetentionPeriod = size.backup_days, PreferredBackupWindow = inp.backup_window,
      PreferredMaintenanceWindow = inp.maintenance_window, CopyTagsToSnapshot = true,
      EnablePerformanceInsights = true, MonitoringInterval = 60, MonitoringRoleArn = role.Arn,
      EnableCloudwatchLogsExports = { "error", "slowquery" },
      DeletionProtection = inp.protect,
      Tags = { Name = inp.name .. "-db" },
    }
    return {
      instance = instance, subnets = subnets, parameters = parameters,
      connections = size.connections, storage = 50, backup_days = size.backup_days,
    }
  end,
}
