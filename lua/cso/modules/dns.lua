-- Names: the private zone, an address for every server, the aliases that configuration files use.
--
-- The low-level design's sample addresses (10.1.1.x) lie in a public subnet by its own formula;
-- here every address is the real one of a server in a private subnet. mysql.<zone>, which
-- keystone.conf needs and the design forgets, is an alias of the database's endpoint.
local cso = require "cso"
local Route53 = cso.aws.Route53

local TTL = "300"

return cso.module {
  inputs = {
    name = cso.t.string,
    zone = cso.t.domain,
    region = cso.t.region,
    vpc = cso.t.resource("EC2.VPC"),
    servers = cso.t.list(cso.t.any), -- { name =, instance = }
    aliases = cso.t.map(cso.t.any), -- alias → name of a server, or a host name (a ref)
    frontend = cso.t.resource { optional = true }, -- with ha: what the health check asks
    alarm = cso.t.resource { optional = true }, -- without: what it follows
  },
  build = function(inp)
    local zone = Route53.HostedZone "private" {
      Name = inp.zone, VPCs = { { VPCId = inp.vpc, VPCRegion = inp.region } },
      HostedZoneConfig = { Comment = inp.name .. " portal" },
    }
    local known, records = {}, {}
    local function record(name, kind, value)
      records[name] = Route53.RecordSet(name) {
        HostedZoneId = zone.Id, Name = ("%s.%s"):format(name, inp.zone), Type = kind, TTL = TTL,
        ResourceRecords = { value },
      }
    end
    for _, server in ipairs(inp.servers) do
      known[server.name] = true
      record(server.name, "A", server.instance.PrivateIp)
    end
    local aliases = {}
    for alias in pairs(inp.aliases) do aliases[#aliases + 1] = alias end
    table.sort(aliases)
    for _, alias in ipairs(aliases) do
      local target = inp.aliases[alias]
      record(alias, "CNAME", known[target] and ("%s.%s"):format(target, inp.zone) or target)
    end

    -- Route 53's checkers live outside the VPC: they can ask the public balancer, but only an alarm
    -- knows how a private server fares. The balancer answers with a redirect to the sign-in, which
    -- counts as healthy.
    local check = inp.frontend and {
      Type = "HTTPS", FullyQualifiedDomainName = inp.frontend.DNSName, Port = 443,
      ResourcePath = "/health", RequestInterval = 30, FailureThreshold = 3,
    } or inp.alarm and {
      Type = "CLOUDWATCH_METRIC", InsufficientDataHealthStatus = "LastKnownStatus",
      AlarmIdentifier = { Name = inp.alarm.AlarmName, Region = inp.region },
    }
    local health = check and Route53.HealthCheck "portal" {
      HealthCheckConfig = check, Tags = { Name = inp.name .. "-portal" },
    } or nil
    return { zone = zone, records = records, health = health }
  end,
}
