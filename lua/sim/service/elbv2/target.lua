--- Target groups and what is registered in them.
local base = require "sim.service.elbv2.base"

local target = {}

local known = {
  ["deregistration_delay.timeout_seconds"] = "300", ["stickiness.enabled"] = "false", ["stickiness.type"] = "lb_cookie",
  ["stickiness.lb_cookie.duration_seconds"] = "86400", ["stickiness.app_cookie.cookie_name"] = "",
  ["stickiness.app_cookie.duration_seconds"] = "86400", ["slow_start.duration_seconds"] = "0",
  ["load_balancing.algorithm.type"] = "round_robin", ["load_balancing.algorithm.anomaly_mitigation"] = "off",
  ["load_balancing.cross_zone.enabled"] = "use_load_balancer_configuration",
  ["target_group_health.dns_failover.minimum_healthy_targets.count"] = "1",
  ["target_group_health.dns_failover.minimum_healthy_targets.percentage"] = "off",
  ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"] = "1",
  ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"] = "off",
  ["proxy_protocol_v2.enabled"] = "false", ["preserve_client_ip.enabled"] = "false",
  ["deregistration_delay.connection_termination.enabled"] = "false",
}

local http = { HTTP = true, HTTPS = true }

local function check_health(ctx, row)
  local interval, timeout = row.HealthCheckIntervalSeconds, row.HealthCheckTimeoutSeconds
  if timeout >= interval then
    ctx:fail("ValidationError", ("Health check timeout '%d' must be smaller than the interval '%d'"):format(timeout, interval))
  end
  if row.HealthCheckPath and not row.HealthCheckPath:match("^/") and http[row.HealthCheckProtocol] then
    ctx:fail("ValidationError", ("Health check path '%s' must begin with a '/' character"):format(row.HealthCheckPath))
  end
  if row.Matcher and row.Matcher.HttpCode and not row.Matcher.HttpCode:match("^[%d,%-]+$") then
    ctx:fail("ValidationError", ("Health check matcher HTTP code '%s' must be within '200-499'"):format(row.Matcher.HttpCode))
  end
end

