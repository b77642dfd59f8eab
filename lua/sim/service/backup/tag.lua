--- Tags of vaults and plans, by ARN.
local base = require "sim.service.backup.base"
local tagging = require "sim.help.tagging"

local tag = {}

local function need(ctx, arn)
  local kind, id = arn:match(":(backup%-%l+):(.+)$")
  if kind == "backup-vault" then return base.vault(ctx, id), "BackupVault", id end
  if kind == "backup-plan" then return base.plan(ctx, id), "BackupPlan", id end
  base.invalid(ctx, "Invalid ARN: " .. arn)
end

function tag.ListTags(ctx, input) return { Tags = need(ctx, input.ResourceArn)._tags } end

tag.TagResource, tag.UntagResource = tagging { at = "_tags", map = true, keys = "TagKeyList",
  rule = { code = "InvalidParameterValueException" },
  find = function(ctx, input) return need(ctx, input.ResourceArn) end,
  save = function(ctx, row, place, id) ctx:table(place):put(id, row) end }

return tag
