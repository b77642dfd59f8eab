--- Log groups: retention, keys, tags.
local base = require "sim.service.logs.base"
local key = require "sim.help.key"
local tagging = require "sim.help.tagging"
local tags = require "sim.help.tags"

local group = {}

local days = {}
for _, n in ipairs { 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 } do
  days[n] = true
end

function group.CreateLogGroup(ctx, input)
  local name = input.logGroupName
  if name:match("^aws/") then ctx:fail("InvalidParameterException", "Log group names that start with 'aws/' are reserved.") end
  if ctx:table("LogGroup"):get(name) then
    ctx:fail("ResourceAlreadyExistsException", "The specified log group already exists")
  end
  local kms = input.kmsKeyId and key.arn(ctx, input.kmsKeyId, "InvalidParameterException")
  local arn = ctx:arn("log-group:" .. name)
  base.save(ctx, { logGroupName = name, creationTime = base.ms(ctx), metricFilterCount = 0, arn = arn .. ":*", logGroupArn = arn,
    storedBytes = 0, kmsKeyId = kms, logGroupClass = input.logGroupClass or "STANDARD",
    deletionProtectionEnabled = input.deletionProtectionEnabled or false,
    _tags = tags.merge_map(ctx, nil, input.tags, "InvalidParameterException") })
  return {}
end

function group.DescribeLogGroups(ctx, input)
  if input.logGroupNamePrefix and input.logGroupNamePattern then
    ctx:fail("InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
  end
  local pattern = input.logGroupNamePattern and input.logGroupNamePattern:lower()
  local rows = ctx:table("LogGroup"):list(function(row)
    return (not pattern or row.logGroupName:lower():find(pattern, 1, true))
      and (not input.logGroupClass or row.logGroupClass == input.logGroupClass)
  end)
  return base.page(ctx, rows, "logGroupName", input.logGroupNamePrefix, input, "logGroups")
end

function group.DeleteLogGroup(ctx, input)
  local row = base.group(ctx, input.logGroupName)
  if row.deletionProtectionEnabled then
    ctx:fail("ValidationException", "The log group is protected from deletion.")
  end
  for _, place in ipairs { "LogStream", "MetricFilter", "SubscriptionFilter" } do
    local rows = ctx:table(place)
    for _, child in ipairs(rows:by("_group", row.logGroupName)) do rows:delete(child._id) end
  end
  ctx:table("LogGroup"):delete(row.logGroupName)
  return {}
end

function group.PutLogGroupDeletionProtection(ctx, input)
  local row = base.group(ctx, input.logGroupIdentifier)
  row.deletionProtectionEnabled = input.deletionProtectionEnabled
  base.save(ctx, row)
  return {}
end

function group.PutRetentionPolicy(ctx, input)
  local row = base.group(ctx, input.logGroupName)
  if not days[input.retentionInDays] then
    ctx:fail("InvalidParameterException", ("%d is no valid number of days for a retention policy."):format(input.retentionInDays))
  end
  row.retentionInDays = input.retentionInDays
  base.save(ctx, row)
  return {}
end

function group.DeleteRetentionPolicy(ctx, input)
  local row = base.group(ctx, input.logGroupName)
  row.retentionInDays = nil
  base.save(ctx, row)
  return {}
end

function group.AssociateKmsKey(ctx, input)
  local row = base.group(ctx, input.logGroupName or input.resourceIdentifier)
  row.kmsKeyId = key.arn(ctx, input.kmsKeyId, "InvalidParameterException")
  base.save(ctx, row)
  return {}
end

function group.DisassociateKmsKey(ctx, input)
  local row = base.group(ctx, input.logGroupName or input.resourceIdentifier)
  row.kmsKeyId = nil
  base.save(ctx, row)
  return {}
end

local function calls(find, keys)
  return tagging { at = "_tags", map = true, tags = "tags", keys = keys, save = base.save, find = find,
    rule = { code = "InvalidParameterException" } }
end

group.TagResource, group.UntagResource = calls(function(ctx, input) return base.tagged(ctx, input.resourceArn) end, "tagKeys")
group.TagLogGroup, group.UntagLogGroup = calls(function(ctx, input) return base.group(ctx, input.logGroupName) end, "tags")

function group.ListTagsForResource(ctx, input) return { tags = base.tagged(ctx, input.resourceArn)._tags } end
function group.ListTagsLogGroup(ctx, input) return { tags = base.group(ctx, input.logGroupName)._tags } end

return group
