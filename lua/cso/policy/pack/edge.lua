--- Load balancers and CloudFront: what the public speaks to.
local ask = require "cso.policy.ask"

-- Policies that speak TLS 1.0 or 1.1; the default when none is named is one of them.
local function is_old(policy)
  if policy == nil then return true end
  return policy:match("%-2015%-") or policy:match("%-2016%-08$") or policy:match("TLS%-1%-[01]%-")
    or policy:match("TLS13%-1%-[01]%-")
end

local function attribute(r, key)
  for _, pair in ipairs(ask.list(r.LoadBalancerAttributes)) do
    if pair.Key == key then return tostring(pair.Value) end
  end
end

local function redirects(r)
  local any = false
  for _, action in ipairs(ask.list(r.DefaultActions)) do
    local to = action.Type == "redirect" and action.RedirectConfig
    if not (to and (to.Protocol == "HTTPS" or to.Protocol == "#{protocol}")) then return false end
    any = true
  end
  return any
end

local function behaviours(r)
  local config = r.DistributionConfig or {}
  local out = ask.list(config.CacheBehaviors)
  table.insert(out, 1, config.DefaultCacheBehavior)
  return out
end

local BALANCER = "ElasticLoadBalancingV2.LoadBalancer"
local LISTENER = "ElasticLoadBalancingV2.Listener"

local function set(key, v) return { LoadBalancerAttributes = { { Key = key, Value = v } } } end

-- A rule about a switch of application load balancers.
local function switched(fields, key, message)
  fields.on = BALANCER
  fields.warn = function(r, plan)
    if fields.production and not plan.production then return end
    if r.Type ~= nil and r.Type ~= "application" then return end
    if attribute(r, key) ~= "true" then return message end
  end
  fields.good = { [BALANCER .. ".a"] = set(key, "true") }
  fields.bad = { [BALANCER .. ".a"] = set(key, "false") }
  if fields.production then fields.bad.production = true end
  fields.production = nil
  return fields
end

local function production_only(fields, key, message)
  fields.production = true
  local rule = switched(fields, key, message)
  rule.warn = function(r, plan)
    if plan.production and attribute(r, key) ~= "true" then return message end
  end
  return rule
end