local function users(ctx, arn)
  local list = {}
  local function look(row, actions, lb)
    for _, action in ipairs(actions or {}) do
      local hit = action.TargetGroupArn == arn
      for _, t in ipairs(action.ForwardConfig and action.ForwardConfig.TargetGroups or {}) do hit = hit
        or t.TargetGroupArn == arn end
      if hit then list[lb or row.LoadBalancerArn] = true end
    end
  end
  for _, l in ipairs(ctx:table("Listener"):list()) do look(l, l.DefaultActions) end
  for _, r in ipairs(ctx:table("Rule"):list()) do look(r, r.Actions, r._balancer) end
  local out = {}
  for lb in pairs(list) do out[#out + 1] = lb end
  table.sort(out)
  return out
end

local function view(ctx, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  out.LoadBalancerArns = users(ctx, row.TargetGroupArn)
  return out
end

function target.CreateTargetGroup(ctx, input)
  base.check_name(ctx, input.Name, "Target group")
  local kind = input.TargetType or "instance"
  if kind ~= "lambda" then
    if not input.Protocol then ctx:fail("ValidationError", "A protocol must be specified") end
    if not input.Port then ctx:fail("ValidationError", "A port must be specified") end
    if not input.VpcId then ctx:fail("ValidationError", "A VPC ID must be specified") end
    if not ctx:of("ec2"):table("Vpc"):get(input.VpcId) then
      ctx:fail("ValidationError", ("The VPC ID '%s' is not found"):format(input.VpcId))
    end
  end
  local is_http = http[input.Protocol]
  local check = input.HealthCheckProtocol or (is_http and input.Protocol) or "TCP"
  if not http[check] then check = input.HealthCheckProtocol or "TCP" end
  local row = {
    TargetGroupName = input.Name, Protocol = input.Protocol, Port = input.Port, VpcId = input.VpcId, TargetType = kind,
    ProtocolVersion = is_http and (input.ProtocolVersion or "HTTP1") or nil, IpAddressType = input.IpAddressType or "ipv4",
    HealthCheckProtocol = kind ~= "lambda" and check or nil, HealthCheckPort = input.HealthCheckPort or "traffic-port",
    HealthCheckEnabled = input.HealthCheckEnabled ~= false,
    HealthCheckPath = input.HealthCheckPath or (http[check] and "/" or nil),
    HealthCheckIntervalSeconds = input.HealthCheckIntervalSeconds or (kind == "lambda" and 35 or 30),
    HealthCheckTimeoutSeconds = input.HealthCheckTimeoutSeconds or (check == "TCP" and 10 or check == "HTTPS" and 5 or 5),
    HealthyThresholdCount = input.HealthyThresholdCount or 5, UnhealthyThresholdCount = input.UnhealthyThresholdCount or 2,
    Matcher = http[check] and (input.Matcher or { HttpCode = "200" }) or nil,
  }
  check_health(ctx, row)
  local tags = base.tags(ctx, input.Tags)
  local twin = ctx:table("TargetGroup"):one("TargetGroupName", input.Name)
  if twin then
    local equal = true
    for _, k in ipairs { "Protocol", "Port", "VpcId", "TargetType", "HealthCheckPath", "HealthCheckProtocol",
      "HealthyThresholdCount",
      "UnhealthyThresholdCount", "HealthCheckIntervalSeconds" } do equal = equal and twin[k] == row[k] end
    if equal then return { TargetGroups = { view(ctx, twin) } } end
    ctx:fail("DuplicateTargetGroupName",
      ("A target group with the same name '%s' exists, but with different settings"):format(input.Name))
  end
  row.TargetGroupArn = ctx:arn(("targetgroup/%s/%s"):format(input.Name, ctx.ids:hex(16)))
  row._tags, row._attributes, row._targets = tags, {}, {}
  base.save(ctx, "TargetGroup", row)
  return { TargetGroups = { view(ctx, row) } }
end

function target.ModifyTargetGroup(ctx, input)
  local row = base.need(ctx, "TargetGroup", input.TargetGroupArn)
  local new = {}
  for k, v in pairs(row) do new[k] = v end
  for k, v in pairs(input) do
    if k ~= "TargetGroupArn" then new[k] = v end
  end
  check_health(ctx, new)
  base.save(ctx, "TargetGroup", new)
  return { TargetGroups = { view(ctx, new) } }
end

function target.DescribeTargetGroups(ctx, input)
  return base.describe(ctx, input, "TargetGroup", { arns = "TargetGroupArns", names = "TargetGroupName", out = "TargetGroups",
    view = view,
    of = "LoadBalancerArn", select = function(_, lb)
      base.need(ctx, "LoadBalancer", lb)
      return ctx:table("TargetGroup"):list(function(row)
        for _, arn in ipairs(users(ctx, row.TargetGroupArn)) do
          if arn == lb then return true end
        end
        return false
      end)
    end })
end

function target.DescribeTargetGroupAttributes(ctx, input)
  return { Attributes = base.attribute_list(known, base.need(ctx, "TargetGroup", input.TargetGroupArn)._attributes) }
end

function target.ModifyTargetGroupAttributes(ctx, input)
  local row = base.need(ctx, "TargetGroup", input.TargetGroupArn)
  base.attributes(ctx, known, row._attributes, input.Attributes)
  base.save(ctx, "TargetGroup", row)
  return { Attributes = base.attribute_list(known, row._attributes) }
end

function target.DeleteTargetGroup(ctx, input)
  local row = ctx:table("TargetGroup"):get(input.TargetGroupArn)
  if not row then return {} end
  if #users(ctx, row.TargetGroupArn) > 0 then
    ctx:fail("ResourceInUse", ("Target group '%s' is currently in use by a listener or a rule"):format(row.TargetGroupArn))
  end
  ctx:table("TargetGroup"):delete(row.TargetGroupArn)
  return {}
end

local function key(t, row)
  return ("%s:%s"):format(t.Id, tostring(t.Port or row.Port or ""))
end

function target.RegisterTargets(ctx, input)
  local row = base.need(ctx, "TargetGroup", input.TargetGroupArn)
  for _, t in ipairs(input.Targets) do
    if row.TargetType == "instance" then
      local instance = ctx:of("ec2"):table("Instance"):get(t.Id)
      if not instance then ctx:fail("InvalidTarget", ("The following targets are not in a valid state: %s"):format(t.Id)) end
      local state = ctx:of("ec2"):state(instance) or (instance.State and instance.State.Name)
      if state ~= "running" then
        ctx:fail("InvalidTarget",
          ("The following targets are not in a running state and cannot be registered: '%s'"):format(t.Id))
      end
      if instance.VpcId ~= row.VpcId then
        ctx:fail("InvalidTarget", ("The following targets are not in the target group VPC '%s': '%s'"):format(row.VpcId, t.Id))
      end
    end
  end
  for _, t in ipairs(input.Targets) do
    if not row._targets[key(t, row)] then
      row._targets[key(t, row)] = ctx:phases({ Id = t.Id, Port = t.Port or row.Port, AvailabilityZone = t.AvailabilityZone },
        "initial", row.HealthCheckIntervalSeconds * row.HealthyThresholdCount, "healthy")
    end
  end
  base.save(ctx, "TargetGroup", row)
  return {}
end

function target.DeregisterTargets(ctx, input)
  local row = base.need(ctx, "TargetGroup", input.TargetGroupArn)
  for _, t in ipairs(input.Targets) do
    if t.Port then
      row._targets[key(t, row)] = nil
    else
      for k, known_target in pairs(row._targets) do
        if known_target.Id == t.Id then row._targets[k] = nil end
      end
    end
  end
  base.save(ctx, "TargetGroup", row)
  return {}
end

function target.DescribeTargetHealth(ctx, input)
  local row = base.need(ctx, "TargetGroup", input.TargetGroupArn)
  local used, list = #users(ctx, row.TargetGroupArn) > 0, {}
  local wanted
  for _, t in ipairs(input.Targets or {}) do
    wanted = wanted or {}
    wanted[key(t, row)] = true
  end
  for k, t in pairs(row._targets) do
    if not wanted or wanted[k] then
      local state = used and ctx:state(t) or "unused"
      list[#list + 1] = { Target = { Id = t.Id, Port = t.Port, AvailabilityZone = t.AvailabilityZone },
        HealthCheckPort = row.HealthCheckPort == "traffic-port" and tostring(t.Port) or row.HealthCheckPort,
        TargetHealth = { State = state, Reason = state == "unused" and "Target.NotInUse" or state == "initial"
          and "Elb.RegistrationInProgress" or nil,
          Description = state == "unused" and "Target group is not configured to receive traffic from the load balancer"
            or state == "initial" and "Target registration is in progress" or nil } }
    end
  end
  table.sort(list, function(a, b)
    if a.Target.Id ~= b.Target.Id then return a.Target.Id < b.Target.Id end
    return (a.Target.Port or 0) < (b.Target.Port or 0)
  end)
  return { TargetHealthDescriptions = list }
end

return target
