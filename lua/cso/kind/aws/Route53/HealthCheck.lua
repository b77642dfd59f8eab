local kind = require "cso.kind.declare"
local shape = require "cso.kind.shape"
local value = require "cso.std.value"

local function config(r)
  return shape.to_api(r:model(), "HealthCheckConfig", value.reveal(r.desired.HealthCheckConfig))
end

return kind "AWS::Route53::HealthCheck" {
  service = "route53", id = "HealthCheckId", tag_extra = { ResourceType = "healthcheck" },
  handles = { "HealthCheckConfig", "HealthCheckTags" },
  create = function(r)
    local out = r:call("CreateHealthCheck", { CallerReference = r.token, HealthCheckConfig = config(r) }, { creates = true })
    r.id = out.HealthCheck.Id
    r.attributes = { HealthCheckId = r.id }
    local tags = require "cso.kind.tags"
    tags.apply(r, r.id, {}, tags.owned(r.desired.HealthCheckTags, r.own), r.kind.tag_extra)
  end,
  read = { "GetHealthCheck", take = "HealthCheck", tags = "read", rename = { Id = "HealthCheckId" } },
  update = function(r, set)
    if set.HealthCheckConfig then
      local p = config(r)
      p.Type, p.RequestInterval, p.MeasureLatency, p.RoutingControlArn = nil, nil, nil, nil
      p.HealthCheckId = r.id
      r:call("UpdateHealthCheck", p)
    end
    if set.HealthCheckTags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  replace_when = { HealthCheckConfig = function(want, have)
    for _, name in ipairs { "Type", "RequestInterval", "MeasureLatency", "RoutingControlArn" } do
      if want and want[name] ~= nil and have and have[name] ~= nil and tostring(want[name]) ~= tostring(have[name]) then
        return "can't change its " .. name .. " in place"
      end
    end
  end },
  find = function(r)
    local marker
    repeat
      local out = r:call("ListHealthChecks", { Marker = marker })
      for _, check in ipairs(out.HealthChecks) do
        if check.CallerReference == r.token then return check.Id end
      end
      marker = out.IsTruncated and out.NextMarker or nil
    until not marker
  end,
  delete = { "DeleteHealthCheck" },
  seconds = { create = 1, delete = 1 },
}
