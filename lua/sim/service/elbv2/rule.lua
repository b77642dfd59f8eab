--- Listener rules.
local actions = require "sim.service.elbv2.actions"
local base = require "sim.service.elbv2.base"

local rule = {}

local configs = { ["path-pattern"] = "PathPatternConfig", ["host-header"] = "HostHeaderConfig",
  ["http-header"] = "HttpHeaderConfig",
  ["http-request-method"] = "HttpRequestMethodConfig", ["query-string"] = "QueryStringConfig", ["source-ip"] = "SourceIpConfig" }

local function complete(ctx, conditions)
  local out = {}
  for i, c in ipairs(conditions) do
    local config = configs[c.Field]
    if not config then ctx:fail("ValidationError",
      ("Condition field '%s' must be one of '[http-request-method, host-header, "
        .. "source-ip, path-pattern, http-header, query-string]'"):format(tostring(c.Field))) end
    local copy = {}
    for k, v in pairs(c) do copy[k] = v end
    local values = c.Values and #c.Values > 0 and c.Values or c[config] and c[config].Values
    if not values and not (c[config] and c[config].RegexValues) then ctx:fail("ValidationError",
      "A condition value must be specified") end
    if c.Field == "path-pattern" or c.Field == "host-header" then
      copy[config] = copy[config] or { Values = values }
      copy.Values = values
    end
    out[i] = copy
  end
  return out
end

local function of_listener(ctx, arn) return ctx:table("Rule"):by("_listener", arn) end

local function check_priority(ctx, arn, priority, moving)
  if priority < 1 or priority > 50000 then ctx:fail("ValidationError", "Priority must be between 1 and 50000.") end
  for _, other in ipairs(of_listener(ctx, arn)) do
    if other.Priority == tostring(priority) and not moving[other.RuleArn] then
      ctx:fail("PriorityInUse", ("Priority '%d' is currently in use"):format(priority))
    end
  end
end

function rule.CreateRule(ctx, input)
  local listener = base.need(ctx, "Listener", input.ListenerArn)
  if #input.Conditions == 0 then ctx:fail("ValidationError", "A condition must be specified") end
  local conditions = complete(ctx, input.Conditions)
  check_priority(ctx, listener.ListenerArn, input.Priority, {})
  actions.check(ctx, input.Actions, listener.Protocol)
  if #of_listener(ctx, listener.ListenerArn) > 100 then ctx:fail("TooManyRules",
    "You've reached the limit on the number of rules per load balancer.") end
  local row = { RuleArn = (listener.ListenerArn:gsub(":listener/", ":listener-rule/")) .. "/" .. ctx.ids:hex(16),
    Priority = tostring(input.Priority), Conditions = conditions, Actions = actions.complete(input.Actions), IsDefault = false,
    _listener = listener.ListenerArn, _balancer = listener.LoadBalancerArn, _tags = base.tags(ctx, input.Tags) }
  base.save(ctx, "Rule", row)
  return { Rules = { row } }
end

function rule.ModifyRule(ctx, input)
  local row = base.need(ctx, "Rule", input.RuleArn)
  if row.IsDefault then ctx:fail("OperationNotPermitted", ("Default rule '%s' cannot be modified"):format(row.RuleArn)) end
  local listener = base.need(ctx, "Listener", row._listener)
  local conditions = input.Conditions and complete(ctx, input.Conditions)
  if input.Actions then actions.check(ctx, input.Actions, listener.Protocol) end
  if conditions then row.Conditions = conditions end
  if input.Actions then row.Actions = actions.complete(input.Actions) end
  base.save(ctx, "Rule", row)
  return { Rules = { row } }
end

function rule.SetRulePriorities(ctx, input)
  local out, moving = {}, {}
  for _, pair in ipairs(input.RulePriorities) do moving[pair.RuleArn or ""] = true end
  for _, pair in ipairs(input.RulePriorities) do
    local row = base.need(ctx, "Rule", pair.RuleArn)
    if row.IsDefault then ctx:fail("OperationNotPermitted", "Default rules have no priority.") end
    -- Rules of one call may change places; only the new order must be free of conflicts.
    check_priority(ctx, row._listener, pair.Priority, moving)
  end
  for i, pair in ipairs(input.RulePriorities) do
    local row = base.need(ctx, "Rule", pair.RuleArn)
    row.Priority = tostring(pair.Priority)
    base.save(ctx, "Rule", row)
    out[i] = row
  end
  return { Rules = out }
end

function rule.DescribeRules(ctx, input)
  return base.describe(ctx, input, "Rule", { arns = "RuleArns", out = "Rules", of = "ListenerArn", select = function(_, arn)
    base.need(ctx, "Listener", arn)
    local list = table.move(of_listener(ctx, arn), 1, #of_listener(ctx, arn), 1, {})
    table.sort(list, function(a, b) return (tonumber(a.Priority) or math.huge) < (tonumber(b.Priority) or math.huge) end)
    return list
  end })
end

function rule.DeleteRule(ctx, input)
  local row = base.need(ctx, "Rule", input.RuleArn)
  if row.IsDefault then ctx:fail("OperationNotPermitted", ("Default rule '%s' cannot be deleted"):format(row.RuleArn)) end
  ctx:table("Rule"):delete(row.RuleArn)
  return {}
end

return rule
