--- Tags by ARN.
local base = require "sim.service.rds.base"
local tags = require "sim.help.tags"

local tag = {}

function tag.ListTagsForResource(ctx, input) return { TagList = base.by_arn(ctx, input.ResourceName)._tags } end

function tag.AddTagsToResource(ctx, input)
  local row, kind = base.by_arn(ctx, input.ResourceName)
  for _, t in ipairs(input.Tags) do
    if t.Key:match("^aws:") or t.Key:match("^rds:") then
      ctx:fail("InvalidParameterValue", "Tag keys can't begin with aws: or rds:")
    end
  end
  row._tags = tags.merge(row._tags, input.Tags)
  base.save(ctx, kind, row)
  return {}
end

function tag.RemoveTagsFromResource(ctx, input)
  local row, kind = base.by_arn(ctx, input.ResourceName)
  row._tags = tags.drop(row._tags, input.TagKeys)
  base.save(ctx, kind, row)
  return {}
end

return tag
