-- The lives of the load balancing kinds.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = cso.aws.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local c = cso.aws.EC2.Subnet "c" { VpcId = vpc, CidrBlock = "10.0.3.0/24", AvailabilityZone = "eu-west-2c" }
local one = cso.aws.EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local two = cso.aws.EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
local ELB = cso.aws.ElasticLoadBalancingV2
]]

local BALANCER = HEAD .. [[
local lb = ELB.LoadBalancer "main" { Name = "main", Type = "application", Scheme = "internal", Subnets = { a, b },
  SecurityGroups = { one } }
local web = ELB.TargetGroup "web" { Name = "web", VpcId = vpc, Protocol = "HTTP", Port = 80 }
local api = ELB.TargetGroup "api" { Name = "api", VpcId = vpc, Protocol = "HTTP", Port = 81 }
]]

local CERTIFICATES = [[
local authority = cso.tls.Authority "root" { CommonName = "root", Bits = 2048 }
local function certificate(name)
  local leaf = cso.tls.Certificate(name) { Authority = authority, CommonName = name .. ".example.com" }
  return cso.acm.Import(name) { CertificatePem = leaf.CertificatePem, PrivateKeyPem = leaf.PrivateKeyPem,
    ChainPem = leaf.ChainPem }
end
local first, second, third = certificate "first", certificate "second", certificate "third"
cso.aws.SecretsManager.Secret "root" { Name = "root", SecretString = authority.KeyAndCertificatePem }
]]

local LB, TG, LS = "ElasticLoadBalancingV2.LoadBalancer.", "ElasticLoadBalancingV2.TargetGroup.",
  "ElasticLoadBalancingV2.Listener."
local RULE = "ElasticLoadBalancingV2.ListenerRule."

