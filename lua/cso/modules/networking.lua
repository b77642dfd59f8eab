-- The network: VPC, subnets, NAT, routes, endpoints, flow logs and, when asked for, the two load balancers.
--
-- Where the low-level design contradicts itself (docs/decisions.md has the reasons):
--  * public subnets are the lower half of the VPC, as its formula computes, not "the upper CIDR" as its text says;
--  * the bucket of the load balancer's access logs lives here, because the balancer cannot exist before it;
--  * ssmmessages and ec2messages stand beside the ssm endpoint: Session Manager and Run Command need all three.
local cso = require "cso"
local EC2, ELB, IAM, Logs, S3 = cso.aws.EC2, cso.aws.ElasticLoadBalancingV2, cso.aws.IAM, cso.aws.Logs, cso.aws.S3

local ANYWHERE = "0.0.0.0/0"
local ENDPOINTS = { "ssm", "ssmmessages", "ec2messages" }
local FRONTEND_PORTS = { { 80, "redirected to 443" }, { 443, "portal" }, { 8102, "portal, its own port" } }

-- Half a VPC, cut into one subnet per zone: cidrsubnets(cidrsubnet(cidr, 1, half), 1, 1) for two zones.
local function halves(cidr, half, zones)
  local bits, power = {}, 0
  while 1 << power < zones do power = power + 1 end
  for i = 1, zones do bits[i] = power end
  return cso.cidr.subnets(cso.cidr.subnet(cidr, 1, half), table.unpack(bits))
end

local function subnets(inp, vpc)
  local public, private = {}, {}
  local public_cidrs, private_cidrs = halves(inp.cidr, 0, #inp.azs), halves(inp.cidr, 1, #inp.azs)
  for i, az in ipairs(inp.azs) do
    public[i] = EC2.Subnet("public-" .. az) {
      VpcId = vpc, AvailabilityZone = az, CidrBlock = public_cidrs[i],
      Tags = { Name = inp.name .. "-public-" .. az, Tier = "public" },
    }
    private[i] = EC2.Subnet("private-" .. az) {
      VpcId = vpc, AvailabilityZone = az, CidrBlock = private_cidrs[i],
      Tags = { Name = inp.name .. "-private-" .. az, Tier = "private" },
    }
  end
  return public, private
end

-- A NAT gateway per zone with ha, else one for all: its zone is then a single point of failure, which is what
-- an environment without high availability accepts.
local function routes(inp, vpc, public, private)
  local gateway = EC2.InternetGateway "main" { Tags = { Name = inp.name .. "-igw" } }
  local attached = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }

  local outward = EC2.RouteTable "public" { VpcId = vpc, Tags = { Name = inp.name .. "-public" } }
  EC2.Route("public", { after = { attached } }) {
    RouteTableId = outward, DestinationCidrBlock = ANYWHERE, GatewayId = gateway,
  }

  local nats, tables = {}, {}
  for i = 1, inp.ha and #inp.azs or 1 do
    local az = inp.azs[i]
    local address = EC2.EIP("nat-" .. az, { after = { attached } }) {
      Domain = "vpc", Tags = { Name = inp.name .. "-nat-" .. az },
    }
    nats[i] = EC2.NatGateway("nat-" .. az, { after = { attached } }) {
      SubnetId = public[i], AllocationId = address.AllocationId, Tags = { Name = inp.name .. "-nat-" .. az },
    }
  end
  for i, az in ipairs(inp.azs) do
    EC2.SubnetRouteTableAssociation("public-" .. az) { SubnetId = public[i], RouteTableId = outward }
    tables[i] = EC2.RouteTable("private-" .. az) { VpcId = vpc, Tags = { Name = inp.name .. "-private-" .. az } }
    EC2.Route("private-" .. az) {
      RouteTableId = tables[i], DestinationCidrBlock = ANYWHERE, NatGatewayId = nats[i] or nats[1],
    }
    EC2.SubnetRouteTableAssociation("private-" .. az) { SubnetId = private[i], RouteTableId = tables[i] }
  end
  return nats
end

local function endpoints(inp, vpc, private)
  local group = EC2.SecurityGroup "vpc-endpoints" {
    GroupName = inp.name .. "-vpc-endpoints", GroupDescription = "AWS endpoints inside the VPC", VpcId = vpc,
    SecurityGroupIngress = {
      { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = inp.cidr, Description = "HTTPS from the VPC" },
    },
    Tags = { Name = inp.name .. "-vpc-endpoints" },
  }
  for _, service in ipairs(ENDPOINTS) do
    EC2.VPCEndpoint(service) {
      VpcId = vpc, VpcEndpointType = "Interface", ServiceName = ("com.amazonaws.%s.%s"):format(inp.region, service),
      SubnetIds = private, SecurityGroupIds = { group }, PrivateDnsEnabled = true,
      Tags = { Name = inp.name .. "-" .. service },
    }
  end
  return group
end

