--- A bucket's configurations: each has an operation to put it, one to get it, one to delete it.
--- CloudFormation and S3 nest the same facts differently, so some carry a pair of translators.
local shape = require "cso.kind.shape"
local value = require "cso.std.value"

local configurations = {}

local function rules_to_api(v)
  local rules = {}
  for i, rule in ipairs(v.ServerSideEncryptionConfiguration or {}) do
    local by = rule.ServerSideEncryptionByDefault
    rules[i] = { BucketKeyEnabled = rule.BucketKeyEnabled,
      ApplyServerSideEncryptionByDefault = by and { SSEAlgorithm = by.SSEAlgorithm, KMSMasterKeyID = by.KMSMasterKeyID } }
  end
  return { Rules = rules }
end

local function rules_from_api(v)
  local rules = {}
  for i, rule in ipairs(v.Rules or {}) do
    rules[i] = { BucketKeyEnabled = rule.BucketKeyEnabled,
      ServerSideEncryptionByDefault = rule.ApplyServerSideEncryptionByDefault }
  end
  return { ServerSideEncryptionConfiguration = rules }
end

--- CloudFormation's rule has flat conditions and singular forms; S3's has a Filter and lists.
local function lifecycle_to_api(v)
  local rules = {}
  for i, r in ipairs(v.Rules or {}) do
    local transitions = {}
    for _, t in ipairs(r.Transitions or (r.Transition and { r.Transition }) or {}) do
      transitions[#transitions + 1] = { Days = t.TransitionInDays and math.tointeger(tonumber(t.TransitionInDays)),
        Date = t.TransitionDate, StorageClass = t.StorageClass }
    end
    local days = r.ExpirationInDays or r.ExpirationDate or r.ExpiredObjectDeleteMarker
    local noncurrent = r.NoncurrentVersionExpiration
    local abort = r.AbortIncompleteMultipartUpload
    rules[i] = {
      ID = r.Id, Status = r.Status, Filter = { Prefix = r.Prefix or "" },
      Expiration = days and { Days = r.ExpirationInDays and math.tointeger(tonumber(r.ExpirationInDays)),
        Date = r.ExpirationDate, ExpiredObjectDeleteMarker = r.ExpiredObjectDeleteMarker } or nil,
      Transitions = #transitions > 0 and transitions or nil,
      NoncurrentVersionExpiration = (noncurrent or r.NoncurrentVersionExpirationInDays) and {
        NoncurrentDays = math.tointeger(tonumber(noncurrent and noncurrent.NoncurrentDays
          or r.NoncurrentVersionExpirationInDays)),
        NewerNoncurrentVersions = noncurrent and noncurrent.NewerNoncurrentVersions } or nil,
      AbortIncompleteMultipartUpload = abort and { DaysAfterInitiation = math.tointeger(tonumber(abort.DaysAfterInitiation)) }
        or nil,
    }
  end
  return { Rules = rules }
end

local function lifecycle_from_api(v)
  local rules = {}
  for i, r in ipairs(v.Rules or {}) do
    local transitions = {}
    for j, t in ipairs(r.Transitions or {}) do
      transitions[j] = { TransitionInDays = t.Days, TransitionDate = t.Date, StorageClass = t.StorageClass }
    end
    local prefix = r.Filter and r.Filter.Prefix or r.Prefix
    rules[i] = {
      Id = r.ID, Status = r.Status, Prefix = prefix ~= "" and prefix or nil,
      ExpirationInDays = r.Expiration and r.Expiration.Days, ExpirationDate = r.Expiration and r.Expiration.Date,
      ExpiredObjectDeleteMarker = r.Expiration and r.Expiration.ExpiredObjectDeleteMarker,
      Transitions = transitions, Transition = transitions[1],
      NoncurrentVersionExpiration = r.NoncurrentVersionExpiration,
      NoncurrentVersionExpirationInDays = r.NoncurrentVersionExpiration and r.NoncurrentVersionExpiration.NoncurrentDays,
      AbortIncompleteMultipartUpload = r.AbortIncompleteMultipartUpload,
    }
  end
  return { Rules = rules }
end

local function logging_to_api(v)
  return { LoggingEnabled = v.DestinationBucketName and { TargetBucket = v.DestinationBucketName,
    TargetPrefix = v.LogFilePrefix or "" } or nil }
end

local function logging_from_api(v)
  local on = v.LoggingEnabled
  return on and { DestinationBucketName = on.TargetBucket, LogFilePrefix = on.TargetPrefix } or nil
end

local function cors_to_api(v)
  local rules = {}
  for i, r in ipairs(v.CorsRules or {}) do
    rules[i] = { ID = r.Id, AllowedHeaders = r.AllowedHeaders, AllowedMethods = r.AllowedMethods,
      AllowedOrigins = r.AllowedOrigins,
      ExposeHeaders = r.ExposedHeaders, MaxAgeSeconds = r.MaxAge and math.tointeger(tonumber(r.MaxAge)) }
  end
  return { CORSRules = rules }
end

local function cors_from_api(v)
  local rules = {}
  for i, r in ipairs(v.CORSRules or {}) do
    rules[i] = { Id = r.ID, AllowedHeaders = r.AllowedHeaders, AllowedMethods = r.AllowedMethods,
      AllowedOrigins = r.AllowedOrigins,
      ExposedHeaders = r.ExposeHeaders, MaxAge = r.MaxAgeSeconds }
  end
  return { CorsRules = rules }
end

-- Rules of one language in the other's words; nil where there are none.
local function routing(rules, names)
  local out
  for i, rule in ipairs(rules or {}) do
    out = out or {}
    out[i] = {}
    for from, to in pairs(names) do out[i][to] = rule[from] end
  end
  return out
