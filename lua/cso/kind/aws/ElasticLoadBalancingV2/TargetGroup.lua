local common = require "cso.kind.aws.ElasticLoadBalancingV2.common"
local kind = require "cso.kind.declare"

--- A target without a port takes the group's.
local function target(t, port)
  return { Id = t.Id, Port = math.tointeger(tonumber(t.Port or port)), AvailabilityZone = t.AvailabilityZone }
end

local function key(t)
  return ("%s:%s"):format(t.Id, tostring(t.Port))
end

local function index(list, port)
  local out = {}
  for _, t in ipairs(list or {}) do
    t = target(t, port)
    out[key(t)] = t
  end
  return out
end

-- Whether instances still come up, as far as that can be told: looking is no change, registering is.
local function coming_up(r, list)
  local ids = {}
  for _, t in ipairs(list) do
    if not t.Id:match("^i%-") then return false end
    ids[#ids + 1] = t.Id
  end
  local out = r:try("ec2.DescribeInstances", { InstanceIds = ids })
  for _, reservation in ipairs(out and out.Reservations or {}) do
    for _, instance in ipairs(reservation.Instances or {}) do
      if instance.State and instance.State.Name == "pending" then return true end
    end
  end
  return false
end

--- Instances that end leave their groups by themselves, and one that has left is refused with all others of the
--- call: then each is asked for alone, and who isn't known any more is where it should be.
local function deregister(r, list)
  local out, e = r:try("DeregisterTargets", { TargetGroupArn = r.id, Targets = list })
  if out then return end
  if e.code ~= "InvalidTarget" then error(e, 0) end
  for _, t in ipairs(#list > 1 and list or {}) do deregister(r, { t }) end
end

local function set_targets(r, want, have)
  local port = r.desired.Port
  local a, b, add, remove = index(want, port), index(have, port), {}, {}
  for _, t in ipairs(want or {}) do
    t = target(t, port)
    if not b[key(t)] then add[#add + 1] = t end
  end
  for k, t in pairs(b) do
    if not a[k] then remove[#remove + 1] = t end
  end
  table.sort(remove, function(x, y) return key(x) < key(y) end)
  if #add > 0 then
    -- Instances can be registered only once they run.
    local refused = false
    r:poll("waiting for the targets to run", function()
      if refused and coming_up(r, add) then return false end
      local out, e = r:try("RegisterTargets", { TargetGroupArn = r.id, Targets = add })
      if out then return true end
      refused = e.code == "InvalidTarget"
      if refused then return false end
      error(e, 0)
    end, 30)
  end
  if #remove > 0 then deregister(r, remove) end
end

return kind "AWS::ElasticLoadBalancingV2::TargetGroup" {
  service = "elbv2", name = { "Name", max = 32 },
  create = { "CreateTargetGroup", take = "TargetGroups[0]", tags = "Tags", skip = { "Targets", "TargetGroupAttributes" } },
  read = {
    "DescribeTargetGroups", by = "TargetGroupArns", list = "TargetGroups[]", key = "TargetGroupArn", batch = 20,
    rename = { TargetGroupName = "Name" }, tags = "read",
    shape = function(model, raw, r)
      model.TargetGroupName = raw.TargetGroupName
      model.TargetGroupFullName = raw.TargetGroupArn:match("(targetgroup/.+)$")
      if r.desired.TargetGroupAttributes then
        model.TargetGroupAttributes = r:call("DescribeTargetGroupAttributes", { TargetGroupArn = r.id }).Attributes
      end
      if r.desired.Targets then
        local list = {}
        for _, d in ipairs(r:call("DescribeTargetHealth", { TargetGroupArn = r.id }).TargetHealthDescriptions) do
          if not d.TargetHealth or d.TargetHealth.State ~= "draining" then list[#list + 1] = d.Target end
        end
        model.Targets = list
      end
      return model
    end,
  },
  update = {
    { "ModifyTargetGroup", props = { "HealthCheckProtocol", "HealthCheckPort", "HealthCheckPath", "HealthCheckEnabled",
      "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount",
      "Matcher" } },
    Targets = set_targets,
    TargetGroupAttributes = common.set_attributes("ModifyTargetGroupAttributes", "TargetGroupArn",
      "TargetGroupAttributes"),
  },
  same = {
    TargetGroupAttributes = common.same_attributes,
    Targets = function(want, have, node)
      local port = node.desired.Port
      local a, b = index(want, port), index(have, port)
      for k in pairs(a) do if not b[k] then return false end end
      for k in pairs(b) do if not a[k] then return false end end
      return true
    end,
  },
  -- What a group begins with, whatever its protocol is.
  back = { TargetGroupAttributes = {
    ["deregistration_delay.timeout_seconds"] = "300", ["deregistration_delay.connection_termination.enabled"] = "false",
    ["stickiness.enabled"] = "false", ["stickiness.lb_cookie.duration_seconds"] = "86400",
    ["stickiness.app_cookie.duration_seconds"] = "86400", ["slow_start.duration_seconds"] = "0",
    ["load_balancing.algorithm.type"] = "round_robin", ["load_balancing.algorithm.anomaly_mitigation"] = "off",
    ["load_balancing.cross_zone.enabled"] = "use_load_balancer_configuration", ["proxy_protocol_v2.enabled"] = "false",
    ["target_group_health.dns_failover.minimum_healthy_targets.count"] = "1",
    ["target_group_health.dns_failover.minimum_healthy_targets.percentage"] = "off",
    ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"] = "1",
    ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"] = "off",
  } },
  defaults = { HealthCheckIntervalSeconds = 30, HealthyThresholdCount = 5, HealthCheckPort = "traffic-port" },
  find = common.by_name("DescribeTargetGroups", "TargetGroups", "TargetGroupArn"),
  delete = { "DeleteTargetGroup", retry = { "ResourceInUse" } },
  seconds = { create = 1, delete = 1 },
}
