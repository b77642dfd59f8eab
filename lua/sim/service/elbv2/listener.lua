--- Listeners and their certificates.
local actions = require "sim.service.elbv2.actions"
local base = require "sim.service.elbv2.base"

local listener = {}

local secure = { HTTPS = true, TLS = true }
local allowed = { application = { HTTP = true, HTTPS = true }, network = { TCP = true, TLS = true, UDP = true, TCP_UDP = true },
  gateway = { GENEVE = true } }

local known = { ["routing.http.response.server.enabled"] = "true" }

local function check_certificates(ctx, list)
  for _, c in ipairs(list) do
    local found = c.CertificateArn:match(":acm:") and ctx:of("acm"):table("Certificate"):get(c.CertificateArn)
      or c.CertificateArn:match(":server%-certificate/")
    if not found then ctx:fail("CertificateNotFound", ("Certificate ARN '%s' is not valid"):format(c.CertificateArn)) end
  end
end

local function check(ctx, row, lb)
  if not row.Protocol then ctx:fail("ValidationError", "A listener protocol must be specified") end
  if not row.Port then ctx:fail("ValidationError", "A listener port must be specified") end
  if not allowed[lb.Type][row.Protocol] then
    ctx:fail("ValidationError",
      ("Listener protocol '%s' is not supported with a load balancer of type '%s'"):format(row.Protocol, lb.Type))
  end
  if secure[row.Protocol] then
    if #(row.Certificates or {}) ~= 1 then
      ctx:fail("ValidationError", ("A certificate must be specified for %s listeners"):format(row.Protocol))
    end
    check_certificates(ctx, row.Certificates)
  elseif #(row.Certificates or {}) > 0 then
    ctx:fail("ValidationError", ("Certificates can't be specified for %s listeners"):format(row.Protocol))
  end
  actions.check(ctx, row.DefaultActions, row.Protocol)
end

