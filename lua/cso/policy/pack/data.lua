--- Databases, queues, logs and other keepers of data. Most of these ask for one property: they are
--- rows of a table.
local ask = require "cso.policy.ask"
local reach = require "cso.policy.reach"

local SNAPSHOTS = { ["AWS::RDS::DBInstance"] = "DBSnapshotIdentifier", ["AWS::RDS::DBCluster"] = "SnapshotIdentifier",
  ["AWS::DocDB::DBCluster"] = "SnapshotIdentifier", ["AWS::Neptune::DBCluster"] = "SnapshotIdentifier" }

-- What comes from a snapshot is encrypted as that is, and must not say so itself.
local function is_restored(r)
  return r.StorageEncrypted == nil and r[SNAPSHOTS[r.type]] ~= nil
end

local function is_managed_from_inside(config)
  if config.EndpointPublicAccess == false then return true end
  return config.PublicAccessCidrs ~= nil and not ask.first(config.PublicAccessCidrs, reach.is_world)
end

-- { id, severity, type or types, property, what is right, title, what is said, why, hint, production }
--   right: a value, or "set" (anything), or a function of the value
--   a default of true for `absent` says that leaving the property out is right, too; `members`, that
--   it is asked of replicas and members of clusters, too; `unless`, of whom it is not asked
local rows = {
  { "CSO-RDS-001", "critical", "RDS.DBInstance", "PubliclyAccessible", false, "Databases are not public",
    "it can be reached from the internet", "Its password is all that stands between it and everybody.",
    "PubliclyAccessible = false", absent = true, members = true },
  { "CSO-RDS-002", "high", { "RDS.DBInstance", "RDS.DBCluster", "DocDB.DBCluster", "Neptune.DBCluster" },
    "StorageEncrypted", true, "Databases are encrypted",
    "it is not encrypted", "It can't be changed later without a new database.", "StorageEncrypted = true", unless = is_restored },
  { "CSO-RDS-003", "medium", { "RDS.DBInstance", "RDS.DBCluster" }, "BackupRetentionPeriod",
    function(v) return (tonumber(v) or 1) >= 7 end, "Databases are backed up for a week at least",
    "backups are kept for less than seven days", "A mistake that is noticed late can't be undone.",
    "BackupRetentionPeriod = 7" },
  { "CSO-RDS-004", "high", { "RDS.DBInstance", "RDS.DBCluster" }, "DeletionProtection", true,
    "Databases in production are protected from deletion", "it can be deleted by a slip",
    "One call, and the data is where the last snapshot was.", "DeletionProtection = true", production = true },
  { "CSO-RDS-005", "medium", "RDS.DBInstance", "MultiAZ", true, "Databases in production stand in two zones",
    "it stands in one zone only", "It goes when its zone goes, and for every patch.", "MultiAZ = true", production = true },
  { "CSO-RDS-006", "high", "RDS.DBProxy", "RequireTLS", true, "Proxies of databases speak TLS", "it takes plain connections",
    "Passwords travel in clear.", "RequireTLS = true" },
  { "CSO-RDS-007", "low", { "RDS.DBInstance", "RDS.DBCluster" }, "EnableCloudwatchLogsExports", "set",
    "Logs of databases are kept", "its logs stay on its disk", "They go with it.", 'EnableCloudwatchLogsExports = { "error" }' },
  { "CSO-DDB-001", "medium", "DynamoDB.Table", "SSESpecification", function(v) return v.SSEEnabled == true end,
    "Tables are encrypted with a key of yours", "AWS's own key encrypts it", "One can't take that key away.",
    "SSESpecification = { SSEEnabled = true }" },
  { "CSO-DDB-002", "medium", "DynamoDB.Table", "PointInTimeRecoverySpecification",
    function(v) return v.PointInTimeRecoveryEnabled == true end, "Tables can be brought back",
    "it can't be brought back to yesterday",
    "What a program overwrites is gone.", "PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled = true }" },
  { "CSO-DDB-003", "high", "DynamoDB.Table", "DeletionProtectionEnabled", true,
    "Tables in production are protected from deletion", "it can be deleted by a slip", "There is no snapshot of it.",
    "DeletionProtectionEnabled = true", production = true },
  { "CSO-SNS-001", "medium", "SNS.Topic", "KmsMasterKeyId", "set", "Topics are encrypted", "it is not encrypted",
    "Messages lie in clear until they are delivered.", 'KmsMasterKeyId = "alias/aws/sns", or a key of yours' },
  { "CSO-SQS-001", "high", "SQS.Queue", "SqsManagedSseEnabled", function(v) return v ~= false end, "Queues are encrypted",
    "its encryption is switched off", "Messages lie in clear.", "leave SqsManagedSseEnabled out, or name a KmsMasterKeyId",
    absent = true, instead = "KmsMasterKeyId" },
  { "CSO-LOG-001", "medium", "Logs.LogGroup", "RetentionInDays", "set", "Logs end some day", "it is kept for ever",
    "Logs cost money every month, and hold personal data.", "RetentionInDays = 90" },
  { "CSO-LOG-002", "low", "Logs.LogGroup", "KmsKeyId", "set", "Logs are encrypted with a key of yours",
    "AWS's own key encrypts it", "One can't take that key away.", "KmsKeyId = the ARN of a key" },
  { "CSO-TRAIL-001", "medium", "CloudTrail.Trail", "EnableLogFileValidation", true, "Trails can be checked",
    "nobody could tell that a log was changed", "An intruder cleans up after himself.", "EnableLogFileValidation = true" },
  { "CSO-TRAIL-002", "medium", "CloudTrail.Trail", "IsMultiRegionTrail", true, "Trails see all regions",
    "it sees one region only",
    "What is done elsewhere is not seen.", "IsMultiRegionTrail = true" },
  { "CSO-ECR-001", "medium", "ECR.Repository", "ImageScanningConfiguration", function(v) return v.ScanOnPush == true end,
    "Images are scanned", "images are not scanned when they arrive", "Known holes are deployed unseen.",
    "ImageScanningConfiguration = { ScanOnPush = true }" },
  { "CSO-ECR-002", "low", "ECR.Repository", "ImageTagMutability", function(v) return v:match("^IMMUTABLE") ~= nil end,
    "Tags of images stay what they are", "a tag can be moved", "What runs is not what was tested.",
    'ImageTagMutability = "IMMUTABLE"' },
  { "CSO-CACHE-001", "high", "ElastiCache.ReplicationGroup", "AtRestEncryptionEnabled", true, "Caches are encrypted",
    "it is not encrypted at rest", "Sessions and tokens lie in clear.", "AtRestEncryptionEnabled = true" },
  { "CSO-CACHE-002", "high", "ElastiCache.ReplicationGroup", "TransitEncryptionEnabled", true, "Caches speak TLS",
    "it is spoken to in clear", "Sessions and tokens travel in clear.", "TransitEncryptionEnabled = true" },
  { "CSO-REDSHIFT-001", "critical", "Redshift.Cluster", "PubliclyAccessible", false, "Warehouses are not public",
    "it can be reached from the internet", "Its password is all that stands between it and everybody.",
    "PubliclyAccessible = false", absent = true },
  { "CSO-REDSHIFT-002", "high", "Redshift.Cluster", "Encrypted", true, "Warehouses are encrypted", "it is not encrypted",
    "Snapshots can be read by whoever comes by them.", "Encrypted = true" },
  { "CSO-ES-001", "high", "OpenSearchService.Domain", "EncryptionAtRestOptions", function(v) return v.Enabled == true end,
    "Search domains are encrypted", "it is not encrypted", "It can't be switched on for every domain later.",
    "EncryptionAtRestOptions = { Enabled = true }" },
  { "CSO-EKS-001", "medium", "EKS.Cluster", "ResourcesVpcConfig", is_managed_from_inside,
    "Clusters are managed from inside", "its API is on the internet", "A leaked token is enough from everywhere.",
    "ResourcesVpcConfig.EndpointPublicAccess = false" },
  { "CSO-TAG-001", "low", { "EC2.Instance", "EC2.VPC", "S3.Bucket", "RDS.DBInstance", "RDS.DBCluster", "DynamoDB.Table",
    "Lambda.Function" }, "Tags", function(v) return not ask.is_empty(v) end,
    "What costs money bears tags", "it has no tags", "Nobody can tell whose it is, and who pays.",
    'cso.stack { tags = { Owner = "…", Environment = "…" } } tags everything' },
}

