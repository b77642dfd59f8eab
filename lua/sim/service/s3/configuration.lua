--- A bucket's configurations. Most of them are put, got and deleted as one document; the table
--- says where each is kept and what S3 answers when there is none.
local base = require "sim.service.s3.base"

local configuration = {}

local function versioning(ctx, row, wanted)
  if row._lock and wanted.Status ~= "Enabled" then
    ctx:fail("InvalidBucketState",
      "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
  end
  if not wanted.Status then ctx:fail("IllegalVersioningConfigurationException", "The versioning configuration has no status.") end
end

local function encryption(ctx, _, wanted)
  if #wanted.Rules ~= 1 then ctx:fail("MalformedXML", "The XML you provided was not well-formed or did not validate.") end
  local rule = wanted.Rules[1]
  local by = rule.ApplyServerSideEncryptionByDefault
  if by and by.KMSMasterKeyID and by.SSEAlgorithm == "AES256" then
    ctx:fail("InvalidArgument", "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
  end
  if rule.BucketKeyEnabled == nil then rule.BucketKeyEnabled = false end
end

local switches = { "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets" }

local function public(_, _, wanted)
  for _, name in ipairs(switches) do
    if wanted[name] == nil then wanted[name] = false end
  end
end

local actions = { "Expiration", "Transitions", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions",
  "AbortIncompleteMultipartUpload" }

local function lifecycle(ctx, _, wanted)
  local seen = {}
  for _, rule in ipairs(wanted.Rules) do
    rule.ID = rule.ID or ctx.ids:uuid()
    if seen[rule.ID] then ctx:fail("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule") end
    seen[rule.ID] = true
    local any = false
    for _, name in ipairs(actions) do any = any or rule[name] ~= nil and (type(rule[name]) ~= "table"
      or next(rule[name]) ~= nil) end
    if not any then ctx:fail("InvalidRequest", "At least one action needs to be specified in a rule") end
    if rule.Filter == nil and rule.Prefix == nil then
      ctx:fail("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
    end
    local e = rule.Expiration
    if e and e.Days and e.Days <= 0 then
      ctx:fail("InvalidArgument", "'Days' for Expiration action must be a positive integer")
    end
    for _, t in ipairs(rule.Transitions or {}) do
      if e and e.Days and t.Days and e.Days <= t.Days then
        ctx:fail("InvalidArgument",
          "'Days' in the Expiration action for filter must be greater than 'Days' in the Transition action")
      end
      if (t.StorageClass == "STANDARD_IA" or t.StorageClass == "ONEZONE_IA") and t.Days and t.Days < 30 then
        ctx:fail("InvalidArgument", ("'Days' in Transition action must be greater than or equal to 30 for storageClass '%s'")
          :format(t.StorageClass))
      end
    end
  end
end

local function logging(ctx, row, wanted)
  local on = wanted.LoggingEnabled
  if not on then return end
  local target = ctx:shared("Bucket"):get(on.TargetBucket)
  if not target or target._account ~= row._account then
    ctx:fail("InvalidTargetBucketForLogging", "The target bucket for logging does not exist", 400,
      { TargetBucket = on.TargetBucket })
  elseif target.BucketRegion ~= row.BucketRegion then
    ctx:fail("CrossLocationLoggingProhibited", "Cross S3 location logging not allowed.")
  end
end

local function accelerate(ctx, row)
  if row.Name:find(".", 1, true) then
    ctx:fail("InvalidRequest", "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
  end
end

local function replication(ctx, row)
  if row._versioning ~= "Enabled" then
    ctx:fail("InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
  end
end

local function lock(ctx, row)
  if row._versioning ~= "Enabled" then
    ctx:fail("InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
  end
end

local sse = { Rules = { { ApplyServerSideEncryptionByDefault = { SSEAlgorithm = "AES256" }, BucketKeyEnabled = false } } }

---@class sim.s3.Configuration
---@field put string|nil
---@field get string
---@field delete string|nil
---@field member string   input member that holds the document
---@field field string    where it is kept
---@field whole boolean?  the answer is the document itself, not a member
---@field default table?  what S3 answers when nothing was put
---@field code string?    or what it fails with
---@field check (fun(ctx:sim.Context, bucket:table, wanted:table))?

local list = {
  { put = "PutBucketEncryption", get = "GetBucketEncryption", delete = "DeleteBucketEncryption",
    member = "ServerSideEncryptionConfiguration", field = "_encryption", default = sse, check = encryption },
  { put = "PutPublicAccessBlock", get = "GetPublicAccessBlock", delete = "DeletePublicAccessBlock",
    member = "PublicAccessBlockConfiguration", field = "_public", code = "NoSuchPublicAccessBlockConfiguration", check = public },
  { put = "PutBucketOwnershipControls", get = "GetBucketOwnershipControls", delete = "DeleteBucketOwnershipControls",
    member = "OwnershipControls", field = "_ownership", code = "OwnershipControlsNotFoundError" },
  { put = "PutBucketLifecycleConfiguration", get = "GetBucketLifecycleConfiguration", delete = "DeleteBucketLifecycle",
    member = "LifecycleConfiguration", field = "_lifecycle", whole = true, code = "NoSuchLifecycleConfiguration",
      check = lifecycle },
  { put = "PutBucketLogging", get = "GetBucketLogging", member = "BucketLoggingStatus", field = "_logging", whole = true,
    default = {}, check = logging },
  { put = "PutBucketCors", get = "GetBucketCors", delete = "DeleteBucketCors", member = "CORSConfiguration", field = "_cors",
    whole = true, code = "NoSuchCORSConfiguration" },
  { put = "PutBucketAccelerateConfiguration", get = "GetBucketAccelerateConfiguration", member = "AccelerateConfiguration",
    field = "_accelerate", whole = true, default = {}, check = accelerate },
  { put = "PutBucketWebsite", get = "GetBucketWebsite", delete = "DeleteBucketWebsite", member = "WebsiteConfiguration",
    field = "_website", whole = true, code = "NoSuchWebsiteConfiguration" },
  { put = "PutBucketReplication", get = "GetBucketReplication", delete = "DeleteBucketReplication",
    member = "ReplicationConfiguration", field = "_replication", code = "ReplicationConfigurationNotFoundError",
      check = replication },
  { put = "PutBucketNotificationConfiguration", get = "GetBucketNotificationConfiguration", member = "NotificationConfiguration",
    field = "_notification", whole = true, default = {} },
  { put = "PutBucketRequestPayment", get = "GetBucketRequestPayment", member = "RequestPaymentConfiguration", field = "_payer",
    whole = true, default = { Payer = "BucketOwner" } },
  { put = "PutObjectLockConfiguration", get = "GetObjectLockConfiguration", member = "ObjectLockConfiguration", field = "_lock",
    code = "ObjectLockConfigurationNotFoundError", check = lock },
}

local words = {
  NoSuchPublicAccessBlockConfiguration = "The public access block configuration was not found",
  OwnershipControlsNotFoundError = "The bucket ownership controls were not found",
  NoSuchLifecycleConfiguration = "The lifecycle configuration does not exist",
  NoSuchCORSConfiguration = "The CORS configuration does not exist",
  NoSuchWebsiteConfiguration = "The specified bucket does not have a website configuration",
  ReplicationConfigurationNotFoundError = "The replication configuration was not found",
  ObjectLockConfigurationNotFoundError = "Object Lock configuration does not exist for this bucket",
}

for _, c in ipairs(list) do
  configuration[c.get] = function(ctx, input)
    local row = base.bucket(ctx, input)
    local got = row[c.field] or c.default
    if not got then ctx:fail(c.code, words[c.code], 404, { BucketName = row.Name }) end
    return c.whole and got or { [c.member] = got }
  end
  configuration[c.put] = function(ctx, input)
    local row = base.bucket(ctx, input)
    local wanted = input[c.member]
    if not wanted then ctx:fail("MalformedXML", "The XML you provided was not well-formed or did not validate.") end
    if c.check then c.check(ctx, row, wanted) end
    row[c.field] = wanted
    base.save(ctx, row)
    return {}
  end
  if c.delete then
    configuration[c.delete] = function(ctx, input)
      local row = base.bucket(ctx, input)
      row[c.field] = nil
      base.save(ctx, row)
      return {}
    end
  end
end

function configuration.PutBucketVersioning(ctx, input)
  local row = base.bucket(ctx, input)
  versioning(ctx, row, input.VersioningConfiguration or {})
  row._versioning = input.VersioningConfiguration.Status
  base.save(ctx, row)
  return {}
end

function configuration.GetBucketVersioning(ctx, input) return { Status = base.bucket(ctx, input)._versioning } end

local function none(member)
  return function(ctx, input)
    base.bucket(ctx, input)
    return { IsTruncated = false, [member] = {} }
  end
end

configuration.ListBucketAnalyticsConfigurations = none("AnalyticsConfigurationList")
configuration.ListBucketInventoryConfigurations = none("InventoryConfigurationList")
configuration.ListBucketMetricsConfigurations = none("MetricsConfigurationList")
configuration.ListBucketIntelligentTieringConfigurations = none("IntelligentTieringConfigurationList")

return configuration
