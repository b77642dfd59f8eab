--- Tags of everything that has an ARN here.
local base = require "sim.service.elbv2.base"
local tags = require "sim.help.tags"

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
    row._tags = tags.merge(row._tags, input.Tags)
    base.save(ctx, kind, row)
  end
  return {}
end

function tag.RemoveTags(ctx, input)
  for _, arn in ipairs(input.ResourceArns) do
    local row, kind = row_of(ctx, arn)
    row._tags = tags.drop(row._tags, input.TagKeys)
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
