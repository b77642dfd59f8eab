--- What RDS refuses.
local engine = require "sim.service.rds.engine"
local kms = require "sim.service.kms.base"

local check = {}

local days = { mon = 0, tue = 1, wed = 2, thu = 3, fri = 4, sat = 5, sun = 6 }

--- Minutes of a daily window "hh:mm-hh:mm"; nil when it is none.
local function daily(text)
  local h1, m1, h2, m2 = text:match("^(%d%d):(%d%d)%-(%d%d):(%d%d)$")
  if not h1 then return nil end
  return h1 * 60 + m1, h2 * 60 + m2
end

local function weekly(text)
  local d1, h1, m1, d2, h2, m2 = text:lower():match("^(%a%a%a):(%d%d):(%d%d)%-(%a%a%a):(%d%d):(%d%d)$")
  if not d1 or not days[d1] or not days[d2] then return nil end
  return days[d1] * 1440 + h1 * 60 + m1, days[d2] * 1440 + h2 * 60 + m2
end

local function windows(ctx, backup, maintenance)
  local from, to, wfrom, wto
  if backup then
    from, to = daily(backup)
    if not from then ctx:fail("InvalidParameterValue", "Invalid backup window format: " .. backup
      .. ". Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC).") end
    if (to - from) % 1440 < 30 then ctx:fail("InvalidParameterValue", "The backup window must be at least 30 minutes.") end
  end
  if maintenance then
    wfrom, wto = weekly(maintenance)
    if not wfrom then ctx:fail("InvalidParameterValue", "Invalid maintenance window format: " .. maintenance
      .. ". Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC).") end
    if (wto - wfrom) % 10080 < 30 then ctx:fail("InvalidParameterValue",
      "The maintenance window must be at least 30 minutes.") end
  end
  if from and wfrom then
    local mfrom, mto = wfrom % 1440, wto % 1440
    -- Windows that touch are fine; windows that share a minute are not.
    if from < mto and mfrom < to then
      ctx:fail("InvalidParameterValue", "The backup window and maintenance window must not overlap.")
    end
  end
end

local function password(ctx, text, name)
  if #text < 8 or #text > 41 and name == "mysql" then
    ctx:fail("InvalidParameterValue",
      "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.")
  end
  if text:find('[/@" ]') then
    ctx:fail("InvalidParameterValue",
      "The parameter MasterUserPassword is not a valid password. "
        .. "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.")
  end
end

local function storage(ctx, kind, size, most)
  local least = (kind == "gp3" or kind == "gp2" or not kind) and 20 or kind == "standard" and 5 or 100
  if size < least or size > 65536 then
    ctx:fail("InvalidParameterValue", ("Invalid storage size for engine name and storage type: %d"):format(size))
  end
  if most and most <= size then
    ctx:fail("InvalidParameterCombination", "Invalid max storage size for engine name and storage type: " .. most)
  end
end

