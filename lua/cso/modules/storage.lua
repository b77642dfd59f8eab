-- Shared files: two encrypted file systems, the bucket of scripts, configuration and packages,
-- their backup.
--
-- Access points give every server the same POSIX identity (1000:1000); the mount itself goes
-- through TLS (templates/user-data/server.sh.tmpl), because the low-level design asks for
-- encryption in transit and then mounts plain NFS. The bucket's name carries the account, since
-- bucket names are one world-wide namespace.
local cso = require "cso"
local Backup, EFS, IAM, S3 = cso.aws.Backup, cso.aws.EFS, cso.aws.IAM, cso.aws.S3

local FILE_SYSTEMS = {
  { short = "scripts", token = "efs", throughput = 100, idle = "AFTER_30_DAYS" },
  { short = "certificates", token = "ssl-certs", throughput = 50 },
}
local OWNER = "1000"

local function file_system(inp, spec)
  local token = ("%s-%s"):format(inp.name, spec.token)
  local system = EFS.FileSystem(spec.short, { protect = inp.protect }) {
    Encrypted = true, KmsKeyId = inp.key.Arn, PerformanceMode = "generalPurpose",
    ThroughputMode = "provisioned", ProvisionedThroughputInMibps = spec.throughput,
    LifecyclePolicies = spec.idle and { { TransitionToIA = spec.idle } } or nil,
    Tags = { Name = token, Backup = "required" },
  }
  local mounts = {}
  for i, subnet in ipairs(inp.subnets) do
    local counted, zone = ("%s-%d"):format(spec.short, i), inp.zones[i]
    local name = zone and ("%s-%s"):format(spec.short, zone) or counted
    mounts[i] = EFS.MountTarget(name) {
      FileSystemId = system, SubnetId = subnet, SecurityGroups = { inp.group },
    }
    -- Earlier they were counted only, and took each other's places when a zone went.
    if zone then
      cso.moved { from = "EFS.MountTarget." .. counted, to = "EFS.MountTarget." .. name }
    end
  end
  local access = EFS.AccessPoint(spec.short) {
    FileSystemId = system, PosixUser = { Uid = OWNER, Gid = OWNER },
    RootDirectory = {
      Path = "/" .. spec.short,
      CreationInfo = { OwnerUid = OWNER, OwnerGid = OWNER, Permissions = "0750" },
    },
    Tags = { Name = token },
  }
  return { system = system, mounts = mounts, access_point = access, throughput = spec.throughput }
end

local function files_bucket(inp)
  return S3.Bucket("files", { protect = inp.protect, policy = { skip = {
    ["CSO-S3-006"] = "who may read it at all, csorun and the servers' own tools, speaks HTTPS",
  } } }) {
    BucketName = inp.bucket_name,
    BucketEncryption = { ServerSideEncryptionConfiguration = {
      { ServerSideEncryptionByDefault = { SSEAlgorithm = "AES256" } },
    } },
    VersioningConfiguration = { Status = "Enabled" },
    PublicAccessBlockConfiguration = {
      BlockPublicAcls = true, BlockPublicPolicy = true,
      IgnorePublicAcls = true, RestrictPublicBuckets = true,
    },
  }
end

-- Daily, kept as long as the database's own backups.
local function backup(inp)
  local vault = Backup.BackupVault "main" { BackupVaultName = inp.name .. "-vault" }
  local plan = Backup.BackupPlan "daily" {
    BackupPlan = {
      BackupPlanName = inp.name .. "-daily",
      BackupPlanRule = { {
        RuleName = "daily", TargetBackupVault = vault.BackupVaultName,
        ScheduleExpression = "cron(0 2 ? * * *)", StartWindowMinutes = 60,
        CompletionWindowMinutes = 360,
        Lifecycle = { DeleteAfterDays = inp.backup_days },
      } },
    },
  }
  if not inp.backup_selection then return plan end
  local role = IAM.Role "backup" {
    RoleName = inp.name .. "-backup-role", Description = "AWS Backup of the portal's file systems",
    AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
      Effect = "Allow", Action = "sts:AssumeRole",
      Principal = { Service = "backup.amazonaws.com" },
    } } },
    ManagedPolicyArns = {
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
    },
  }
  Backup.BackupSelection "required" {
    BackupPlanId = plan.BackupPlanId,
    BackupSelection = {
      SelectionName = inp.name .. "-required", IamRoleArn = role.Arn, Resources = { "*" },
      -- Backup=required is common property of the account: the second condition, and all have to
      -- hold, keeps other environments' resources out.
      Conditions = { StringEquals = {
        { ConditionKey = "aws:ResourceTag/Backup", ConditionValue = "required" },
        { ConditionKey = "aws:ResourceTag/Environment", ConditionValue = inp.name },
      } },
    },
  }
  return plan
end

return cso.module {
  inputs = {
    name = cso.t.string,
    subnets = cso.t.list(cso.t.resource("EC2.Subnet")),
    zones = cso.t.list(cso.t.string, { default = {} }), -- of the subnets: what mount targets are called by
    group = cso.t.resource("EC2.SecurityGroup"),
    key = cso.t.resource("KMS.Key"),
    bucket_name = cso.t.string,
    backup_days = cso.t.integer { default = 7 },
    backup_selection = cso.t.boolean { default = true }, -- false: vault and plan only
    protect = cso.t.boolean { default = false },
  },
  build = function(inp)
    local out = { bucket = files_bucket(inp), plan = backup(inp) }
    for _, spec in ipairs(FILE_SYSTEMS) do out[spec.short] = file_system(inp, spec) end
    return out
  end,
}
