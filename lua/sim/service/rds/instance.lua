--- DB instances and their snapshots.
local base = require "sim.service.rds.base"
local check = require "sim.service.rds.check"
local engine = require "sim.service.rds.engine"
local interface = require "sim.service.ec2.interface"

local instance = {}

local ports = { mysql = 3306, mariadb = 3306, postgres = 5432 }

local function view(ctx, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  local state = ctx:state(row)
  out.DBInstanceStatus = state
  if state == "creating" then out.Endpoint, out.InstanceCreateTime = nil, nil end
  local group = row._group and ctx:table("DBSubnetGroup"):get(row._group)
  if group then
    out.DBSubnetGroup = {}
    for k, v in pairs(group) do out.DBSubnetGroup[k] = v end
    out.DBSubnetGroup.DBSubnetGroupArn = nil
  end
  out.DBParameterGroups = { { DBParameterGroupName = row._parameters, ParameterApplyStatus = "in-sync" } }
  out.TagList = row._tags
  out.VpcSecurityGroups = {}
  for i, id in ipairs(row._groups) do out.VpcSecurityGroups[i] = { VpcSecurityGroupId = id, Status = "active" } end
  return out
end

--- Rows whose deletion has come to its end go when they are next looked at.
local function sweep(ctx)
  for _, row in ipairs(ctx:table("DBInstance"):list(function(r) return r._gone ~= nil end)) do
    if row._gone <= ctx.now then
      interface.release(ctx:of("ec2"), row._interface)
      ctx:table("DBInstance"):delete(row.DBInstanceIdentifier)
    end
  end
end

local function need(ctx, name)
  sweep(ctx)
  return base.need(ctx, "DBInstance", name)
end

local function available(ctx, row)
  if ctx:state(row) ~= "available" then
    ctx:fail("InvalidDBInstanceState", ("Instance %s is not currently in the available state."):format(row.DBInstanceIdentifier))
  end
end

function instance.CreateDBInstance(ctx, input)
  sweep(ctx)
  local name = base.check_name(ctx, input.DBInstanceIdentifier, 63, "DBInstanceIdentifier")
  if ctx:table("DBInstance"):get(name) then ctx:fail("DBInstanceAlreadyExists", "DB instance already exists") end
  local version = check.create(ctx, input)
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
  return { DBInstance = view(ctx, row) }
end

function instance.DescribeDBInstances(ctx, input)
  sweep(ctx)
  local id = input.DBInstanceIdentifier and input.DBInstanceIdentifier:match("^arn:.-:db:(.+)$")
  if id then input.DBInstanceIdentifier = id end
  local out = base.describe(ctx, input, "DBInstance", "DBInstances", view)
  for _, f in ipairs(input.Filters or {}) do
    local kept = {}
    for _, row in ipairs(out.DBInstances) do
      for _, v in ipairs(f.Values) do
        local field = ({ ["db-instance-id"] = "DBInstanceIdentifier", ["dbi-resource-id"] = "DbiResourceId",
          engine = "Engine" })[f.Name]
        if field and (row[field] == v or row.DBInstanceArn == v) then kept[#kept + 1] = row end
      end
    end
    out.DBInstances = kept
  end
  return out
end

local plain = { "AllocatedStorage", "MaxAllocatedStorage", "DBInstanceClass", "MultiAZ", "StorageType", "Iops",
  "StorageThroughput",
  "BackupRetentionPeriod", "PreferredBackupWindow", "AutoMinorVersionUpgrade", "DeletionProtection", "MonitoringInterval",
    "MonitoringRoleArn",
  "CopyTagsToSnapshot", "PubliclyAccessible", "PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod",
    "CACertificateIdentifier", "DatabaseInsightsMode" }

function instance.ModifyDBInstance(ctx, input)
  local row = need(ctx, input.DBInstanceIdentifier)
  available(ctx, row)
  check.modify(ctx, row, input)
  for _, name in ipairs(plain) do
    if input[name] ~= nil then row[name] = input[name] end
  end
  if input.MultiAZ ~= nil and input.MultiAZ ~= (row.SecondaryAvailabilityZone ~= nil) then
    check.standby(row, base.need(ctx, "DBSubnetGroup", row._group))
  end
  if input.PreferredMaintenanceWindow then row.PreferredMaintenanceWindow = input.PreferredMaintenanceWindow:lower() end
  if input.EngineVersion then row.EngineVersion = engine.resolve(row.Engine, input.EngineVersion) end
  if input.EnablePerformanceInsights ~= nil then row.PerformanceInsightsEnabled = input.EnablePerformanceInsights end
  if input.EnableIAMDatabaseAuthentication ~= nil then
    row.IAMDatabaseAuthenticationEnabled = input.EnableIAMDatabaseAuthentication
  end
  if input.VpcSecurityGroupIds then
    local group = base.need(ctx, "DBSubnetGroup", row._group)
    row._groups = check.groups(ctx, input.VpcSecurityGroupIds, group.VpcId)
    local other = ctx:of("ec2")
    local eni = other:table("NetworkInterface"):get(row._interface)
    eni.Groups = interface.groups(other, group.VpcId, row._groups)
    other:table("NetworkInterface"):put(row._interface, eni)
  end
  if input.DBParameterGroupName then row._parameters = input.DBParameterGroupName:lower() end
  local logs = input.CloudwatchLogsExportConfiguration
  if logs then
    local on = {}
    for _, v in ipairs(row.EnabledCloudwatchLogsExports or {}) do on[v] = true end
    for _, v in ipairs(logs.EnableLogTypes or {}) do on[v] = true end
    for _, v in ipairs(logs.DisableLogTypes or {}) do on[v] = nil end
    row.EnabledCloudwatchLogsExports = {}
    for v in pairs(on) do table.insert(row.EnabledCloudwatchLogsExports, v) end
    table.sort(row.EnabledCloudwatchLogsExports)
  end
  ctx:phases(row, "modifying", 120, "available")
  base.save(ctx, "DBInstance", row)
  return { DBInstance = view(ctx, row) }
end

local function snapshot(ctx, row, name, tags)
  name = base.check_name(ctx, name, 255, "DBSnapshotIdentifier")
  if ctx:table("DBSnapshot"):get(name) then
    ctx:fail("DBSnapshotAlreadyExists",
      ("Cannot create the snapshot because a snapshot with the identifier %s already exists."):format(name))
  end
  local made = { DBSnapshotIdentifier = name, DBInstanceIdentifier = row.DBInstanceIdentifier, SnapshotCreateTime = ctx.now,
    Engine = row.Engine,
    EngineVersion = row.EngineVersion, AllocatedStorage = row.AllocatedStorage, Encrypted = row.StorageEncrypted,
      KmsKeyId = row.KmsKeyId,
    SnapshotType = "manual", DBSnapshotArn = ctx:arn("snapshot:" .. name), MasterUsername = row.MasterUsername,
      Port = row.Endpoint.Port,
    PercentProgress = 100, _tags = tags or {} }
  ctx:phases(made, "creating", 120, "available")
  base.save(ctx, "DBSnapshot", made)
  return made
end

local function snapshot_view(ctx, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  out.Status, out.TagList = ctx:state(row), row._tags
  return out
end

function instance.CreateDBSnapshot(ctx, input)
  local row = need(ctx, input.DBInstanceIdentifier)
  available(ctx, row)
  return { DBSnapshot = snapshot_view(ctx, snapshot(ctx, row, input.DBSnapshotIdentifier, input.Tags)) }
end

function instance.DescribeDBSnapshots(ctx, input)
  local out = base.describe(ctx, input, "DBSnapshot", "DBSnapshots", snapshot_view)
  if input.DBInstanceIdentifier then
    local kept = {}
    for _, s in ipairs(out.DBSnapshots) do
      if s.DBInstanceIdentifier == input.DBInstanceIdentifier then kept[#kept + 1] = s end
    end
    out.DBSnapshots = kept
  end
  return out
end

function instance.DeleteDBSnapshot(ctx, input)
  local row = base.need(ctx, "DBSnapshot", input.DBSnapshotIdentifier)
  ctx:table("DBSnapshot"):delete(row.DBSnapshotIdentifier)
  return { DBSnapshot = snapshot_view(ctx, row) }
end

function instance.DeleteDBInstance(ctx, input)
  local row = need(ctx, input.DBInstanceIdentifier)
  local state = ctx:state(row)
  if state == "deleting" then
    ctx:fail("InvalidDBInstanceState", ("Instance %s is already being deleted."):format(row.DBInstanceIdentifier))
  end
  if row.DeletionProtection then
    ctx:fail("InvalidParameterCombination",
      "Cannot delete protected DB Instance, please disable deletion protection and try again.")
  end
  if not input.SkipFinalSnapshot and not input.FinalDBSnapshotIdentifier then
    ctx:fail("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
  end
  if input.SkipFinalSnapshot and input.FinalDBSnapshotIdentifier then
    ctx:fail("InvalidParameterCombination", "FinalDBSnapshotIdentifier can't be specified when SkipFinalSnapshot is.")
  end
  if state ~= "available" and not input.SkipFinalSnapshot then available(ctx, row) end
  if input.FinalDBSnapshotIdentifier then snapshot(ctx, row, input.FinalDBSnapshotIdentifier, row.CopyTagsToSnapshot
    and row._tags or nil) end
  ctx:phases(row, "deleting")
  row._gone = ctx:after(240)
  base.save(ctx, "DBInstance", row)
  local answer = view(ctx, row)
  sweep(ctx)
  return { DBInstance = answer }
end

local function restart(target)
  return function(ctx, input)
    local row = need(ctx, input.DBInstanceIdentifier)
    if target.from ~= ctx:state(row) then
      ctx:fail("InvalidDBInstanceState", ("Instance %s is not in %s state."):format(row.DBInstanceIdentifier, target.from))
    end
    ctx:phases(row, target.via, target.seconds, target.to)
    base.save(ctx, "DBInstance", row)
    return { DBInstance = view(ctx, row) }
  end
end

instance.RebootDBInstance = restart { from = "available", via = "rebooting", seconds = 60, to = "available" }
instance.StopDBInstance = restart { from = "available", via = "stopping", seconds = 240, to = "stopped" }
instance.StartDBInstance = restart { from = "stopped", via = "starting", seconds = 240, to = "available" }

return instance
