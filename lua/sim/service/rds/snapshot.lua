--- Snapshots of DB instances, and what is made of them.
local base = require "sim.service.rds.base"
local build = require "sim.service.rds.build"
local check = require "sim.service.rds.check"

local snapshot = {}

-- What a snapshot keeps and shows, by the instance's names for it.
local shown = { "AllocatedStorage", "AvailabilityZone", "BackupRetentionPeriod", "DBInstanceIdentifier", "DbiResourceId",
  "DedicatedLogVolume", "Engine", "EngineVersion", "IAMDatabaseAuthenticationEnabled", "InstanceCreateTime", "Iops",
  "KmsKeyId", "LicenseModel", "MasterUsername", "PreferredBackupWindow", "StorageThroughput", "StorageType" }

--- Takes one; a final one outlives its instance.
function snapshot.take(ctx, row, name, tags)
  name = base.check_name(ctx, name, 255, "DBSnapshotIdentifier")
  if ctx:table("DBSnapshot"):get(name) then
    ctx:fail("DBSnapshotAlreadyExists",
      ("Cannot create the snapshot because a snapshot with the identifier %s already exists."):format(name))
  end
  local made = { DBSnapshotIdentifier = name, SnapshotCreateTime = ctx.now, OriginalSnapshotCreateTime = ctx.now,
    Encrypted = row.StorageEncrypted, SnapshotType = "manual", SnapshotTarget = "region",
    DBSnapshotArn = ctx:arn("snapshot:" .. name), Port = row.Endpoint.Port, PercentProgress = 100,
    OptionGroupName = row.OptionGroupMemberships[1].OptionGroupName, VpcId = base.need(ctx, "DBSubnetGroup", row._group).VpcId,
    _class = row.DBInstanceClass, _name = row.DBName, _tags = tags or {} }
  for _, field in ipairs(shown) do made[field] = row[field] end
  ctx:phases(made, "creating", 120, "available")
  base.save(ctx, "DBSnapshot", made)
  return made
end

--- As a description shows it.
function snapshot.view(ctx, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  out.Status, out.TagList = ctx:state(row), row._tags
  return out
end

-- By what DescribeDBSnapshots can be told to choose.
local filters = { ["db-instance-id"] = "DBInstanceIdentifier", ["db-snapshot-id"] = "DBSnapshotIdentifier",
  ["dbi-resource-id"] = "DbiResourceId", ["snapshot-type"] = "SnapshotType", engine = "Engine" }

local function chosen(input)
  local wanted = {}
  if input.DBInstanceIdentifier then wanted[1] = { "DBInstanceIdentifier", { input.DBInstanceIdentifier:lower() } } end
  if input.SnapshotType then wanted[#wanted + 1] = { "SnapshotType", { input.SnapshotType } } end
  for _, f in ipairs(input.Filters or {}) do wanted[#wanted + 1] = { filters[f.Name], f.Values } end
  return function(row)
    for _, one in ipairs(wanted) do
      local any = false
      for _, v in ipairs(one[2]) do any = any or row[one[1]] == v end
      if not any then return false end
    end
    return true
  end
end

function snapshot.DescribeDBSnapshots(ctx, input)
  for _, f in ipairs(input.Filters or {}) do
    if not filters[f.Name] then ctx:fail("InvalidParameterValue", "Unrecognized filter name: " .. f.Name) end
  end
  return base.describe(ctx, input, "DBSnapshot", "DBSnapshots", snapshot.view, chosen(input))
end

function snapshot.DeleteDBSnapshot(ctx, input)
  local row = base.need(ctx, "DBSnapshot", input.DBSnapshotIdentifier)
  ctx:table("DBSnapshot"):delete(row.DBSnapshotIdentifier)
  return { DBSnapshot = snapshot.view(ctx, row) }
end

-- What is not said is as it was when the snapshot was taken; parameters, security groups, a standby, monitoring and
-- windows of maintenance are not kept in one, and go back to what every new instance has.
local kept = { "AllocatedStorage", "BackupRetentionPeriod", "DedicatedLogVolume", "Engine", "EngineVersion", "Iops",
  "LicenseModel", "MasterUsername", "OptionGroupName", "Port", "PreferredBackupWindow", "StorageThroughput", "StorageType" }

--- Makes an instance of a snapshot.
---@return table row
function snapshot.restore(ctx, input)
  local name = base.check_name(ctx, input.DBInstanceIdentifier, 63, "DBInstanceIdentifier")
  if ctx:table("DBInstance"):get(name) then ctx:fail("DBInstanceAlreadyExists", "DB instance already exists") end
  local from = base.need(ctx, "DBSnapshot", (input.DBSnapshotIdentifier or ""):match("([^:]+)$"))
  if ctx:state(from) ~= "available" then
    ctx:fail("InvalidDBSnapshotState", ("Snapshot %s is not currently in the available state."):format(
      from.DBSnapshotIdentifier))
  end
  if input.AllocatedStorage and input.AllocatedStorage < from.AllocatedStorage then
    ctx:fail("InvalidParameterValue", "The allocated storage size can't be less than the source snapshot or backup size.")
  end
  if input.Engine and input.Engine ~= from.Engine then
    ctx:fail("InvalidParameterCombination", ("The engine %s doesn't match that of the snapshot, %s."):format(
      input.Engine, from.Engine))
  end
  local wanted = { EnableIAMDatabaseAuthentication = from.IAMDatabaseAuthenticationEnabled, StorageEncrypted = from.Encrypted,
    KmsKeyId = from.KmsKeyId, DBInstanceClass = from._class, DBName = from._name,
    Tags = from._tags }
  for _, field in ipairs(kept) do wanted[field] = from[field] end
  for k, v in pairs(input) do wanted[k] = v end
  check.restore(ctx, wanted)
  return build(ctx, name, wanted, from.EngineVersion)
end

return snapshot
