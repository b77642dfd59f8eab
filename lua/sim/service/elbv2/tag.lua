--- Tags of everything that has an ARN here.
local base = require "sim.service.elbv2.base"

local tag = {}

local function row_of(ctx, arn)
  local kind = arn:match(":loadbalancer/") and "LoadBalancer" or arn:match(":targetgroup/") and "TargetGroup"
    or arn:match(":listener%-rule/") and "Rule" or arn:match(":listener/") and "Listener"
  if not kind then ctx:fail("ValidationError", ("'%s' is not a valid ARN"):format(arn)) end
  return base.need(ctx, kind, arn), kind
end

function tag.AddTags(ctx, input)
  base.tags(ctx, input.Tags)
  for _, arn in ipairs(input.ResourceArns) do
    local row, kind = row_of(ctx, arn)
    local at = {}
    for i, t in ipairs(row._tags) do at[t.Key] = i end
    for _, t in ipairs(input.Tags) do row._tags[at[t.Key] or #row._tags + 1] = t end
    base.save(ctx, kind, row)
  end
  return {}
end

function tag.RemoveTags(ctx, input)
  local gone = {}
  for _, k in ipairs(input.TagKeys) do gone[k] = true end
  for _, arn in ipairs(input.ResourceArns) do
    local row, kind = row_of(ctx, arn)
    local left = {}
    for _, t in ipairs(row._tags) do
      if not gone[t.Key] then left[#left + 1] = t end
    end
    row._tags = left
    base.save(ctx, kind, row)
  end
  return {}
end

function tag.DescribeTags(ctx, input)
  local out = {}
  for i, arn in ipairs(input.ResourceArns) do out[i] = { ResourceArn = arn, Tags = row_of(ctx, arn)._tags } end
  return { TagDescriptions = out }
end

return tag
