--- Dashboards.
local json = require "cso.std.json"

local dashboard = {}

local function need(ctx, name)
  local row = ctx:table("Dashboard"):get(name)
  if not row then ctx:fail("DashboardNotFoundError", ("Dashboard %s does not exist"):format(name)) end
  return row
end

function dashboard.PutDashboard(ctx, input)
  if not input.DashboardName:match("^[%w_-]+$") or #input.DashboardName > 255
    or type(json.decode(input.DashboardBody)) ~= "table" then
    ctx:fail("DashboardInvalidInputError", "The dashboard's name or body is not valid.")
  end
  ctx:table("Dashboard"):put(input.DashboardName, { DashboardName = input.DashboardName, DashboardBody = input.DashboardBody,
    DashboardArn = ("arn:%s:cloudwatch::%s:dashboard/%s"):format(ctx.partition, ctx.account, input.DashboardName),
    LastModified = ctx.now, Size = #input.DashboardBody })
  return { DashboardValidationMessages = {} }
end

function dashboard.GetDashboard(ctx, input) return need(ctx, input.DashboardName) end

function dashboard.ListDashboards(ctx, input)
  local prefix = input.DashboardNamePrefix or ""
  local list = ctx:table("Dashboard"):list(function(row) return row.DashboardName:sub(1, #prefix) == prefix end)
  local page, token = ctx:page(list, input.NextToken, nil, 1000, "InvalidParameterValue")
  return { DashboardEntries = page, NextToken = token }
end

function dashboard.DeleteDashboards(ctx, input)
  for _, name in ipairs(input.DashboardNames) do need(ctx, name) end
  for _, name in ipairs(input.DashboardNames) do ctx:table("Dashboard"):delete(name) end
  return {}
end

return dashboard
