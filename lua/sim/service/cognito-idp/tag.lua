--- Tags of user pools, by ARN.
local pool = require "sim.service.cognito-idp.pool"

local tag = {}

local function find(ctx, arn)
  local id = arn:match(":userpool/(.+)$")
  if not id then ctx:fail("InvalidParameterException", ("Invalid ARN: %s"):format(arn)) end
  return pool.find(ctx, id)
end

function tag.TagResource(ctx, input)
  local row = find(ctx, input.ResourceArn)
  for k, v in next, input.Tags do row.UserPoolTags[k] = v end
  pool.save(ctx, row)
  return {}
end

function tag.UntagResource(ctx, input)
  local row = find(ctx, input.ResourceArn)
  for _, k in ipairs(input.TagKeys) do row.UserPoolTags[k] = nil end
  pool.save(ctx, row)
  return {}
end

function tag.ListTagsForResource(ctx, input) return { Tags = find(ctx, input.ResourceArn).UserPoolTags } end

return tag
