--- Quotas, read and (by request) raised.
local quotas = require "sim.data.quotas"

local quota = {}

local function row(ctx, q, default)
  return { ServiceCode = q.service, ServiceName = q.service, QuotaCode = q.code, QuotaName = q.name, Unit = "None",
    QuotaArn = ctx:arn(q.service .. "/" .. q.code, "servicequotas"), GlobalQuota = false, Adjustable = true,
    Value = default and q.default or ctx.world.quotas[q.name], QuotaAppliedAtLevel = "ACCOUNT" }
end

local function find(ctx, input)
  for _, q in ipairs(quotas.list) do
    if q.service == input.ServiceCode and q.code == input.QuotaCode then return q end
  end
  ctx:fail("NoSuchResourceException", "The request failed because the specified quota does not exist.")
end

local function listed(ctx, input, default)
  local list = {}
  for _, q in ipairs(quotas.list) do
    if q.service == input.ServiceCode and (not input.QuotaCode or q.code == input.QuotaCode) then
      list[#list + 1] = row(ctx, q, default)
    end
  end
  if not list[1] then
    ctx:fail("NoSuchResourceException", "The request failed because the specified service does not exist.")
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 100)
  return { Quotas = page, NextToken = token }
end

function quota.GetServiceQuota(ctx, input) return { Quota = row(ctx, find(ctx, input)) } end
function quota.GetAWSDefaultServiceQuota(ctx, input) return { Quota = row(ctx, find(ctx, input), true) } end
function quota.ListServiceQuotas(ctx, input) return listed(ctx, input) end
function quota.ListAWSDefaultServiceQuotas(ctx, input) return listed(ctx, input, true) end

function quota.ListServices(ctx, input)
  local seen, list = {}, {}
  for _, q in ipairs(quotas.list) do
    if not seen[q.service] then
      seen[q.service] = true
      list[#list + 1] = { ServiceCode = q.service, ServiceName = q.service }
    end
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 100)
  return { Services = page, NextToken = token }
end

return quota
