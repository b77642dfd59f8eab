--- What the handlers of CloudWatch Logs share.
local base = {}

--- A group's row by name or ARN.
---@param ctx sim.Context
---@param name string|nil
---@return table
function base.group(ctx, name)
  if not name then ctx:fail("InvalidParameterException", "A log group name or identifier is required.") end
  local row = ctx:table("LogGroup"):get(name:match(":log%-group:([^:]+)") or name)
  if not row then ctx:fail("ResourceNotFoundException", "The specified log group does not exist.") end
  return row
end

--- A group's row by the ARN that tag operations take: the one without ":*".
function base.tagged(ctx, arn)
  if not arn:match("^arn:[%w-]+:logs:[%w-]+:%d+:log%-group:[^:*]+$") then
    ctx:fail("InvalidParameterException", ("Invalid ARN: %s"):format(arn))
  end
  return base.group(ctx, arn)
end

function base.save(ctx, row) ctx:table("LogGroup"):put(row.logGroupName, row) end

--- Milliseconds, as this service counts time.
function base.ms(ctx) return math.floor(ctx.now * 1000) end

--- Rows whose name starts with a prefix, sorted by name, one page of them.
function base.page(ctx, rows, field, prefix, input, member)
  local list = {}
  for _, row in ipairs(rows) do
    if not prefix or row[field]:sub(1, #prefix) == prefix then list[#list + 1] = row end
  end
  table.sort(list, function(a, b) return a[field] < b[field] end)
  local page, token = ctx:page(list, input.nextToken, input.limit, 50, "InvalidParameterException")
  return { [member] = page, nextToken = token }
end

return base
