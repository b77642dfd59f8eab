--- Buckets and file systems.
local ask = require "cso.policy.ask"
local grants = require "cso.policy.grants"

local FLAGS = { "BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets" }
local BLOCKED = { BlockPublicAcls = true, BlockPublicPolicy = true, IgnorePublicAcls = true, RestrictPublicBuckets = true }

local function is_false(v) return tostring(v):lower() == "false" end

local function denies_plain_http(policy)
  local doc = ask.document(policy)
  return ask.first(doc and doc.Statement, function(statement)
    local condition = statement.Effect == "Deny" and statement.Condition
    local bool = condition and (condition.Bool or condition.BoolIfExists)
    for _, key in ipairs(ask.names(bool)) do
      if key:lower() == "aws:securetransport" and ask.surely_among(bool, key, is_false) then return true end
    end
  end)
end

local function document(effect, principal, condition)
  return { Version = "2012-10-17", Statement = { { Effect = effect, Principal = principal, Action = "s3:GetObject",
    Resource = "arn:aws:s3:::a/*", Condition = condition } } }
end

return {
  {
    id = "CSO-S3-001", severity = "high", title = "Buckets are closed to the public", on = "S3.Bucket",
    why = "One wrong ACL or policy later everybody reads what is in it.",
    hint = "PublicAccessBlockConfiguration with all four switches on; serve the public through CloudFront",
    deny = function(r)
      local block = r.PublicAccessBlockConfiguration
      if not block then return "nothing blocks public access" end
      for _, flag in ipairs(FLAGS) do
        if block[flag] ~= true then return flag .. " is off" end
      end
    end,
    fix = function() return { PublicAccessBlockConfiguration = BLOCKED } end,
    good = { ["S3.Bucket.a"] = { PublicAccessBlockConfiguration = BLOCKED } },
    bad = { ["S3.Bucket.a"] = { BucketName = "a" } },
  },
  {
    id = "CSO-S3-002", severity = "medium", title = "Buckets say how they are encrypted", on = "S3.Bucket",
    why = "The default is a key that one can't take away.", hint = "BucketEncryption with aws:kms, or AES256 at the least",
    warn = function(r) if not r.BucketEncryption then return "no encryption is declared" end end,
    good = { ["S3.Bucket.a"] = { BucketEncryption = { ServerSideEncryptionConfiguration = {
      { ServerSideEncryptionByDefault = { SSEAlgorithm = "AES256" } } } } } },
    bad = { ["S3.Bucket.a"] = { BucketName = "a" } },
  },
  {
    id = "CSO-S3-003", severity = "medium", title = "Buckets keep versions", on = "S3.Bucket",
    why = "What is overwritten or deleted by mistake is gone.", hint = 'VersioningConfiguration = { Status = "Enabled" }',
    warn = function(r)
      local versions = r.VersioningConfiguration
      if not versions or versions.Status ~= "Enabled" then return "versions are not kept" end
    end,
    fix = function() return { VersioningConfiguration = { Status = "Enabled" } } end,
    good = { ["S3.Bucket.a"] = { VersioningConfiguration = { Status = "Enabled" } } },
    bad = { ["S3.Bucket.a"] = { BucketName = "a" } },
  },
  {
    id = "CSO-S3-004", severity = "low", title = "Reads of buckets are logged", on = "S3.Bucket",
    why = "Nobody can tell who took what.", hint = "LoggingConfiguration, or data events in CloudTrail",
    warn = function(r) if not r.LoggingConfiguration then return "no access log is kept" end end,
    good = { ["S3.Bucket.a"] = { LoggingConfiguration = { DestinationBucketName = "logs" } } },
    bad = { ["S3.Bucket.a"] = { BucketName = "a" } },
  },
  {
    id = "CSO-S3-005", severity = "critical", title = "Policies of buckets let not everybody in", on = "S3.BucketPolicy",
    why = "The whole world reads, or writes, what is in it.", hint = "name the principals, or narrow it by a condition",
    deny = function(r)
      return grants.allowed(r.PolicyDocument, grants.is_for_everybody) and "it lets everybody in"
    end,
    good = { ["S3.BucketPolicy.a"] = { PolicyDocument = document("Allow", { AWS = "arn:aws:iam::123456789012:root" }) } },
    bad = { ["S3.BucketPolicy.a"] = { PolicyDocument = document("Allow", "*") } },
  },
  {
    id = "CSO-S3-006", severity = "medium", title = "Buckets are spoken to by TLS only", on = "S3.Bucket",
    why = "What travels in clear can be read and changed on its way.",
    hint = "an S3.BucketPolicy that denies where aws:SecureTransport is false",
    warn = function(r, plan)
      for _, policy in ipairs(plan:users("S3.BucketPolicy", r)) do
        if denies_plain_http(policy.PolicyDocument) then return end
      end
      return "nothing refuses plain HTTP"
    end,
    good = { ["S3.Bucket.a"] = { BucketName = "a" }, ["S3.BucketPolicy.a"] = { needs = { "S3.Bucket.a" },
      PolicyDocument = document("Deny", "*", { Bool = { ["aws:SecureTransport"] = "false" } }) } },
    bad = { ["S3.Bucket.a"] = { BucketName = "a" } },
  },
  {
    id = "CSO-EFS-001", severity = "high", title = "File systems are encrypted", on = "EFS.FileSystem",
    why = "It can't be changed later without a new file system.", hint = "Encrypted = true",
    deny = function(r) if r.Encrypted ~= true then return "it is not encrypted" end end,
    fix = function() return { Encrypted = true } end,
    good = { ["EFS.FileSystem.a"] = { Encrypted = true } },
    bad = { ["EFS.FileSystem.a"] = { PerformanceMode = "generalPurpose" } },
  },
  {
    id = "CSO-EFS-002", severity = "medium", title = "File systems are backed up", on = "EFS.FileSystem",
    why = "A deleted file is gone.", hint = 'BackupPolicy = { Status = "ENABLED" }, or a tag by which a backup plan selects it',
    warn = function(r)
      local tagged = r.FileSystemTags and r.FileSystemTags.Backup
      if tagged or r.BackupPolicy and r.BackupPolicy.Status == "ENABLED" then return end
      return "nothing backs it up"
    end,
    good = { ["EFS.FileSystem.a"] = { BackupPolicy = { Status = "ENABLED" } } },
    bad = { ["EFS.FileSystem.a"] = { Encrypted = true } },
  },
}
