-- The lives of load balancers and certificates.
local life = require "spec.life.harness"

local BASE = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local EC2, ELB = cso.aws.EC2, cso.aws.ElasticLoadBalancingV2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local gateway = EC2.InternetGateway "main" {}
local attached = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
local subnets = {}
for i, zone in ipairs { "a", "b", "c" } do
  subnets[i] = EC2.Subnet(zone) { VpcId = vpc, CidrBlock = ("10.0.%d.0/24"):format(i),
    AvailabilityZone = "eu-west-2" .. zone }
end
local group = EC2.SecurityGroup "one" { GroupDescription = "one", VpcId = vpc }
local other = EC2.SecurityGroup "two" { GroupDescription = "two", VpcId = vpc }
local authority = cso.tls.Authority "root" { CommonName = "Life", Bits = 2048 }
local function certificate(name)
  local leaf = cso.tls.Certificate(name) { Authority = authority, CommonName = name .. ".life.test" }
  return cso.acm.Import(name) { CertificatePem = leaf.CertificatePem, PrivateKeyPem = leaf.PrivateKeyPem,
    ChainPem = authority.CertificatePem }
end
]]

describe("the life of", function()
  life.of { name = "ELB LoadBalancer, TargetGroup, Listener and ListenerRule", playbook = BASE .. [[
local balancer = ELB.LoadBalancer("main", { after = { attached } }) { Name = "life", Scheme = "internet-facing",
  Type = "application", Subnets = { subnets[1], subnets[2] }, SecurityGroups = { group.GroupId },
  LoadBalancerAttributes = { { Key = "idle_timeout.timeout_seconds", Value = "60" } }, Tags = { Name = "lb" } }
local target = ELB.TargetGroup "main" { Name = "life", Protocol = "HTTP", Port = 80, VpcId = vpc, TargetType = "ip",
  HealthCheckPath = "/health", HealthCheckIntervalSeconds = 30, Targets = { { Id = "10.0.1.10", Port = 80 } },
  TargetGroupAttributes = { { Key = "deregistration_delay.timeout_seconds", Value = "30" } }, Tags = { Name = "tg" } }
local listener = ELB.Listener "http" { LoadBalancerArn = balancer, Port = 80, Protocol = "HTTP",
  DefaultActions = { { Type = "forward", TargetGroupArn = target } } }
ELB.ListenerRule "api" { ListenerArn = listener, Priority = 10,
  Conditions = { { Field = "path-pattern", PathPatternConfig = { Values = { "/api/*" } } } },
  Actions = { { Type = "forward", TargetGroupArn = target } } }
]], edits = {
    { from = 'Name = "lb"', to = 'Name = "balancer"', update = { "ElasticLoadBalancingV2.LoadBalancer.main" } },
    { from = 'Value = "60"', to = 'Value = "120"', update = { "ElasticLoadBalancingV2.LoadBalancer.main" } },
    { from = "{ subnets[1], subnets[2] }", to = "{ subnets[2], subnets[3] }",
      update = { "ElasticLoadBalancingV2.LoadBalancer.main" } },
    { from = "{ group.GroupId }", to = "{ other.GroupId }", update = { "ElasticLoadBalancingV2.LoadBalancer.main" } },
    { from = '"/health"', to = '"/alive"', update = { "ElasticLoadBalancingV2.TargetGroup.main" } },
    { from = 'Id = "10.0.1.10"', to = 'Id = "10.0.1.11"', update = { "ElasticLoadBalancingV2.TargetGroup.main" } },
    { from = 'Value = "30"', to = 'Value = "45"', update = { "ElasticLoadBalancingV2.TargetGroup.main" } },
    { from = 'Name = "tg"', to = 'Name = "targets"', update = { "ElasticLoadBalancingV2.TargetGroup.main" } },
    { from = "Port = 80, Protocol = \"HTTP\",\n  DefaultActions", to = "Port = 8080, Protocol = \"HTTP\",\n  DefaultActions",
      update = { "ElasticLoadBalancingV2.Listener.http" } },
    { from = "Priority = 10", to = "Priority = 20", update = { "ElasticLoadBalancingV2.ListenerRule.api" } },
    { from = '"/api/*"', to = '"/v2/*"', update = { "ElasticLoadBalancingV2.ListenerRule.api" } },
  } }

  life.of { name = "ELB ListenerCertificate and imported certificates", playbook = BASE .. [[
local balancer = ELB.LoadBalancer "main" { Name = "life-tls", Scheme = "internal", Type = "application",
  Subnets = { subnets[1], subnets[2] }, SecurityGroups = { group.GroupId } }
local target = ELB.TargetGroup "main" { Name = "life-tls", Protocol = "HTTP", Port = 80, VpcId = vpc, TargetType = "ip" }
local first, second, third = certificate "first", certificate "second", certificate "third"
local listener = ELB.Listener "https" { LoadBalancerArn = balancer, Port = 443, Protocol = "HTTPS",
  SslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06", Certificates = { { CertificateArn = first.CertificateArn } },
  DefaultActions = { { Type = "forward", TargetGroupArn = target } } }
ELB.ListenerCertificate "more" { ListenerArn = listener, Certificates = { { CertificateArn = second.CertificateArn } } }
]], edits = {
    { from = "{ CertificateArn = second", to = "{ CertificateArn = third",
      update = { "ElasticLoadBalancingV2.ListenerCertificate.more" } },
    { from = '"ELBSecurityPolicy-TLS13-1-2-2021-06"', to = '"ELBSecurityPolicy-TLS13-1-2-Res-2021-06"',
      update = { "ElasticLoadBalancingV2.Listener.https" } },
  } }
end)
