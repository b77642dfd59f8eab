-- The lives of Route 53's kinds.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
]]

local SET, CHECK = { "Route53.RecordSet.web" }, { "Route53.HealthCheck.web" }

describe("the life of", function()
  life.of { name = "Route53 HostedZone", playbook = HEAD .. [[
cso.aws.Route53.HostedZone "main" { Name = "Example.com", HostedZoneConfig = { Comment = "one" },
  HostedZoneTags = { Name = "one" } }
]], edits = {
    { from = 'Comment = "one"', to = 'Comment = "two"', update = { "Route53.HostedZone.main" } },
    { from = 'Name = "one"', to = 'Name = "two", More = "x"', update = { "Route53.HostedZone.main" } },
    { from = ', More = "x"', to = "", update = { "Route53.HostedZone.main" } },
    { from = ' HostedZoneConfig = { Comment = "two" },', to = "", update = { "Route53.HostedZone.main" } },
    { from = "Example.com", to = "example.org", replace = { "Route53.HostedZone.main" } },
  } }

  life.of { name = "Route53 HostedZone that is private", playbook = HEAD .. [[
local a = cso.aws.EC2.VPC "a" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true }
local b = cso.aws.EC2.VPC "b" { CidrBlock = "10.1.0.0/16", EnableDnsHostnames = true }
cso.aws.Route53.HostedZone "main" { Name = "life.internal", VPCs = { { VPCId = a, VPCRegion = "eu-west-2" } } }
]], edits = {
    { from = '{ VPCId = a, VPCRegion = "eu-west-2" }',
      to = '{ VPCId = b, VPCRegion = "eu-west-2" }, { VPCId = a, VPCRegion = "eu-west-2" }',
      update = { "Route53.HostedZone.main" } },
    { from = ', { VPCId = a, VPCRegion = "eu-west-2" }', to = "", update = { "Route53.HostedZone.main" } },
  } }

  life.of { name = "Route53 RecordSet", playbook = HEAD .. [[
local zone = cso.aws.Route53.HostedZone "main" { Name = "example.com" }
cso.aws.Route53.RecordSet "web" { HostedZoneId = zone, Name = "www.example.com", Type = "A", TTL = "60",
  ResourceRecords = { "192.0.2.1", "192.0.2.2" }, Comment = "one" }
cso.aws.Route53.RecordSet "any" { HostedZoneId = zone, Name = "*.example.com.", Type = "CNAME", TTL = 60,
  ResourceRecords = { "www.example.com" } }
cso.aws.Route53.RecordSet("text", { after = { zone } }) { HostedZoneName = "example.com.", Name = "example.com", Type = "TXT", TTL = 60,
  ResourceRecords = { '"v=spf1 -all"' } }
]], edits = {
    { from = 'TTL = "60"', to = 'TTL = "120"', update = SET },
    { from = '"192.0.2.1", "192.0.2.2"', to = '"192.0.2.2", "192.0.2.3"', update = SET },
    { from = '"192.0.2.2", "192.0.2.3"', to = '"192.0.2.3"', update = SET },
    { from = "www.example.com\", Type", to = "web.example.com\", Type", replace = SET },
    { from = 'Type = "A", TTL = "120",\n  ResourceRecords = { "192.0.2.3" }',
      to = 'Type = "AAAA", TTL = "120",\n  ResourceRecords = { "2001:db8::1" }', replace = SET },
  } }

  life.of { name = "Route53 RecordSet of weights", playbook = HEAD .. [[
local zone = cso.aws.Route53.HostedZone "main" { Name = "example.com" }
local check = cso.aws.Route53.HealthCheck "web" { HealthCheckConfig = { Type = "TCP", IPAddress = "192.0.2.1", Port = 443 } }
cso.aws.Route53.RecordSet "web" { HostedZoneId = zone, Name = "www.example.com", Type = "A", TTL = 60, SetIdentifier = "one",
  Weight = 10, HealthCheckId = check, ResourceRecords = { "192.0.2.1" } }
cso.aws.Route53.RecordSet "other" { HostedZoneId = zone, Name = "www.example.com", Type = "A", TTL = 60, SetIdentifier = "two",
  Weight = 20, ResourceRecords = { "192.0.2.2" } }
]], edits = {
    { from = "Weight = 10", to = "Weight = 15", update = SET },
    { from = " HealthCheckId = check,", to = "", update = SET },
    { from = '"one"', to = '"first"', replace = SET },
  } }

  life.of { name = "Route53 RecordSet that is an alias", playbook = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local lb = cso.aws.ElasticLoadBalancingV2.LoadBalancer "main" { Type = "application", Scheme = "internal", Subnets = { a, b } }
local zone = cso.aws.Route53.HostedZone "main" { Name = "example.com" }
cso.aws.Route53.RecordSet "web" { HostedZoneId = zone, Name = "www.example.com", Type = "A",
  AliasTarget = { DNSName = lb.DNSName, HostedZoneId = lb.CanonicalHostedZoneID, EvaluateTargetHealth = true } }
]], edits = {
    { from = "EvaluateTargetHealth = true", to = "EvaluateTargetHealth = false", update = SET },
    { from = "\n  AliasTarget = { DNSName = lb.DNSName, HostedZoneId = lb.CanonicalHostedZoneID, EvaluateTargetHealth = false }",
      to = ' TTL = 60, ResourceRecords = { "192.0.2.1" }', update = SET },
  } }

  life.of { name = "Route53 HealthCheck", playbook = HEAD .. [[
cso.aws.Route53.HealthCheck "web" { HealthCheckConfig = { Type = "HTTPS", FullyQualifiedDomainName = "example.com", Port = 443,
  ResourcePath = "/health", RequestInterval = 30, FailureThreshold = 3, EnableSNI = true }, HealthCheckTags = { Name = "one" } }
]], edits = {
    { from = '"/health"', to = '"/ok"', update = CHECK },
    { from = "FailureThreshold = 3", to = "FailureThreshold = 5", update = CHECK },
    { from = "Port = 443", to = "Port = 8443", update = CHECK },
    { from = 'Name = "one"', to = 'Name = "two"', update = CHECK },
    { from = "RequestInterval = 30", to = "RequestInterval = 10", replace = CHECK },
  } }
end)