local wrong_values = { ["CSO-RDS-003"] = 1, ["CSO-ECR-002"] = "MUTABLE", ["CSO-RDS-001"] = true, ["CSO-SQS-001"] = false,
  ["CSO-REDSHIFT-001"] = true }
local right_values = { ["CSO-RDS-003"] = 14, ["CSO-ECR-002"] = "IMMUTABLE", ["CSO-DDB-001"] = { SSEEnabled = true },
  ["CSO-DDB-002"] = { PointInTimeRecoveryEnabled = true }, ["CSO-ECR-001"] = { ScanOnPush = true },
  ["CSO-ES-001"] = { Enabled = true }, ["CSO-EKS-001"] = { EndpointPublicAccess = false }, ["CSO-SQS-001"] = true,
  ["CSO-TAG-001"] = { Owner = "platform" }, ["CSO-RDS-007"] = { "error" }, ["CSO-LOG-001"] = 90 }

-- A disk of a replica or a member of a cluster is its source's business.
local function is_member(r)
  return r.type == "AWS::RDS::DBInstance" and (r.DBClusterIdentifier ~= nil or r.SourceDBInstanceIdentifier ~= nil)
end

local function is_right(right, v)
  if right == "set" then return v ~= nil and #ask.list(v) > 0 end
  if type(right) == "function" then return right(v) end
  return v == right
end

local function rule_of(row)
  local id, severity, types, property, right, title, said, why, hint = table.unpack(row, 1, 9)
  local first = type(types) == "table" and types[1] or types
  local function judge(r, plan)
    if row.production and not plan.production or not row.members and is_member(r) then return nil end
    if row.unless and row.unless(r) then return nil end
    if row.instead and r[row.instead] ~= nil then return nil end
    local v = r[property]
    if v == nil then return not row.absent and said or nil end
    return not is_right(right, v) and said or nil
  end
  local rule = { id = id, severity = severity, on = types, title = title, why = why, hint = hint }
  rule[(severity == "high" or severity == "critical") and "deny" or "warn"] = judge
  if type(right) == "boolean" then rule.fix = function() return { [property] = right } end end
  local good = right_values[id]
  if good == nil then good = type(right) == "boolean" and right or right == "set" and "x" or nil end
  if type(right) == "boolean" then good = right end
  rule.good = { production = row.production, [first .. ".a"] = { [property] = good } }
  rule.bad = { production = row.production, [first .. ".a"] = { [property] = wrong_values[id] } }
  return rule
end

local rules = {}
for i, row in ipairs(rows) do rules[i] = rule_of(row) end
return rules
