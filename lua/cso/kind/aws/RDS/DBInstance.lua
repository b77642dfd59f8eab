local json = require "cso.std.json"
local kind = require "cso.kind.declare"
local version = require "cso.std.version"

local function names(list, member)
  local out = {}
  for i, item in ipairs(list or {}) do out[i] = item[member] end
  return out
end

--- Changes that were accepted and wait for the next window count as made.
local function pending(model, raw)
  local rules = { AllocatedStorage = "AllocatedStorage", DBInstanceClass = "DBInstanceClass", EngineVersion = "EngineVersion",
    MultiAZ = "MultiAZ", BackupRetentionPeriod = "BackupRetentionPeriod", Iops = "Iops", StorageType = "StorageType" }
  for name, from in pairs(rules) do
    local v = raw.PendingModifiedValues and raw.PendingModifiedValues[from]
    if v ~= nil then model[name] = type(v) == "boolean" and v or tostring(v) end
  end
end

local modifiable = { "StorageThroughput", "MonitoringInterval", "DBParameterGroupName", "MultiAZ",
  "PerformanceInsightsKMSKeyId", "EngineVersion", "StorageType", "DBInstanceClass", "PerformanceInsightsRetentionPeriod",
  "OptionGroupName", "EnablePerformanceInsights", "AutoMinorVersionUpgrade", "DeletionProtection", "AllocatedStorage",
  "MasterUserPassword", "MaxAllocatedStorage", "PromotionTier", "PubliclyAccessible", "MonitoringRoleArn",
  "PreferredBackupWindow", "CopyTagsToSnapshot", "LicenseModel", "PreferredMaintenanceWindow", "Iops",
  "CACertificateIdentifier", "ManageMasterUserPassword", "VPCSecurityGroups", "EnableIAMDatabaseAuthentication",
  "BackupRetentionPeriod", "NetworkType", "DatabaseInsightsMode", "DedicatedLogVolume",
  "EngineLifecycleSupport", "MasterUserAuthenticationType", "ProcessorFeatures", "TdeCredentialArn", "TdeCredentialPassword" }

-- A domain is named whole or not at all.
local of_domain = { "Domain", "DomainAuthSecretArn", "DomainDnsIps", "DomainFqdn", "DomainIAMRoleName", "DomainOu" }
local member_of = { Domain = "Domain", AuthSecretArn = "DomainAuthSecretArn", DnsIps = "DomainDnsIps", FQDN = "DomainFqdn",
  IAMRoleName = "DomainIAMRoleName", OU = "DomainOu" }