end

local function website_to_api(v)
  return { IndexDocument = v.IndexDocument and { Suffix = v.IndexDocument } or nil,
    ErrorDocument = v.ErrorDocument and { Key = v.ErrorDocument } or nil,
    RedirectAllRequestsTo = v.RedirectAllRequestsTo,
    RoutingRules = routing(v.RoutingRules, { RedirectRule = "Redirect", RoutingRuleCondition = "Condition" }) }
end

local function website_from_api(v)
  return { IndexDocument = v.IndexDocument and v.IndexDocument.Suffix, ErrorDocument = v.ErrorDocument and v.ErrorDocument.Key,
    RedirectAllRequestsTo = v.RedirectAllRequestsTo,
    RoutingRules = routing(v.RoutingRules, { Redirect = "RedirectRule", Condition = "RoutingRuleCondition" }) }
end

--- property -> how it is put, got and deleted.
local table_of = {
  VersioningConfiguration = { put = "PutBucketVersioning", get = "GetBucketVersioning", member = "VersioningConfiguration",
    whole = true },
  BucketEncryption = { put = "PutBucketEncryption", get = "GetBucketEncryption", member = "ServerSideEncryptionConfiguration",
    delete = "DeleteBucketEncryption", to = rules_to_api, from = rules_from_api },
  PublicAccessBlockConfiguration = { put = "PutPublicAccessBlock", get = "GetPublicAccessBlock",
    delete = "DeletePublicAccessBlock",
    member = "PublicAccessBlockConfiguration" },
  OwnershipControls = { put = "PutBucketOwnershipControls", get = "GetBucketOwnershipControls",
    delete = "DeleteBucketOwnershipControls", member = "OwnershipControls" },
  LifecycleConfiguration = { put = "PutBucketLifecycleConfiguration", get = "GetBucketLifecycleConfiguration",
    delete = "DeleteBucketLifecycle", member = "LifecycleConfiguration", whole = true, to = lifecycle_to_api,
      from = lifecycle_from_api },
  LoggingConfiguration = { put = "PutBucketLogging", get = "GetBucketLogging", member = "BucketLoggingStatus", whole = true,
    to = logging_to_api, from = logging_from_api },
  CorsConfiguration = { put = "PutBucketCors", get = "GetBucketCors", delete = "DeleteBucketCors", member = "CORSConfiguration",
    whole = true, to = cors_to_api, from = cors_from_api },
  WebsiteConfiguration = { put = "PutBucketWebsite", get = "GetBucketWebsite", delete = "DeleteBucketWebsite",
    member = "WebsiteConfiguration", whole = true, to = website_to_api, from = website_from_api },
  AccelerateConfiguration = { put = "PutBucketAccelerateConfiguration", get = "GetBucketAccelerateConfiguration",
    member = "AccelerateConfiguration", whole = true, from = function(v) return { AccelerationStatus = v.Status } end,
    to = function(v) return { Status = v.AccelerationStatus } end },
}

--- The order in which they are set: ownership and access first, what depends on versions last.
configurations.order = { "OwnershipControls", "PublicAccessBlockConfiguration", "VersioningConfiguration", "BucketEncryption",
  "LoggingConfiguration", "CorsConfiguration", "AccelerateConfiguration", "WebsiteConfiguration", "LifecycleConfiguration" }

configurations.defaults = {
  -- What every new bucket has.
  PublicAccessBlockConfiguration = { BlockPublicAcls = true, BlockPublicPolicy = true, IgnorePublicAcls = true,
    RestrictPublicBuckets = true },
  OwnershipControls = { Rules = { { ObjectOwnership = "BucketOwnerEnforced" } } },
  VersioningConfiguration = { Status = "Suspended" },
  AccelerateConfiguration = { AccelerationStatus = "Suspended" },
}

local absent = "^NoSuch"

--- Sets one configuration, or takes it away when there is none to set.
function configurations.put(r, property, wanted)
  local rule = table_of[property]
  if wanted == nil then wanted = configurations.defaults[property] end
  if wanted == nil then
    if rule.delete then r:call(rule.delete, { Bucket = r.id }) else r:call(rule.put, { Bucket = r.id, [rule.member] = {} }) end
    return
  end
  wanted = value.reveal(wanted)
  local S = r:model()
  local members = shape.members(S, rule.put, "input")
  local body = rule.to and rule.to(wanted) or shape.to_api(S, members[rule.member].shape, wanted)
  r:call(rule.put, { Bucket = r.id, [rule.member] = body })
end

--- Reads one configuration; nil when there is none.
function configurations.get(r, property)
  local rule = table_of[property]
  local out, e = r:try(rule.get, { Bucket = r.id }, { whole = { "NoSuchBucket" } })
  if not out then
    local code = e.code or ""
    if code:match(absent) or code:match("NotFound") then return nil end
    error(e, 0)
  end
  local body = rule.whole and out or out[rule.member]
  if body == nil or next(body) == nil then return nil end
  if rule.from then return rule.from(body) end
  local P = r.kind.schema.properties[property]
  return shape.from_api(P.type, r.kind.schema.definitions, body)
end

--- A rule's conditions written in either form mean the same; compared in S3's own form.
local function same_through(to)
  local function subset(a, b)
    if type(a) ~= "table" then return tostring(a) == tostring(b) end
    if type(b) ~= "table" then return false end
    for k, v in pairs(a) do
      if not subset(v, b[k]) then return false end
    end
    return true
  end
  return function(want, have)
    if have == nil then return false end
    local a, b = to(want), to(have)
    return #(a.Rules or {}) == #(b.Rules or {}) and subset(a, b)
  end
end

configurations.same = { LifecycleConfiguration = same_through(lifecycle_to_api) }

return configurations
