local common = require "cso.kind.aws.ElasticLoadBalancingV2.common"
local kind = require "cso.kind.declare"

return kind "AWS::ElasticLoadBalancingV2::LoadBalancer" {
  service = "elbv2", name = { "Name", max = 32 },
  create = { "CreateLoadBalancer", take = "LoadBalancers[0]", tags = "Tags", skip = { "LoadBalancerAttributes" } },
  read = {
    "DescribeLoadBalancers", by = "LoadBalancerArns", list = "LoadBalancers[]", key = "LoadBalancerArn", batch = 20,
    rename = { LoadBalancerName = "Name" }, tags = "read",
    failed_when = { ["State.Code"] = { "failed" } }, failed_why = "State.Reason",
    shape = function(model, raw, r)
      local subnets = {}
      for i, zone in ipairs(raw.AvailabilityZones or {}) do subnets[i] = zone.SubnetId end
      model.Subnets = subnets
      model.SubnetMappings = r.desired.SubnetMappings
      model.LoadBalancerName = raw.LoadBalancerName
      model.LoadBalancerFullName = raw.LoadBalancerArn:match("loadbalancer/(.+)$")
      if r.desired.LoadBalancerAttributes then
        model.LoadBalancerAttributes = r:call("DescribeLoadBalancerAttributes", { LoadBalancerArn = r.id }).Attributes
      end
      return model
    end,
  },
  update = {
    Subnets = { "SetSubnets" },
    SubnetMappings = { "SetSubnets" },
    SecurityGroups = { "SetSecurityGroups" },
    IpAddressType = { "SetIpAddressType" },
    LoadBalancerAttributes = common.set_attributes("ModifyLoadBalancerAttributes", "LoadBalancerArn",
      "LoadBalancerAttributes"),
  },
  -- What a service begins with, as it documents it. Where logs go to stays: nothing is written there any more.
  back = { LoadBalancerAttributes = {
    ["access_logs.s3.enabled"] = "false", ["connection_logs.s3.enabled"] = "false", ["deletion_protection.enabled"] = "false",
    ["zonal_shift.config.enabled"] = "false", ["idle_timeout.timeout_seconds"] = "60", ["client_keep_alive.seconds"] = "3600",
    ["load_balancing.cross_zone.enabled"] = function(d)
      return (d.Type or "application") == "application" and "true" or "false"
    end,
    ["routing.http.desync_mitigation_mode"] = "defensive", ["routing.http.drop_invalid_header_fields.enabled"] = "false",
    ["routing.http.preserve_host_header.enabled"] = "false",
    ["routing.http.x_amzn_tls_version_and_cipher_suite.enabled"] = "false",
    ["routing.http.xff_client_port.enabled"] = "false", ["routing.http.xff_header_processing.mode"] = "append",
    ["routing.http2.enabled"] = "true", ["waf.fail_open.enabled"] = "false",
    ["dns_record.client_routing_policy"] = "any_availability_zone",
  } },
  same = { LoadBalancerAttributes = common.same_attributes },
  sets = { "Subnets", "SecurityGroups" },
  find = common.by_name("DescribeLoadBalancers", "LoadBalancers", "LoadBalancerArn"),
  protection = { property = "LoadBalancerAttributes", key = "deletion_protection.enabled", on = "true", off = "false" },
  delete = { "DeleteLoadBalancer", retry = { "ResourceInUse" } },
  gone = true,
  ready = { state = "State.Code", ok = { "active" }, bad = { "failed" }, reason = "State.Reason" },
  seconds = { create = 120, delete = 10 },
}
