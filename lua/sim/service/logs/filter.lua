--- Filters of a group (metrics, subscriptions) and resource policies of the account.
local base = require "sim.service.logs.base"
local json = require "cso.std.json"

local filter = {}

-- Put, describe, delete of one kind of filter.
local function family(place, out, limit, fields)
  local function put(ctx, input)
    local group = base.group(ctx, input.logGroupName)
    local rows, id = ctx:table(place), group.logGroupName .. "|" .. input.filterName
    local old = rows:get(id)
    if not old and #rows:by("_group", group.logGroupName) >= limit then
      ctx:fail("LimitExceededException", "Resource limit exceeded.")
    end
    local row = { filterName = input.filterName, filterPattern = input.filterPattern, logGroupName = group.logGroupName, _id = id,
      creationTime = old and old.creationTime or base.ms(ctx), _group = group.logGroupName }
    for _, name in ipairs(fields) do row[name] = input[name] end
    rows:put(id, row)
    return group
  end
  local function describe(ctx, input)
    local rows = input.logGroupName and ctx:table(place):by("_group", base.group(ctx, input.logGroupName).logGroupName)
      or ctx:table(place):list()
    return base.page(ctx, rows, "filterName", input.filterNamePrefix, input, out)
  end
  local function delete(ctx, input)
    local group = base.group(ctx, input.logGroupName)
    if not ctx:table(place):delete(group.logGroupName .. "|" .. input.filterName) then
      ctx:fail("ResourceNotFoundException", "The specified filter does not exist.")
    end
    return group
  end
  return put, describe, delete
end

local put, describe, delete = family("MetricFilter", "metricFilters", 100, { "metricTransformations", "applyOnTransformedLogs" })

local function counted(change)
  return function(ctx, input)
    local group = change(ctx, input)
    group.metricFilterCount = #ctx:table("MetricFilter"):by("_group", group.logGroupName)
    base.save(ctx, group)
    return {}
  end
end

filter.PutMetricFilter, filter.DescribeMetricFilters, filter.DeleteMetricFilter = counted(put), describe, counted(delete)

local subscribe, described, unsubscribe = family("SubscriptionFilter", "subscriptionFilters", 2,
  { "destinationArn", "roleArn", "distribution" })

function filter.PutSubscriptionFilter(ctx, input)
  input.distribution = input.distribution or "ByLogStream"
  subscribe(ctx, input)
  return {}
end

filter.DescribeSubscriptionFilters = described

function filter.DeleteSubscriptionFilter(ctx, input)
  unsubscribe(ctx, input)
  return {}
end

function filter.PutResourcePolicy(ctx, input)
  if type(json.decode(input.policyDocument or "")) ~= "table" then
    ctx:fail("InvalidParameterException", "Policy document is not valid JSON.")
  end
  local rows = ctx:table("ResourcePolicy")
  if not rows:get(input.policyName) and rows.count >= 10 then ctx:fail("LimitExceededException", "Resource limit exceeded.") end
  local row = rows:put(input.policyName, { policyName = input.policyName, policyDocument = input.policyDocument,
    lastUpdatedTime = base.ms(ctx) })
  return { resourcePolicy = row }
end

function filter.DescribeResourcePolicies(ctx, input)
  return base.page(ctx, ctx:table("ResourcePolicy"):list(), "policyName", nil, input, "resourcePolicies")
end

function filter.DeleteResourcePolicy(ctx, input)
  if not ctx:table("ResourcePolicy"):delete(input.policyName) then
    ctx:fail("ResourceNotFoundException", ("Policy with name [%s] does not exist"):format(tostring(input.policyName)))
  end
  return {}
end

return filter