local function view(_, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  return out
end

function listener.CreateListener(ctx, input)
  local lb = base.need(ctx, "LoadBalancer", input.LoadBalancerArn)
  local row = { LoadBalancerArn = lb.LoadBalancerArn, Port = input.Port, Protocol = input.Protocol,
    Certificates = input.Certificates,
    DefaultActions = input.DefaultActions, AlpnPolicy = input.AlpnPolicy, MutualAuthentication = input.MutualAuthentication,
    SslPolicy = secure[input.Protocol] and (input.SslPolicy or "ELBSecurityPolicy-2016-08") or nil }
  check(ctx, row, lb)
  local tags = base.tags(ctx, input.Tags)
  for _, other in ipairs(ctx:table("Listener"):by("LoadBalancerArn", lb.LoadBalancerArn)) do
    if other.Port == input.Port then
      ctx:fail("DuplicateListener", "A listener already exists on this port for this load balancer '" .. lb.LoadBalancerArn
        .. "'")
    end
  end
  if #ctx:table("Listener"):by("LoadBalancerArn", lb.LoadBalancerArn) >= 50 then
    ctx:fail("TooManyListeners", "You've reached the limit on the number of listeners per load balancer.")
  end
  row.DefaultActions = actions.complete(input.DefaultActions)
  if secure[row.Protocol] and not row.MutualAuthentication then row.MutualAuthentication = { Mode = "off" } end
  row.ListenerArn = (lb.LoadBalancerArn:gsub(":loadbalancer/", ":listener/")) .. "/" .. ctx.ids:hex(16)
  row._certificates, row._tags, row._attributes = {}, tags, {}
  for _, c in ipairs(row.Certificates or {}) do table.insert(row._certificates, { CertificateArn = c.CertificateArn,
    IsDefault = true }) end
  base.save(ctx, "Listener", row)
  local rule = { RuleArn = (row.ListenerArn:gsub(":listener/", ":listener-rule/")) .. "/" .. ctx.ids:hex(16),
    Priority = "default",
    Conditions = {}, Actions = row.DefaultActions, IsDefault = true, _listener = row.ListenerArn,
      _balancer = lb.LoadBalancerArn, _tags = {} }
  ctx:table("Rule"):put(rule.RuleArn, rule)
  return { Listeners = { view(ctx, row) } }
end

function listener.ModifyListener(ctx, input)
  local row = base.need(ctx, "Listener", input.ListenerArn)
  local lb = base.need(ctx, "LoadBalancer", row.LoadBalancerArn)
  local new = {}
  for k, v in pairs(row) do new[k] = v end
  for k, v in pairs(input) do new[k] = v end
  if not secure[new.Protocol] then new.Certificates, new.SslPolicy, new.MutualAuthentication = nil, nil, nil end
  if secure[new.Protocol] and not new.SslPolicy then new.SslPolicy = "ELBSecurityPolicy-2016-08" end
  check(ctx, new, lb)
  if input.Port and input.Port ~= row.Port then
    for _, other in ipairs(ctx:table("Listener"):by("LoadBalancerArn", row.LoadBalancerArn)) do
      if other.Port == input.Port and other.ListenerArn ~= row.ListenerArn then
        ctx:fail("DuplicateListener", "A listener already exists on this port for this load balancer")
      end
    end
  end
  new.DefaultActions = actions.complete(new.DefaultActions)
  local extra = {}
  for _, c in ipairs(row._certificates) do
    if not c.IsDefault then extra[#extra + 1] = c end
  end
  new._certificates = extra
  for _, c in ipairs(new.Certificates or {}) do table.insert(new._certificates, 1, { CertificateArn = c.CertificateArn,
    IsDefault = true }) end
  base.save(ctx, "Listener", new)
  for _, rule in ipairs(ctx:table("Rule"):by("_listener", row.ListenerArn)) do
    if rule.IsDefault then
      rule.Actions = new.DefaultActions
      ctx:table("Rule"):put(rule.RuleArn, rule)
    end
  end
  return { Listeners = { view(ctx, new) } }
end

function listener.DescribeListeners(ctx, input)
  return base.describe(ctx, input, "Listener", { arns = "ListenerArns", out = "Listeners", view = view, of = "LoadBalancerArn",
    select = function(_, lb)
      base.need(ctx, "LoadBalancer", lb)
      return ctx:table("Listener"):by("LoadBalancerArn", lb)
    end })
end

function listener.DescribeListenerAttributes(ctx, input)
  return { Attributes = base.attribute_list(known, base.need(ctx, "Listener", input.ListenerArn)._attributes) }
end

function listener.ModifyListenerAttributes(ctx, input)
  local row = base.need(ctx, "Listener", input.ListenerArn)
  base.attributes(ctx, known, row._attributes, input.Attributes)
  base.save(ctx, "Listener", row)
  return { Attributes = base.attribute_list(known, row._attributes) }
end

--- Removes a listener with its rules.
function listener.remove(ctx, row)
  for _, rule in ipairs(ctx:table("Rule"):by("_listener", row.ListenerArn)) do ctx:table("Rule"):delete(rule.RuleArn) end
  ctx:table("Listener"):delete(row.ListenerArn)
end

function listener.DeleteListener(ctx, input)
  listener.remove(ctx, base.need(ctx, "Listener", input.ListenerArn))
  return {}
end

function listener.AddListenerCertificates(ctx, input)
  local row = base.need(ctx, "Listener", input.ListenerArn)
  if not secure[row.Protocol] then ctx:fail("ValidationError", "Certificates can be added to secure listeners only.") end
  check_certificates(ctx, input.Certificates)
  local has = {}
  for _, c in ipairs(row._certificates) do has[c.CertificateArn] = true end
  for _, c in ipairs(input.Certificates) do
    if not has[c.CertificateArn] then table.insert(row._certificates, { CertificateArn = c.CertificateArn,
      IsDefault = false }) end
  end
  if #row._certificates > 26 then ctx:fail("TooManyCertificates",
    "You've reached the limit on the number of certificates per load balancer.") end
  base.save(ctx, "Listener", row)
  return { Certificates = input.Certificates }
end

function listener.RemoveListenerCertificates(ctx, input)
  local row, gone, left = base.need(ctx, "Listener", input.ListenerArn), {}, {}
  for _, c in ipairs(input.Certificates) do gone[c.CertificateArn] = true end
  for _, c in ipairs(row._certificates) do
    if c.IsDefault and gone[c.CertificateArn] then
      ctx:fail("OperationNotPermitted", "Default certificate cannot be removed from a listener")
    end
    if not gone[c.CertificateArn] then left[#left + 1] = c end
  end
  row._certificates = left
  base.save(ctx, "Listener", row)
  return {}
end

function listener.DescribeListenerCertificates(ctx, input)
  local page, marker = ctx:page(base.need(ctx, "Listener", input.ListenerArn)._certificates, input.Marker, input.PageSize, 400,
    "ValidationError")
  return { Certificates = page, NextMarker = marker }
end

return { CreateListener = listener.CreateListener, ModifyListener = listener.ModifyListener,
  DescribeListeners = listener.DescribeListeners,
  DescribeListenerAttributes = listener.DescribeListenerAttributes, ModifyListenerAttributes = listener.ModifyListenerAttributes,
  DeleteListener = listener.DeleteListener, AddListenerCertificates = listener.AddListenerCertificates,
  RemoveListenerCertificates = listener.RemoveListenerCertificates,
    DescribeListenerCertificates = listener.DescribeListenerCertificates,
  remove = listener.remove }