local function monitoring(ctx, interval, role)
  local ok = { [0] = true, [1] = true, [5] = true, [10] = true, [15] = true, [30] = true, [60] = true }
  if interval and not ok[interval] then ctx:fail("InvalidParameterValue", "Invalid monitoring interval: " .. interval) end
  if interval and interval > 0 and not role then
    ctx:fail("InvalidParameterCombination",
      "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
  end
  if role then
    local name = role:match(":role/.-([^/]+)$")
    if not name or not ctx:of("iam"):table("Role"):get(name) then
      ctx:fail("InvalidParameterValue",
        "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING")
    end
  end
end

--- A key's ARN for storage; AWS's own when none is named.
function check.key(ctx, id, encrypted)
  if not encrypted and not id then return nil end
  local other = ctx:of("kms")
  local row = other:table("Key"):get((id or ""):match("([^/]+)$") or "")
  if id and not row and not id:match("alias/") then
    ctx:fail("KMSKeyNotAccessibleFault",
      ("The specified KMS key [%s] does not exist, is not enabled or you do not have permissions to access it."):format(id))
  end
  return kms.alive(other, id or "alias/aws/rds").Arn
end

--- Security groups must exist in the group's VPC.
function check.groups(ctx, ids, vpc)
  local out = {}
  for i, id in ipairs(ids or {}) do
    local row = ctx:of("ec2"):table("SecurityGroup"):get(id)
    if not row then ctx:fail("InvalidParameterValue", ("Invalid security group , groupId= %s, groupName=."):format(id)) end
    if row.VpcId ~= vpc then
      ctx:fail("InvalidVPCNetworkStateFault",
        "The DB instance and EC2 security group are in different VPCs. The DB instance is in " .. vpc)
    end
    out[i] = id
  end
  if #out == 0 then
    for _, g in ipairs(ctx:of("ec2"):table("SecurityGroup"):by("VpcId", vpc)) do
      if g.GroupName == "default" then out[1] = g.GroupId end
    end
  end
  return out
end

--- Puts the standby of a Multi-AZ instance into another zone of its subnet group, or takes it away.
---@param row table     the instance; gets SecondaryAvailabilityZone
---@param group table   its subnet group
function check.standby(row, group)
  row.SecondaryAvailabilityZone, row._standby = nil, nil
  for _, s in ipairs(row.MultiAZ and group.Subnets or {}) do
    if s.SubnetAvailabilityZone.Name ~= row.AvailabilityZone then
      row.SecondaryAvailabilityZone, row._standby = s.SubnetAvailabilityZone.Name, s.SubnetIdentifier
      return
    end
  end
end

-- What is asked of a new instance and of one that is made of a snapshot.
local function new(ctx, input)
  if not engine.has_class(input.DBInstanceClass) then
    ctx:fail("InvalidParameterValue", "Invalid DB Instance class: " .. input.DBInstanceClass)
  end
  storage(ctx, input.StorageType, input.AllocatedStorage, input.MaxAllocatedStorage)
  if input.BackupRetentionPeriod and (input.BackupRetentionPeriod < 0 or input.BackupRetentionPeriod > 35) then
    ctx:fail("InvalidParameterValue", "Invalid backup retention period. Retention period must be between 0 and 35")
  end
  if input.AvailabilityZone and input.MultiAZ then
    ctx:fail("InvalidParameterCombination", "Requesting a specific availability zone is not valid for Multi-AZ instances.")
  end
  windows(ctx, input.PreferredBackupWindow, input.PreferredMaintenanceWindow)
end

--- Checks what an instance is to be that is made of a snapshot.
check.restore = new

--- Checks a creation; gives the full engine version.
function check.create(ctx, input)
  if not engine.versions(input.Engine) then ctx:fail("InvalidParameterValue", "Invalid DB engine: " .. input.Engine) end
  local version = engine.resolve(input.Engine, input.EngineVersion)
  if not version then
    ctx:fail("InvalidParameterCombination", ("Cannot find version %s for %s"):format(input.EngineVersion, input.Engine))
  end
  if not input.AllocatedStorage then ctx:fail("MissingParameter", "The request must contain the parameter AllocatedStorage") end
  new(ctx, input)
  if not input.MasterUsername then ctx:fail("MissingParameter", "The request must contain the parameter MasterUsername") end
  if not input.MasterUsername:match("^%a[%w_]*$") or #input.MasterUsername > 32 then
    ctx:fail("InvalidParameterValue", "Invalid master user name")
  end
  if input.Engine == "mysql" and ({ rdsadmin = 1, root = nil, mysql = 1 })[input.MasterUsername:lower()] then
    ctx:fail("InvalidParameterValue", "MasterUsername " .. input.MasterUsername
      .. " cannot be used as it is a reserved word used by the engine")
  end
  if not input.ManageMasterUserPassword then
    if not input.MasterUserPassword then ctx:fail("MissingParameter",
      "The request must contain the parameter MasterUserPassword") end
    password(ctx, input.MasterUserPassword, input.Engine)
  end
  monitoring(ctx, input.MonitoringInterval, input.MonitoringRoleArn)
  return version
end

--- Checks a modification of an existing instance.
function check.modify(ctx, row, input)
  if input.AllocatedStorage and input.AllocatedStorage < row.AllocatedStorage then
    ctx:fail("InvalidParameterCombination", "Requested size cannot be smaller than the current size")
  end
  if input.MaxAllocatedStorage and input.MaxAllocatedStorage <= (input.AllocatedStorage or row.AllocatedStorage) then
    ctx:fail("InvalidParameterCombination", "Max storage size must be greater than storage size")
  end
  if input.DBInstanceClass and not engine.has_class(input.DBInstanceClass) then
    ctx:fail("InvalidParameterValue", "Invalid DB Instance class: " .. input.DBInstanceClass)
  end
  if input.EngineVersion then
    local version = engine.resolve(row.Engine, input.EngineVersion)
    if not version then ctx:fail("InvalidParameterCombination",
      ("Cannot find upgrade path from %s to %s."):format(row.EngineVersion, input.EngineVersion)) end
    local major = function(v) return v:match("^%d+%.%d+") end
    if major(version) ~= major(row.EngineVersion) and not input.AllowMajorVersionUpgrade then
      ctx:fail("InvalidParameterCombination",
        "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
    end
  end
  if input.MasterUserPassword then password(ctx, input.MasterUserPassword, row.Engine) end
  if input.BackupRetentionPeriod and input.BackupRetentionPeriod > 35 then
    ctx:fail("InvalidParameterValue", "Invalid backup retention period. Retention period must be between 0 and 35")
  end
  windows(ctx, input.PreferredBackupWindow or row.PreferredBackupWindow, input.PreferredMaintenanceWindow
    or row.PreferredMaintenanceWindow)
  if input.MonitoringInterval then monitoring(ctx, input.MonitoringInterval, input.MonitoringRoleArn or row.MonitoringRoleArn) end
end

return check
