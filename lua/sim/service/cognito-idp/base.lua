--- What Cognito's handlers share.
local base = {}

--- The pool with an id; ends the request when there is none.
function base.pool(ctx, id)
  local row = ctx:table("UserPool"):get(id)
  if not row then ctx:fail("ResourceNotFoundException", ("User pool %s does not exist."):format(id)) end
  return row
end

function base.invalid(ctx, text) ctx:fail("InvalidParameterException", text) end

--- A fresh table of an object's defaults under what was given.
function base.over(defaults, given)
  local out = {}
  for k, v in next, defaults do out[k] = v end
  for k, v in next, given or {} do out[k] = v end
  return out
end

--- One page of rows.
function base.page(ctx, rows, input, member, limit)
  local page, token = ctx:page(rows, input.NextToken, limit or input.MaxResults, 60, "InvalidParameterException")
  return { [member] = page, NextToken = token }
end

return base
