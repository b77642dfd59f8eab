local kind = require "cso.kind.declare"

local function describe(r)
  local token
  repeat
    local out = r:call("DescribeLogGroups", { logGroupNamePrefix = r.id, nextToken = token })
    for _, g in ipairs(out.logGroups) do
      if g.logGroupName == r.id then return g end
    end
    token = out.nextToken
  until not token
end

--- Tag operations want the ARN without the ":*" that the description ends it with.
local function arn(_, raw)
  return ((raw.Arn or raw.arn or ""):gsub(":%*$", ""))
end

return kind "AWS::Logs::LogGroup" {
  service = "logs", id = "LogGroupName", name = { "LogGroupName", max = 512 },
  create = { "CreateLogGroup", tags = "tags", bare = true, id = function(r) return r.desired.LogGroupName end },
  read = function(r)
    local g = describe(r)
    if not g then return nil end
    local tags = require "cso.kind.tags"
    local list = tags.read(r, arn(r, g))
    r.owner_tags = tags.to_map(list, true)
    return { LogGroupName = g.logGroupName, RetentionInDays = g.retentionInDays, KmsKeyId = g.kmsKeyId,
      LogGroupClass = g.logGroupClass, DeletionProtectionEnabled = g.deletionProtectionEnabled or false,
      Arn = arn(r, g) .. ":*", Tags = tags.to_map(list) }
  end,
  update = {
    DeletionProtectionEnabled = function(r, on)
      r:call("PutLogGroupDeletionProtection", { logGroupIdentifier = r.id, deletionProtectionEnabled = on or false })
    end,
    RetentionInDays = function(r, days)
      if days then
        r:call("PutRetentionPolicy", { logGroupName = r.id, retentionInDays = math.tointeger(tonumber(days)) })
      else
        r:call("DeleteRetentionPolicy", { logGroupName = r.id })
      end
    end,
    KmsKeyId = function(r, key)
      if key then
        r:call("AssociateKmsKey", { logGroupName = r.id, kmsKeyId = key })
      else
        r:call("DisassociateKmsKey", { logGroupName = r.id })
      end
    end,
  },
  removes = { "KmsKeyId", "RetentionInDays" },
  protection = { property = "DeletionProtectionEnabled", on = true, off = false },
  tag_id = arn,
  natural = function(r) return r.desired.LogGroupName end,
  delete = { "DeleteLogGroup" },
  seconds = { create = 1, delete = 1 },
}
