--- DB instances.
local base = require "sim.service.rds.base"
local build = require "sim.service.rds.build"
local check = require "sim.service.rds.check"
local engine = require "sim.service.rds.engine"
local interface = require "sim.service.ec2.interface"
local snapshot = require "sim.service.rds.snapshot"

local instance = {}

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
  return { DBInstance = view(ctx, build(ctx, name, input, check.create(ctx, input))) }
end

function instance.RestoreDBInstanceFromDBSnapshot(ctx, input)
  sweep(ctx)
  return { DBInstance = view(ctx, snapshot.restore(ctx, input)) }
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
    "CACertificateIdentifier", "DatabaseInsightsMode", "EngineLifecycleSupport" }

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

function instance.CreateDBSnapshot(ctx, input)
  local row = need(ctx, input.DBInstanceIdentifier)
  available(ctx, row)
  return { DBSnapshot = snapshot.view(ctx, snapshot.take(ctx, row, input.DBSnapshotIdentifier, input.Tags)) }
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
  if input.FinalDBSnapshotIdentifier then snapshot.take(ctx, row, input.FinalDBSnapshotIdentifier, row.CopyTagsToSnapshot
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
