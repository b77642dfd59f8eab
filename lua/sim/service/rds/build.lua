--- Makes a DB instance, from what a request says of it or what a snapshot was taken of.
local base = require "sim.service.rds.base"
local check = require "sim.service.rds.check"
local engine = require "sim.service.rds.engine"
local interface = require "sim.service.ec2.interface"

local ports = { mysql = 3306, mariadb = 3306, postgres = 5432 }

--- The row of a new instance, saved.
---@param ctx table
---@param name string      checked, in lower case
---@param input table      as CreateDBInstance takes it, checked
---@param version string   the engine's, in full
---@return table row
return function(ctx, name, input, version)
  local group = input.DBSubnetGroupName and base.need(ctx, "DBSubnetGroup", input.DBSubnetGroupName)
  if not group then ctx:fail("InvalidVPCNetworkStateFault", "No default VPC: name a DB subnet group.") end
  local family = engine.family(input.Engine, version)
  local parameters = (input.DBParameterGroupName or ("default." .. family)):lower()
  if not parameters:match("^default%.") then
    local pg = base.need(ctx, "DBParameterGroup", parameters)
    if pg.DBParameterGroupFamily ~= family then
      ctx:fail("InvalidParameterCombination",
        ("The Parameter Group %s with DBParameterGroupFamily %s can't be used for this instance. "
          .. "Please use a Parameter Group with DBParameterGroupFamily %s"):format(
        parameters, pg.DBParameterGroupFamily, family))
    end
  end
  local subnet = group.Subnets[1].SubnetIdentifier
  for _, s in ipairs(group.Subnets) do
    if s.SubnetAvailabilityZone.Name == input.AvailabilityZone then subnet = s.SubnetIdentifier end
  end
  local groups = check.groups(ctx, input.VpcSecurityGroupIds, group.VpcId)
  local eni = interface.create(ctx:of("ec2"), { subnet = subnet, groups = groups, requester = "amazon-rds",
    description = "RDSNetworkInterface" })
  interface.attach(ctx:of("ec2"), eni, { InstanceOwnerId = "amazon-rds", DeviceIndex = 1, DeleteOnTermination = false })
  local port = input.Port or ports[input.Engine]
  local row = {
    DBInstanceIdentifier = name, DBInstanceClass = input.DBInstanceClass, Engine = input.Engine, EngineVersion = version,
    MasterUsername = input.MasterUsername, DBName = input.DBName, AllocatedStorage = input.AllocatedStorage,
    MaxAllocatedStorage = input.MaxAllocatedStorage, StorageType = input.StorageType or "gp2",
      StorageEncrypted = input.StorageEncrypted or false,
    KmsKeyId = check.key(ctx, input.KmsKeyId, input.StorageEncrypted), Iops = input.Iops or (input.StorageType == "gp3"
      and 3000 or nil),
    StorageThroughput = input.StorageThroughput or (input.StorageType == "gp3" and 125 or nil), MultiAZ = input.MultiAZ or false,
    AvailabilityZone = eni.AvailabilityZone,
    Endpoint = { Address = ("%s.%s.%s.rds.amazonaws.com"):format(name, "c" .. ctx.ids:hex(11), ctx.region), Port = port,
      HostedZoneId = "Z1TTGA775OQIYO" },
    InstanceCreateTime = ctx.now, PreferredBackupWindow = input.PreferredBackupWindow or "03:10-03:40",
    PreferredMaintenanceWindow = (input.PreferredMaintenanceWindow or "sun:05:00-sun:05:30"):lower(),
      BackupRetentionPeriod = input.BackupRetentionPeriod or 1,
    DBSecurityGroups = {}, PubliclyAccessible = input.PubliclyAccessible or false,
      AutoMinorVersionUpgrade = input.AutoMinorVersionUpgrade ~= false,
    LicenseModel = input.Engine == "postgres" and "postgresql-license" or "general-public-license",
      DeletionProtection = input.DeletionProtection or false,
    PerformanceInsightsEnabled = input.EnablePerformanceInsights or false, CopyTagsToSnapshot = input.CopyTagsToSnapshot or false,
    PerformanceInsightsRetentionPeriod = input.EnablePerformanceInsights and (input.PerformanceInsightsRetentionPeriod or 7)
      or nil,
    PerformanceInsightsKMSKeyId = input.PerformanceInsightsKMSKeyId, MonitoringInterval = input.MonitoringInterval or 0,
      MonitoringRoleArn = input.MonitoringRoleArn,
    IAMDatabaseAuthenticationEnabled = input.EnableIAMDatabaseAuthentication or false,
      EnabledCloudwatchLogsExports = input.EnableCloudwatchLogsExports,
    CACertificateIdentifier = input.CACertificateIdentifier or "rds-ca-rsa2048-g1", DbiResourceId = "db-"
      .. ctx.ids:text(26):upper(),
    DBInstanceArn = ctx:arn("db:" .. name), PendingModifiedValues = {}, ReadReplicaDBInstanceIdentifiers = {},
      DomainMemberships = {},
    OptionGroupMemberships = { { OptionGroupName = input.OptionGroupName or ("default:" .. family:gsub("%.", "-")),
      Status = "in-sync" } },
    NetworkType = "IPV4", StorageThroughputUnit = nil, DatabaseInsightsMode = input.DatabaseInsightsMode or "standard",
      DedicatedLogVolume = false,
    CustomerOwnedIpEnabled = false, BackupTarget = "region", DbInstancePort = 0,
      EngineLifecycleSupport = input.EngineLifecycleSupport or "open-source-rds-extended-support",
    _group = group.DBSubnetGroupName, _parameters = parameters, _groups = groups, _subnet = subnet,
      _interface = eni.NetworkInterfaceId, _tags = input.Tags or {},
  }
  check.standby(row, group)
  ctx:phases(row, "creating", input.MultiAZ and 540 or 300, "backing-up", input.MultiAZ and 180 or 120, "available")
  base.save(ctx, "DBInstance", row)
  return row
end
