--- Health checks: kept and compared; nothing is called.
local base = require "sim.service.route53.base"

local healthcheck = {}

local function need(ctx, id)
  local row = ctx:table("HealthCheck"):get(id)
  if not row then ctx:fail("NoSuchHealthCheck", "A health check with id: " .. id .. " does not exist.") end
  return row
end

local ports = { HTTP = 80, HTTP_STR_MATCH = 80, HTTPS = 443, HTTPS_STR_MATCH = 443 }

local function complete(ctx, config)
  local c = {}
  for k, v in next, config do c[k] = v end
  local kind = c.Type
  if ports[kind] or kind == "TCP" then
    if not c.IPAddress and not c.FullyQualifiedDomainName then
      ctx:fail("InvalidInput", "Invalid parameter : Either IPAddress or FullyQualifiedDomainName must be specified.")
    end
    c.Port = c.Port or ports[kind]
    if not c.Port then ctx:fail("InvalidInput", "Invalid parameter : Port must be specified for TCP health checks.") end
    c.RequestInterval, c.FailureThreshold = c.RequestInterval or 30, c.FailureThreshold or 3
    if c.RequestInterval ~= 10 and c.RequestInterval ~= 30 then
      ctx:fail("InvalidInput", "Invalid parameter : RequestInterval must be 10 or 30.")
    end
    if c.MeasureLatency == nil then c.MeasureLatency = false end
    if c.EnableSNI == nil then c.EnableSNI = kind:match("^HTTPS") ~= nil end
  end
  if kind:match("STR_MATCH") and not c.SearchString then
    ctx:fail("InvalidInput", "Invalid parameter : SearchString must be specified for this type.")
  end
  if c.Inverted == nil then c.Inverted = false end
  if c.Disabled == nil then c.Disabled = false end
  return c
end

function healthcheck.CreateHealthCheck(ctx, input)
  local config = complete(ctx, input.HealthCheckConfig)
  if ctx:table("HealthCheck"):one("CallerReference", input.CallerReference) then
    ctx:fail("HealthCheckAlreadyExists", "A health check with the specified caller reference already exists.")
  end
  local id = ctx.ids:uuid()
  local row = { Id = id, CallerReference = input.CallerReference, HealthCheckConfig = config, HealthCheckVersion = 1, _tags = {} }
  ctx:table("HealthCheck"):put(id, row)
  return { HealthCheck = row, Location = "https://route53.amazonaws.com/2013-04-01/healthcheck/" .. id }
end

function healthcheck.GetHealthCheck(ctx, input) return { HealthCheck = need(ctx, input.HealthCheckId) } end

function healthcheck.UpdateHealthCheck(ctx, input)
  local row = need(ctx, input.HealthCheckId)
  if input.HealthCheckVersion and input.HealthCheckVersion ~= row.HealthCheckVersion then
    ctx:fail("HealthCheckVersionMismatch", "The value of HealthCheckVersion in the request doesn't match.")
  end
  local config = {}
  for k, v in next, row.HealthCheckConfig do config[k] = v end
  for k, v in next, input do
    if k ~= "HealthCheckId" and k ~= "HealthCheckVersion" and k ~= "ResetElements" then config[k] = v end
  end
  for _, name in ipairs(input.ResetElements or {}) do config[name] = nil end
  row.HealthCheckConfig = complete(ctx, config)
  row.HealthCheckVersion = row.HealthCheckVersion + 1
  ctx:table("HealthCheck"):put(row.Id, row)
  return { HealthCheck = row }
end

function healthcheck.DeleteHealthCheck(ctx, input)
  need(ctx, input.HealthCheckId)
  ctx:table("HealthCheck"):delete(input.HealthCheckId)
  return {}
end

function healthcheck.ListHealthChecks(ctx, input)
  local list, rest, found = ctx:table("HealthCheck"):list(), {}, not input.Marker
  for _, row in ipairs(list) do
    found = found or row.Id == base.bare(input.Marker)
    if found then rest[#rest + 1] = row end
  end
  local limit = tonumber(input.MaxItems) or 100
  local more = rest[limit + 1]
  return { HealthChecks = table.move(rest, 1, math.min(limit, #rest), 1, {}), IsTruncated = more ~= nil,
    NextMarker = more and more.Id, MaxItems = tostring(limit), Marker = input.Marker or "" }
end

function healthcheck.GetHealthCheckStatus(ctx, input)
  need(ctx, input.HealthCheckId)
  return { HealthCheckObservations = { { Region = "eu-west-1", IPAddress = "15.177.2.1",
    StatusReport = { Status = "Success: HTTP Status Code 200, OK", CheckedTime = ctx.now } } } }
end

function healthcheck.GetHealthCheckCount(ctx) return { HealthCheckCount = ctx:table("HealthCheck").count } end

return healthcheck
