--- Tags by ARN.
local base = require "sim.service.rds.base"

local tag = {}

function tag.ListTagsForResource(ctx, input) return { TagList = base.by_arn(ctx, input.ResourceName)._tags } end

function tag.AddTagsToResource(ctx, input)
  local row, kind = base.by_arn(ctx, input.ResourceName)
  local at = {}
  for i, t in ipairs(row._tags) do at[t.Key] = i end
  for _, t in ipairs(input.Tags) do
    if t.Key:match("^aws:") or t.Key:match("^rds:") then ctx:fail("InvalidParameterValue",
      "Tag keys can't begin with aws: or rds:") end
    row._tags[at[t.Key] or #row._tags + 1] = t
  end
  base.save(ctx, kind, row)
  return {}
end

function tag.RemoveTagsFromResource(ctx, input)
  local row, kind = base.by_arn(ctx, input.ResourceName)
  local gone, left = {}, {}
  for _, k in ipairs(input.TagKeys) do gone[k] = true end
  for _, t in ipairs(row._tags) do
    if not gone[t.Key] then left[#left + 1] = t end
  end
  row._tags = left
  base.save(ctx, kind, row)
  return {}
end

return tag