local function with_logs(params, r, set)
  params.ApplyImmediately = true
  params.AllowMajorVersionUpgrade = r.desired.AllowMajorVersionUpgrade
  if not set.EnableCloudwatchLogsExports then return end
  local want, have, enable, disable = {}, {}, {}, {}
  for _, v in ipairs(r.desired.EnableCloudwatchLogsExports or {}) do want[v] = true end
  for _, v in ipairs(r.current.EnableCloudwatchLogsExports or {}) do have[v] = true end
  for v in pairs(want) do if not have[v] then enable[#enable + 1] = v end end
  for v in pairs(have) do if not want[v] then disable[#disable + 1] = v end end
  params.CloudwatchLogsExportConfiguration = { EnableLogTypes = #enable > 0 and enable or nil,
    DisableLogTypes = #disable > 0 and disable or nil }
end

modifiable[#modifiable + 1] = "EnableCloudwatchLogsExports"

local NAMES = 20 -- of last snapshots that are tried

-- Names for a last snapshot: the time of its making, and a number where that is taken. They outlive the database
-- and everything that csorun knows of it, so nothing that begins anew (a counter, the machine's uptime) will do.
local function last_snapshot(r)
  local base, n = ("%s-final-%s"):format(r.id, os.date "!%Y%m%d-%H%M%S"), 0
  return function()
    n = n + 1
    if n <= NAMES then return n == 1 and base or ("%s-%d"):format(base, n) end
  end
end

--- The newest last snapshot of the very instance that is remembered: another may have had its name since.
local function last_of(r)
  local resource, marker, newest = r.attributes.DbiResourceId, nil, nil
  if not resource then return nil end
  repeat
    local out = r:call("DescribeDBSnapshots", { SnapshotType = "manual", Marker = marker,
      Filters = { { Name = "dbi-resource-id", Values = { resource } } } })
    for _, s in ipairs(out.DBSnapshots or {}) do
      local name = s.DBSnapshotIdentifier
      local last = s.DbiResourceId == resource and s.Status == "available" and name:find(r.id .. "-final-", 1, true) == 1
      -- The time is in the name.
      if last and (not newest or name > newest) then newest = name end
    end
    marker = out.Marker
  until not marker
  return newest
end

--- Deletes; with `retain = "snapshot"` a last snapshot is taken.
local function delete(r)
  local another = r.record and r.record.retain == "snapshot" and last_snapshot(r)
  local name = another and another() or nil
  r:poll("waiting for a state in which it can be deleted", function()
    local out, e = r:try("DeleteDBInstance", { DBInstanceIdentifier = r.id, SkipFinalSnapshot = not name,
      FinalDBSnapshotIdentifier = name, DeleteAutomatedBackups = r.desired.DeleteAutomatedBackups })
    if out or e.code:match("NotFound") then return true end
    if e.code:match("^InvalidDBInstanceState") then
      return (e.message or ""):match("already being deleted") and true or false
    end
    local free = e.code == "DBSnapshotAlreadyExists" and another and another()
    if not free then error(e, 0) end
    name = free
    return false
  end, 60)
end

return kind "AWS::RDS::DBInstance" {
  service = "rds", name = { "DBInstanceIdentifier", max = 63, lower = true },
  create = { "CreateDBInstance", take = "DBInstance", tags = "Tags", rename = { VPCSecurityGroups = "VpcSecurityGroupIds" },
    skip = { "ApplyImmediately", "AllowMajorVersionUpgrade", "DeleteAutomatedBackups", "MasterUserSecret" },
    handles = { "ApplyImmediately", "AllowMajorVersionUpgrade", "DeleteAutomatedBackups" },
    retry = { "IAM role ARN value is invalid", "InvalidParameterValue:.*MonitoringRoleArn" } },
  -- Storage may have grown by itself, so it is only ever raised afterwards.
  restore = { from = last_of, same = "DbiResourceId",
    create = { "RestoreDBInstanceFromDBSnapshot", take = "DBInstance", tags = "Tags",
      rename = { VPCSecurityGroups = "VpcSecurityGroupIds" }, skip = { "AllocatedStorage", "DBName", "Engine", "LicenseModel" },
      with = function(params, r) params.DBSnapshotIdentifier = r.restores.from end } },
  read = {
    "DescribeDBInstances", by = "DBInstanceIdentifier", take = "DBInstances[0]", tags = "TagList",
    rename = { PerformanceInsightsEnabled = "EnablePerformanceInsights",
      ["DBSubnetGroup.DBSubnetGroupName"] = "DBSubnetGroupName",
      ["DBParameterGroups[0].DBParameterGroupName"] = "DBParameterGroupName",
        IAMDatabaseAuthenticationEnabled = "EnableIAMDatabaseAuthentication",
      ["OptionGroupMemberships[0].OptionGroupName"] = "OptionGroupName",
        PerformanceInsightsKMSKeyId = "PerformanceInsightsKMSKeyId" },
    shape = function(model, raw, r)
      model.VPCSecurityGroups = names(raw.VpcSecurityGroups, "VpcSecurityGroupId")
      model.EnableCloudwatchLogsExports = json.array(raw.EnabledCloudwatchLogsExports or {})
      model.Endpoint = raw.Endpoint and { Address = raw.Endpoint.Address, Port = tostring(raw.Endpoint.Port or ""),
        HostedZoneId = raw.Endpoint.HostedZoneId } or nil
      model.Port = raw.Endpoint and raw.Endpoint.Port and tostring(raw.Endpoint.Port) or r.desired.Port
      model.MasterUserSecret = raw.MasterUserSecret and { SecretArn = raw.MasterUserSecret.SecretArn,
        KmsKeyId = raw.MasterUserSecret.KmsKeyId }
      for from, to in pairs(member_of) do model[to] = raw.DomainMemberships and raw.DomainMemberships[1]
        and raw.DomainMemberships[1][from] end
      model.ManageMasterUserPassword = r.desired.ManageMasterUserPassword
      pending(model, raw)
      return model
    end,
  },
  update = { { "ModifyDBInstance", props = modifiable, rename = { VPCSecurityGroups = "VpcSecurityGroupIds",
    PerformanceInsightsKMSKeyId = "PerformanceInsightsKMSKeyId" }, with = with_logs },
    { "ModifyDBInstance", props = of_domain, always = of_domain, with = function(params) params.ApplyImmediately = true end } },
  sets = { "VPCSecurityGroups", "EnableCloudwatchLogsExports" },
  same = {
    DBInstanceIdentifier = function(want, have) return tostring(want):lower() == have end,
    DBSubnetGroupName = function(want, have) return tostring(want):lower() == have end,
    DBParameterGroupName = function(want, have) return tostring(want):lower() == have end,
    -- "8.0" asks for the line, "8.0.42" for that very version.
    EngineVersion = function(want, have, node)
      want, have = tostring(want), tostring(have or "")
      if want == have or have:sub(1, #want + 1) == want .. "." then return true end
      -- RDS raises the last number by itself in a maintenance window; that is no drift.
      return node ~= nil and node.desired.AutoMinorVersionUpgrade ~= false and version.line(want) == version.line(have)
        and version.older(want, have)
    end,
    -- Storage grows by itself when a maximum is declared; that is no drift.
    AllocatedStorage = function(want, have, node)
      local a, b = tonumber(want), tonumber(have)
      return a == b or (node.desired.MaxAllocatedStorage ~= nil and b ~= nil and b > a)
    end,
    PreferredMaintenanceWindow = function(want, have) return tostring(want):lower() == tostring(have):lower() end,
  },
  write_only = { "MasterUserPassword", "MasterUserAuthenticationType", "TdeCredentialPassword", "AllowMajorVersionUpgrade",
    "ApplyImmediately", "DeleteAutomatedBackups" },
  flags = { "AllowMajorVersionUpgrade", "ApplyImmediately", "DeleteAutomatedBackups" },
  never = {
    EngineVersion = function(after, before)
      return type(after) == "string" and type(before) == "string" and version.older(after, before)
        and ("an engine can't go back from %s to %s"):format(before, after) or nil
    end,
    AllocatedStorage = function(after, before)
      after, before = tonumber(after), tonumber(before)
      return after and before and after < before and ("storage can't shrink from %d to %d GiB"):format(before, after) or nil
    end,
  },
  one_way = {
    EngineVersion = "an engine can't go back to an earlier version",
    AllocatedStorage = "storage can't shrink",
  },
  -- Who takes the password into their own hands has to say that Secrets Manager lets go of it.
  defaults = { AutoMinorVersionUpgrade = true, BackupRetentionPeriod = 1, CopyTagsToSnapshot = false,
    EnableIAMDatabaseAuthentication = false, MonitoringInterval = 0, DeletionProtection = false, MultiAZ = false,
    EnablePerformanceInsights = false, EnableCloudwatchLogsExports = {}, ManageMasterUserPassword = false },
  protection = { property = "DeletionProtection", on = true, off = false },
  tag_id = function(_, raw) return raw.DBInstanceArn end,
  delete = delete,
  gone = true,
  ready = { state = "DBInstanceStatus", ok = { "available", "storage-optimization" },
    bad = { "failed", "incompatible-parameters", "incompatible-network", "incompatible-restore", "storage-full" } },
  seconds = function(desired)
    return { create = desired.MultiAZ and 720 or 420, update = 300, delete = 300 }
  end,
}
