--- Tags of vaults and plans, by ARN.
local tag = {}

local function find(ctx, arn)
  local vault = arn:match(":backup%-vault:([^:]+)$")
  if vault then
    local rows = ctx:table("BackupVault")
    if rows:get(vault) then return rows, vault, rows:get(vault) end
  end
  local plan = arn:match(":backup%-plan:([^:]+)$")
  if plan then
    local rows = ctx:table("BackupPlan")
    if rows:get(plan) then return rows, plan, rows:get(plan) end
  end
  ctx:fail("ResourceNotFoundException", ("The resource %s was not found."):format(arn))
end

function tag.ListTags(ctx, input)
  local _, _, row = find(ctx, input.ResourceArn)
  return { Tags = row._tags }
end

function tag.TagResource(ctx, input)
  local rows, id, row = find(ctx, input.ResourceArn)
  for k, v in next, input.Tags do
    if k:find("^aws:") then ctx:fail("InvalidParameterValueException", "Tag keys cannot begin with aws:") end
    row._tags[k] = v
  end
  rows:put(id, row)
  return {}
end

function tag.UntagResource(ctx, input)
  local rows, id, row = find(ctx, input.ResourceArn)
  for _, k in ipairs(input.TagKeyList) do row._tags[k] = nil end
  rows:put(id, row)
  return {}
end

return tag