local function flow_logs(inp, vpc)
  local group = Logs.LogGroup "flow-logs" {
    LogGroupName = ("/cso/%s/vpc-flow-logs"):format(inp.name), RetentionInDays = inp.log_retention,
  }
  local role = IAM.Role "flow-logs" {
    RoleName = inp.name .. "-vpc-flow-logs",
    AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
      Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "vpc-flow-logs.amazonaws.com" } } } },
  }
  local policy = IAM.RolePolicy "flow-logs" {
    RoleName = role, PolicyName = "write-flow-logs",
    PolicyDocument = { Version = "2012-10-17", Statement = { {
      Effect = "Allow",
      Action = { "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams" },
      Resource = "*" } } },
  }
  return EC2.FlowLog("vpc", { after = { policy } }) {
    ResourceId = vpc.VpcId, ResourceType = "VPC", TrafficType = "ALL", LogDestinationType = "cloud-watch-logs",
    LogGroupName = group, DeliverLogsPermissionArn = role.Arn, Tags = { Name = inp.name .. "-flow-logs" },
  }
end

-- The balancer refuses access logs until it may write to the bucket; it can only use SSE-S3.
local function access_logs(inp)
  local name = cso.fmt("%s-alb-logs-%s", inp.name, cso.account().id)
  local bucket = S3.Bucket "alb-logs" {
    BucketName = name,
    BucketEncryption = { ServerSideEncryptionConfiguration = {
      { ServerSideEncryptionByDefault = { SSEAlgorithm = "AES256" } } } },
    PublicAccessBlockConfiguration = {
      BlockPublicAcls = true, BlockPublicPolicy = true, IgnorePublicAcls = true, RestrictPublicBuckets = true },
    LifecycleConfiguration = { Rules = {
      { Id = "expire", Status = "Enabled", Prefix = "", ExpirationInDays = inp.log_retention } } },
  }
  local policy = S3.BucketPolicy "alb-logs" {
    Bucket = bucket,
    PolicyDocument = { Version = "2012-10-17", Statement = { {
      Sid = "LoadBalancerLogs", Effect = "Allow", Action = "s3:PutObject",
      Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" },
      Resource = cso.fmt("arn:aws:s3:::%s/*/AWSLogs/%s/*", name, cso.account().id) } } },
  }
  return bucket, policy
end

local function balancer(inp, spec)
  local rules = {}
  for _, port in ipairs(spec.ports or {}) do
    rules[#rules + 1] = { IpProtocol = "tcp", FromPort = port[1], ToPort = port[1], CidrIp = ANYWHERE,
      Description = port[2] }
  end
  local group = EC2.SecurityGroup(spec.short .. "-lb") {
    GroupName = spec.name, GroupDescription = spec.description, VpcId = spec.vpc,
    SecurityGroupIngress = #rules > 0 and rules or nil,
    SecurityGroupEgress = { { IpProtocol = "-1", CidrIp = ANYWHERE, Description = "everything" } },
    Tags = { Name = spec.name },
  }
  local lb = ELB.LoadBalancer(spec.short, { after = { spec.policy } }) {
    Name = spec.name, Type = "application", Scheme = spec.scheme, Subnets = spec.subnets, SecurityGroups = { group },
    LoadBalancerAttributes = {
      { Key = "idle_timeout.timeout_seconds", Value = "60" },
      { Key = "load_balancing.cross_zone.enabled", Value = "true" },
      { Key = "routing.http.drop_invalid_header_fields.enabled", Value = "true" },
      { Key = "access_logs.s3.enabled", Value = "true" },
      { Key = "access_logs.s3.bucket", Value = spec.bucket.BucketName },
      { Key = "access_logs.s3.prefix", Value = spec.short },
    },
    Tags = { Name = spec.name },
  }
  return lb, group
end

return cso.module {
  inputs = {
    cidr = cso.t.cidr { min_prefix = 16, max_prefix = 26 },
    azs = cso.t.list(cso.t.string, { min = 2 }),
    ha = cso.t.boolean { default = false },
    name = cso.t.string { default = "main" },                -- the environment: prefix of every name
    vpc_name = cso.t.string { default = "vpc" },
    region = cso.t.string { default = "eu-west-2" },
    log_retention = cso.t.integer { default = 14 },          -- days
    load_balancers = cso.t.boolean { default = false },      -- the portal's frontend and backend balancers
  },
  build = function(inp)
    local vpc = EC2.VPC "main" {
      CidrBlock = inp.cidr, EnableDnsSupport = true, EnableDnsHostnames = true,
      Tags = { Name = inp.name .. "-" .. inp.vpc_name },
    }
    local public, private = subnets(inp, vpc)
    local out = {
      vpc = vpc, public = public, private = private,
      nats = routes(inp, vpc, public, private),
      endpoint_group = endpoints(inp, vpc, private),
      flow_log = flow_logs(inp, vpc),
    }
    if inp.load_balancers then
      local bucket, policy = access_logs(inp)
      out.log_bucket = bucket
      out.frontend, out.frontend_group = balancer(inp, {
        short = "frontend", name = inp.name .. "-frontend-lb", description = "portal, from the internet",
        scheme = "internet-facing", subnets = public, ports = FRONTEND_PORTS, vpc = vpc, bucket = bucket, policy = policy,
      })
      -- Who may call the services is the security module's to say: its rules name this group.
      out.backend, out.backend_group = balancer(inp, {
        short = "backend", name = inp.name .. "-backend-alb", description = "portal services, from inside",
        scheme = "internal", subnets = private, vpc = vpc, bucket = bucket, policy = policy,
      })
    end
    return out
  end,
}
