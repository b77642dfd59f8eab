-- The lives of EFS's, S3's and Backup's kinds.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local function policy(actions, resource)
  return { Version = "2012-10-17", Statement = { { Effect = "Deny", Principal = "*", Action = actions, Resource = resource } } }
end
]]

local FS, BUCKET, VAULT = { "EFS.FileSystem.main" }, { "S3.Bucket.main" }, { "Backup.BackupVault.main" }
local MOUNT, OBJECT, PLAN = { "EFS.MountTarget.a" }, { "s3.Object.main" }, { "Backup.BackupPlan.main" }

describe("the life of", function()
  life.of { name = "EFS FileSystem", playbook = HEAD .. [[
cso.aws.EFS.FileSystem "main" { Encrypted = true, PerformanceMode = "generalPurpose", ThroughputMode = "bursting",
  LifecyclePolicies = { { TransitionToIA = "AFTER_30_DAYS" }, { TransitionToPrimaryStorageClass = "AFTER_1_ACCESS" } },
  BackupPolicy = { Status = "ENABLED" }, FileSystemProtection = { ReplicationOverwriteProtection = "ENABLED" },
  FileSystemPolicy = policy("elasticfilesystem:ClientMount", "*"), FileSystemTags = { Name = "one" } }
]], edits = {
    { from = "AFTER_30_DAYS", to = "AFTER_60_DAYS", update = FS },
    { from = ', { TransitionToPrimaryStorageClass = "AFTER_1_ACCESS" }', to = "", update = FS },
    { from = '"bursting"', to = '"provisioned", ProvisionedThroughputInMibps = 10', update = FS },
    { from = "ProvisionedThroughputInMibps = 10", to = "ProvisionedThroughputInMibps = 20", update = FS },
    { from = ' ThroughputMode = "provisioned", ProvisionedThroughputInMibps = 20,', to = "", update = FS },
    { from = 'Status = "ENABLED"', to = 'Status = "DISABLED"', update = FS },
    { from = "elasticfilesystem:ClientMount", to = "elasticfilesystem:ClientWrite", update = FS },
    { from = '\n  FileSystemPolicy = policy("elasticfilesystem:ClientWrite", "*"),', to = "", update = FS },
    { from = 'Name = "one"', to = 'Name = "two"', update = FS },
    { from = '\n  LifecyclePolicies = { { TransitionToIA = "AFTER_60_DAYS" } },', to = "", update = FS },
    { from = "generalPurpose", to = "maxIO", replace = FS },
  } }

  life.of { name = "EFS MountTarget and AccessPoint", playbook = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local one = cso.aws.EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local two = cso.aws.EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
local fs = cso.aws.EFS.FileSystem "main" { Encrypted = true }
cso.aws.EFS.MountTarget "a" { FileSystemId = fs, SubnetId = a, IpAddress = "10.0.1.30", SecurityGroups = { one } }
cso.aws.EFS.AccessPoint "main" { FileSystemId = fs, PosixUser = { Uid = "1000", Gid = "1000" },
  RootDirectory = { Path = "/app", CreationInfo = { OwnerUid = "1000", OwnerGid = "1000", Permissions = "755" } },
  AccessPointTags = { Name = "one" } }
]], edits = {
    { from = "{ one }", to = "{ two, one }", update = MOUNT },
    { from = "{ two, one }", to = "{ two }", update = MOUNT },
    { from = "10.0.1.30", to = "10.0.1.31", replace = MOUNT },
    { from = 'SubnetId = a, IpAddress = "10.0.1.31"', to = 'SubnetId = b', replace = MOUNT },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "EFS.AccessPoint.main" } },
    { from = '"/app"', to = '"/web"', replace = { "EFS.AccessPoint.main" } },
  } }

  life.of { name = "S3 Bucket and BucketPolicy", playbook = HEAD .. [[
local key = cso.aws.KMS.Key "main" {}
local logs = cso.aws.S3.Bucket "logs" { BucketName = "life-logs-123456789012" }
local bucket = cso.aws.S3.Bucket "main" { BucketName = "life-main-123456789012",
  VersioningConfiguration = { Status = "Enabled" },
  BucketEncryption = { ServerSideEncryptionConfiguration = { { BucketKeyEnabled = true,
    ServerSideEncryptionByDefault = { SSEAlgorithm = "aws:kms", KMSMasterKeyID = key.Arn } } } },
  PublicAccessBlockConfiguration = { BlockPublicAcls = true, BlockPublicPolicy = true, IgnorePublicAcls = true,
    RestrictPublicBuckets = true },
  OwnershipControls = { Rules = { { ObjectOwnership = "BucketOwnerEnforced" } } },
  LoggingConfiguration = { DestinationBucketName = logs, LogFilePrefix = "main/" },
  CorsConfiguration = { CorsRules = { { AllowedMethods = { "GET" }, AllowedOrigins = { "*" },
    MaxAge = 60 } } },
  LifecycleConfiguration = { Rules = { { Id = "old", Status = "Enabled", ExpirationInDays = 365, Prefix = "tmp/",
    Transitions = { { StorageClass = "STANDARD_IA", TransitionInDays = 30 } },
    NoncurrentVersionExpiration = { NoncurrentDays = 90 },
    AbortIncompleteMultipartUpload = { DaysAfterInitiation = 7 } } } },
  Tags = { Name = "one" } }
cso.aws.S3.BucketPolicy "main" { Bucket = bucket,
  PolicyDocument = policy("s3:PutObject", "arn:aws:s3:::life-main-123456789012/*") }
]], edits = {
    { from = 'Status = "Enabled" },\n', to = 'Status = "Suspended" },\n', update = BUCKET },
    { from = '\n  VersioningConfiguration = { Status = "Suspended" },',
      to = '\n  VersioningConfiguration = { Status = "Enabled" },',
      update = BUCKET },
    { from = '\n  VersioningConfiguration = { Status = "Enabled" },', to = "", update = BUCKET },
    { from = 'SSEAlgorithm = "aws:kms", KMSMasterKeyID = key.Arn', to = 'SSEAlgorithm = "AES256"', update = BUCKET },
    { from = "RestrictPublicBuckets = true", to = "RestrictPublicBuckets = false", update = BUCKET },
    { from = '"main/"', to = '"other/"', update = BUCKET },
    { from = '\n  LoggingConfiguration = { DestinationBucketName = logs, LogFilePrefix = "other/" },', to = "",
      update = BUCKET },
    { from = '{ "GET" }', to = '{ "GET", "HEAD" }', update = BUCKET },
    { from = "ExpirationInDays = 365", to = "ExpirationInDays = 400", update = BUCKET },
    { from = "TransitionInDays = 30", to = "TransitionInDays = 60", update = BUCKET },
    { from = ",\n    AbortIncompleteMultipartUpload = { DaysAfterInitiation = 7 }", to = "", update = BUCKET },
    { from = 'Name = "one"', to = 'Name = "two"', update = BUCKET },
    { from = '\n  CorsConfiguration = { CorsRules = { { AllowedMethods = { "GET", "HEAD" }, AllowedOrigins = { "*" },\n'
      .. '    MaxAge = 60 } } },',
      to = "", update = BUCKET },
    { from = '"s3:PutObject"', to = '{ "s3:PutObject", "s3:DeleteObject" }', update = { "S3.BucketPolicy.main" } },
  } }

  life.of { name = "cso.s3.Object", playbook = HEAD .. [[
local bucket = cso.aws.S3.Bucket "main" { BucketName = "life-main-123456789012", VersioningConfiguration = { Status = "Enabled" } }
cso.s3.Object "main" { Bucket = bucket, Key = "a/b.txt", Content = "one", ContentType = "text/plain" }
]], edits = {
    { from = '"one"', to = '"two"', update = OBJECT },
    { from = "text/plain", to = "text/html", update = OBJECT },
    { from = "a/b.txt", to = "a/c.txt", replace = OBJECT },
  } }

  life.of { name = "Backup BackupVault, BackupPlan and BackupSelection in full", playbook = HEAD .. [[
local role = cso.aws.IAM.Role "backup" { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = {
  { Effect = "Allow", Principal = { Service = "backup.amazonaws.com" }, Action = "sts:AssumeRole" } } } }
local topic = cso.aws.SNS.Topic "main" {}
local vault = cso.aws.Backup.BackupVault "main" { BackupVaultName = "main", AccessPolicy = policy("backup:DeleteRecoveryPoint", "*"),
  Notifications = { SNSTopicArn = topic, BackupVaultEvents = { "BACKUP_JOB_COMPLETED" } }, BackupVaultTags = { Name = "one" } }
local plan = cso.aws.Backup.BackupPlan "main" { BackupPlan = { BackupPlanName = "main", BackupPlanRule = { {
  RuleName = "daily", TargetBackupVault = vault, ScheduleExpression = "cron(0 3 * * ? *)", StartWindowMinutes = 60,
  CompletionWindowMinutes = 180, Lifecycle = { DeleteAfterDays = 35 } } } }, BackupPlanTags = { Plan = "one" } }
cso.aws.Backup.BackupSelection "main" { BackupPlanId = plan, BackupSelection = { SelectionName = "tagged", IamRoleArn = role.Arn,
  ListOfTags = { { ConditionType = "STRINGEQUALS", ConditionKey = "Backup", ConditionValue = "yes" } } } }
]], edits = {
    { from = "backup:DeleteRecoveryPoint", to = "backup:StartRestoreJob", update = VAULT },
    { from = '"BACKUP_JOB_COMPLETED"', to = '"BACKUP_JOB_COMPLETED", "RESTORE_JOB_COMPLETED"', update = VAULT },
    { from = 'Name = "one"', to = 'Name = "two"', update = VAULT },
    { from = ' AccessPolicy = policy("backup:StartRestoreJob", "*"),', to = "", update = VAULT },
    { from = '\n  Notifications = { SNSTopicArn = topic, '
      .. 'BackupVaultEvents = { "BACKUP_JOB_COMPLETED", "RESTORE_JOB_COMPLETED" } },',
      to = "", update = VAULT },
    { from = "DeleteAfterDays = 35", to = "DeleteAfterDays = 40", update = PLAN },
    { from = "cron(0 3", to = "cron(0 4", update = PLAN },
    { from = ", Lifecycle = { DeleteAfterDays = 40 }", to = "", update = PLAN },
    { from = 'Plan = "one"', to = 'Plan = "two"', update = PLAN },
    { from = '"yes"', to = '"no"', replace = { "Backup.BackupSelection.main" } },
  } }
end)
