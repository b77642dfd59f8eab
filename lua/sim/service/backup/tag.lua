--- Tags of vaults and plans, by ARN.
local base = require "sim.service.backup.base"
local tags = require "sim.help.tags"

local tag = {}

local function need(ctx, arn)
  local kind, id = arn:match(":(backup%-%l+):(.+)$")
  if kind == "backup-vault" then return base.vault(ctx, id), "BackupVault", id end
  if kind == "backup-plan" then return base.plan(ctx, id), "BackupPlan", id end
  base.invalid(ctx, "Invalid ARN: " .. arn)
end

function tag.ListTags(ctx, input) return { Tags = need(ctx, input.ResourceArn)._tags } end

function tag.TagResource(ctx, input)
  local row, place, id = need(ctx, input.ResourceArn)
  row._tags = tags.merge_map(ctx, row._tags, input.Tags, "InvalidParameterValueException")
  ctx:table(place):put(id, row)
  return {}
end

function tag.UntagResource(ctx, input)
  local row, place, id = need(ctx, input.ResourceArn)
  row._tags = tags.drop_map(row._tags, input.TagKeyList)
  ctx:table(place):put(id, row)
  return {}
end

return tag