return {
  {
    id = "CSO-ELB-001", severity = "medium", title = "Listeners speak TLS", on = LISTENER,
    why = "Passwords and cookies travel in clear.", hint = 'Protocol = "HTTPS", and a redirect on port 80',
    warn = function(r)
      if (r.Protocol == "HTTP" or r.Protocol == "TCP" and tostring(r.Port) == "80") and not redirects(r) then
        return "it speaks plain " .. r.Protocol
      end
    end,
    good = { [LISTENER .. ".a"] = { Protocol = "HTTP", Port = 80, DefaultActions = { { Type = "redirect",
      RedirectConfig = { Protocol = "HTTPS", StatusCode = "HTTP_301" } } } } },
    bad = { [LISTENER .. ".a"] = { Protocol = "HTTP", Port = 80, DefaultActions = { { Type = "forward" } } } },
  },
  {
    id = "CSO-ELB-002", severity = "high", title = "Listeners speak TLS 1.2 or later only", on = LISTENER,
    why = "TLS 1.0 and 1.1 are broken, and not allowed where cards are paid with.",
    hint = 'SslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"',
    deny = function(r)
      if (r.Protocol == "HTTPS" or r.Protocol == "TLS") and is_old(r.SslPolicy) then
        return ("%s allows TLS 1.0"):format(r.SslPolicy or "the default policy")
      end
    end,
    fix = function() return { SslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06" } end,
    good = { [LISTENER .. ".a"] = { Protocol = "HTTPS", SslPolicy = "ELBSecurityPolicy-TLS-1-2-2017-01" } },
    bad = { [LISTENER .. ".a"] = { Protocol = "HTTPS", SslPolicy = "ELBSecurityPolicy-2016-08" } },
  },
  switched({ id = "CSO-ELB-003", severity = "medium", title = "Load balancers keep access logs",
    why = "Nobody can tell who came, and what went wrong.", hint = "access_logs.s3.enabled and access_logs.s3.bucket" },
    "access_logs.s3.enabled", "no access log is kept"),
  production_only({ id = "CSO-ELB-004", severity = "medium", title = "Load balancers in production are protected from deletion",
    why = "Its name and addresses go with it.", hint = "deletion_protection.enabled, or protect = true" },
    "deletion_protection.enabled", "it can be deleted by a slip"),
  switched({ id = "CSO-ELB-005", severity = "medium", title = "Load balancers drop broken headers",
    why = "Headers that two programs read differently smuggle requests.",
    hint = "routing.http.drop_invalid_header_fields.enabled" },
    "routing.http.drop_invalid_header_fields.enabled", "invalid headers are passed on"),
  {
    id = "CSO-CF-001", severity = "high", title = "CloudFront serves by HTTPS", on = "CloudFront.Distribution",
    why = "What travels in clear can be read and changed on its way.", hint = 'ViewerProtocolPolicy = "redirect-to-https"',
    deny = function(r)
      return ask.first(behaviours(r), function(behaviour)
        return behaviour.ViewerProtocolPolicy == "allow-all" and "viewers may come by plain HTTP"
      end)
    end,
    good = { ["CloudFront.Distribution.a"] = { DistributionConfig = { DefaultCacheBehavior = {
      ViewerProtocolPolicy = "redirect-to-https" } } } },
    bad = { ["CloudFront.Distribution.a"] = { DistributionConfig = { DefaultCacheBehavior = {
      ViewerProtocolPolicy = "allow-all" } } } },
  },
  {
    id = "CSO-CF-002", severity = "medium", title = "CloudFront speaks TLS 1.2 or later only", on = "CloudFront.Distribution",
    why = "TLS 1.0 and 1.1 are broken.", hint = 'ViewerCertificate.MinimumProtocolVersion = "TLSv1.2_2021"',
    warn = function(r)
      local certificate = r.DistributionConfig and r.DistributionConfig.ViewerCertificate
      local least = certificate and certificate.MinimumProtocolVersion
      if not certificate or certificate.CloudFrontDefaultCertificate == true then return end
      if not least or not least:match("^TLSv1%.[23]") then return (least or "its default") .. " is too old" end
    end,
    good = { ["CloudFront.Distribution.a"] = { DistributionConfig = { ViewerCertificate = {
      MinimumProtocolVersion = "TLSv1.2_2021" } } } },
    bad = { ["CloudFront.Distribution.a"] = { DistributionConfig = { ViewerCertificate = {
      MinimumProtocolVersion = "TLSv1" } } } },
  },
  {
    id = "CSO-CF-003", severity = "low", title = "CloudFront keeps access logs", on = "CloudFront.Distribution",
    why = "Nobody can tell who came.", hint = "DistributionConfig.Logging",
    warn = function(r) if not (r.DistributionConfig and r.DistributionConfig.Logging) then return "no access log is kept" end end,
    good = { ["CloudFront.Distribution.a"] = { DistributionConfig = { Logging = { Bucket = "logs.s3.amazonaws.com" } } } },
    bad = { ["CloudFront.Distribution.a"] = { DistributionConfig = { Enabled = true } } },
  },
  {
    id = "CSO-WAF-001", severity = "medium", title = "Public load balancers stand behind a firewall", on = BALANCER,
    why = "Known attacks reach the servers.", hint = "a WAFv2.WebACLAssociation with ResourceArn = the load balancer",
    warn = function(r, plan)
      if not plan.production or r.Scheme == "internal" or r.Type ~= nil and r.Type ~= "application" then return end
      if #plan:users("WAFv2.WebACLAssociation", r) == 0 then return "no web ACL is associated with it" end
    end,
    good = { production = true, [BALANCER .. ".a"] = { Scheme = "internal" } },
    bad = { production = true, [BALANCER .. ".a"] = { Scheme = "internet-facing" } },
  },
}
