--- What Backup's handlers share.
local base = {}

--- The row with an id; ends the request when there is none.
function base.need(ctx, place, id, noun)
  local row = ctx:table(place):get(id)
  if not row then ctx:fail("ResourceNotFoundException", ("Cannot find %s with ID %s"):format(noun, id), nil, { Type = noun }) end
  return row
end

function base.vault(ctx, name) return base.need(ctx, "BackupVault", name, "Backup vault") end

function base.plan(ctx, id) return base.need(ctx, "BackupPlan", id, "Backup plan") end

function base.invalid(ctx, text) ctx:fail("InvalidParameterValueException", text) end

--- One page of rows.
function base.page(ctx, rows, input, member)
  local page, token = ctx:page(rows, input.NextToken, input.MaxResults, 1000, "InvalidParameterValueException")
  return { [member] = page, NextToken = token }
end

return base