describe("the life of", function()
  life.of { name = "ElasticLoadBalancingV2 LoadBalancer", playbook = HEAD .. [[
local igw = cso.aws.EC2.InternetGateway "main" {}
local attached = cso.aws.EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = igw }
ELB.LoadBalancer("main", { after = { attached } }) { Name = "main", Type = "application", Scheme = "internal",
  Subnets = { a, b }, SecurityGroups = { one },
  IpAddressType = "ipv4", LoadBalancerAttributes = { { Key = "idle_timeout.timeout_seconds", Value = "120" },
    { Key = "deletion_protection.enabled", Value = "false" } }, Tags = { Name = "one" } }
]], edits = {
    { from = "Subnets = { a, b }", to = "Subnets = { c, b, a }", update = { LB .. "main" } },
    { from = "Subnets = { c, b, a }", to = "Subnets = { c, b }", update = { LB .. "main" } },
    { from = "{ one }", to = "{ one, two }", update = { LB .. "main" } },
    { from = '"120"', to = '"180"', update = { LB .. "main" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { LB .. "main" } },
    { from = '"internal"', to = '"internet-facing"', replace = { LB .. "main" } },
    { from = 'Name = "main", ', to = 'Name = "second", ', replace = { LB .. "main" } },
  } }

  life.of { name = "ElasticLoadBalancingV2 LoadBalancer of a network", playbook = HEAD .. [[
local lb = ELB.LoadBalancer "main" { Name = "main", Type = "network", Scheme = "internal",
  SubnetMappings = { { SubnetId = a, PrivateIPv4Address = "10.0.1.9" }, { SubnetId = b } } }
local tcp = ELB.TargetGroup "tcp" { Name = "tcp", VpcId = vpc, Protocol = "TCP", Port = 80 }
ELB.Listener "tcp" { LoadBalancerArn = lb, Port = 80, Protocol = "TCP",
  DefaultActions = { { Type = "forward", TargetGroupArn = tcp } } }
]], edits = {
    { from = "Port = 80, Protocol", to = "Port = 81, Protocol", update = { LS .. "tcp" } },
    { from = "{ SubnetId = b } }", to = "{ SubnetId = b }, { SubnetId = c } }", update = { LB .. "main" } },
  } }

  life.of { name = "ElasticLoadBalancingV2 TargetGroup", playbook = HEAD .. [[
ELB.TargetGroup "web" { Name = "web", VpcId = vpc, Protocol = "HTTP", Port = 80, TargetType = "ip",
  HealthCheckEnabled = true, HealthCheckIntervalSeconds = 20, HealthCheckPath = "/health", HealthCheckPort = "traffic-port",
  HealthCheckProtocol = "HTTP", HealthCheckTimeoutSeconds = 4, HealthyThresholdCount = 3, UnhealthyThresholdCount = 4,
  Matcher = { HttpCode = "200" }, TargetGroupAttributes = { { Key = "deregistration_delay.timeout_seconds", Value = "30" } },
  Targets = { { Id = "10.0.1.10" }, { Id = "10.0.1.11", Port = 8080 } }, Tags = { Name = "one" } }
]], edits = {
    { from = "HealthCheckIntervalSeconds = 20", to = "HealthCheckIntervalSeconds = 25", update = { TG .. "web" } },
    { from = '"/health"', to = '"/ok"', update = { TG .. "web" } },
    { from = '"traffic-port"', to = '"8080"', update = { TG .. "web" } },
    { from = 'HealthCheckProtocol = "HTTP"', to = 'HealthCheckProtocol = "HTTPS"', update = { TG .. "web" } },
    { from = "HealthCheckTimeoutSeconds = 4", to = "HealthCheckTimeoutSeconds = 6", update = { TG .. "web" } },
    { from = "HealthyThresholdCount = 3", to = "HealthyThresholdCount = 2", update = { TG .. "web" } },
    { from = "UnhealthyThresholdCount = 4", to = "UnhealthyThresholdCount = 5", update = { TG .. "web" } },
    { from = '"200"', to = '"200-299"', update = { TG .. "web" } },
    { from = 'Value = "30"', to = 'Value = "60"', update = { TG .. "web" } },
    { from = '{ Id = "10.0.1.10" }, ', to = "", update = { TG .. "web" } },
    { from = "Port = 8080", to = "Port = 8081", update = { TG .. "web" } },
    { from = '{ { Id = "10.0.1.11", Port = 8081 } }', to = "{}", update = { TG .. "web" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { TG .. "web" } },
    { from = "Port = 80,", to = "Port = 90,", replace = { TG .. "web" } },
  } }

  life.of { name = "ElasticLoadBalancingV2 Listener", playbook = BALANCER .. [[
ELB.Listener "web" { LoadBalancerArn = lb, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = web } } }
]], edits = {
    { from = "TargetGroupArn = web", to = "TargetGroupArn = api", update = { LS .. "web" } },
    { from = "{ { Type = \"forward\", TargetGroupArn = api } }",
      to = '{ { Type = "redirect", RedirectConfig = { Protocol = "HTTPS", Port = "443", StatusCode = "HTTP_301" } } }',
      update = { LS .. "web" } },
    { from = "HTTP_301", to = "HTTP_302", update = { LS .. "web" } },
    { from = '{ { Type = "redirect", RedirectConfig = { Protocol = "HTTPS", Port = "443", StatusCode = "HTTP_302" } } }',
      to = '{ { Type = "fixed-response", FixedResponseConfig = { StatusCode = "404", ContentType = "text/plain" } } }',
      update = { LS .. "web" } },
    { from = '{ { Type = "fixed-response", FixedResponseConfig = { StatusCode = "404", ContentType = "text/plain" } } }',
      to = '{ { Type = "forward", ForwardConfig = { TargetGroups = { { TargetGroupArn = web, Weight = 3 }, '
        .. '{ TargetGroupArn = api, Weight = 1 } } } } }', update = { LS .. "web" } },
    { from = "Weight = 3", to = "Weight = 2", update = { LS .. "web" } },
    { from = "Port = 80, Protocol = \"HTTP\",\n", to = "Port = 8080, Protocol = \"HTTP\",\n", update = { LS .. "web" } },
    { from = "\n  DefaultActions", to = " Tags = { Name = \"one\" },\n  DefaultActions", update = { LS .. "web" } },
  } }

  life.of { name = "ElasticLoadBalancingV2 Listener and ListenerCertificate", playbook = BALANCER .. CERTIFICATES .. [[
local tls = ELB.Listener "tls" { LoadBalancerArn = lb, Port = 443, Protocol = "HTTPS", SslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06",
  Certificates = { { CertificateArn = first } }, DefaultActions = { { Type = "forward", TargetGroupArn = web } } }
ELB.ListenerCertificate "more" { ListenerArn = tls, Certificates = { { CertificateArn = second } } }
]], edits = {
    { from = "{ CertificateArn = second }", to = "{ CertificateArn = second }, { CertificateArn = third }",
      update = { "ElasticLoadBalancingV2.ListenerCertificate.more" } },
    { from = "{ CertificateArn = second }, ", to = "", update = { "ElasticLoadBalancingV2.ListenerCertificate.more" } },
    { from = "{ CertificateArn = first }", to = "{ CertificateArn = second }", update = { LS .. "tls" } },
    { from = "ELBSecurityPolicy-TLS13-1-2-2021-06", to = "ELBSecurityPolicy-TLS-1-2-2017-01", update = { LS .. "tls" } },
  } }

  life.of { name = "ElasticLoadBalancingV2 ListenerRule", playbook = BALANCER .. [[
local listener = ELB.Listener "web" { LoadBalancerArn = lb, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = web } } }
ELB.ListenerRule "api" { ListenerArn = listener, Priority = 10, Conditions = { { Field = "path-pattern",
  PathPatternConfig = { Values = { "/api/*" } } } }, Actions = { { Type = "forward", TargetGroupArn = api } },
  Tags = { Name = "one" } }
ELB.ListenerRule "host" { ListenerArn = listener, Priority = 20, Conditions = { { Field = "host-header",
  Values = { "a.example.com" } } }, Actions = { { Type = "forward", TargetGroupArn = web } } }
]], edits = {
    { from = '"/api/*"', to = '"/api/*", "/v1/*"', update = { RULE .. "api" } },
    { from = '"a.example.com"', to = '"b.example.com"', update = { RULE .. "host" } },
    { from = "TargetGroupArn = api", to = "TargetGroupArn = web", update = { RULE .. "api" } },
    { from = "Priority = 20", to = "Priority = 30", update = { RULE .. "host" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { RULE .. "api" } },
  } }

  -- Neither number is free before both rules have moved.
  life.of { name = "ElasticLoadBalancingV2 ListenerRules that change places", playbook = BALANCER .. [[
local listener = ELB.Listener "web" { LoadBalancerArn = lb, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = web } } }
for i, number in ipairs { 10, 20, 30 } do
  ELB.ListenerRule("r" .. i) { ListenerArn = listener, Priority = number, Conditions = { { Field = "path-pattern",
    PathPatternConfig = { Values = { "/" .. i } } } }, Actions = { { Type = "forward", TargetGroupArn = api } } }
end
]], edits = {
    { from = "{ 10, 20, 30 }", to = "{ 20, 10, 30 }", update = { RULE .. "r1", RULE .. "r2" } },
    { from = "{ 20, 10, 30 }", to = "{ 10, 30, 20 }", update = { RULE .. "r1", RULE .. "r2", RULE .. "r3" } },
    { from = "{ 10, 30, 20 }", to = "{ 40, 10, 30 }", update = { RULE .. "r1", RULE .. "r2", RULE .. "r3" } },
  } }
end)
