-- The network: VPC, subnets, NAT, routes, endpoints, flow logs and, when asked for, the two load
-- balancers.
--
-- Where the low-level design contradicts itself (docs/decisions.md has the reasons):
--  * public subnets are the lower half of the VPC, as its formula computes, not "the upper CIDR";
--  * the bucket of the access logs lives here, because no balancer can exist before it;
--  * ssmmessages and ec2messages stand beside the ssm endpoint: Session Manager needs all three.
local cso = require "cso"
local aws = cso.aws
local EC2, ELB, IAM = aws.EC2, aws.ElasticLoadBalancingV2, aws.IAM
local Logs, S3 = aws.Logs, aws.S3

local ANYWHERE = "0.0.0.0/0"
local ENDPOINTS = { "ssm", "ssmmessages", "ec2messages" }
local FRONTEND_PORTS = {
  { 80, "redirected to 443" }, { 443, "portal" }, { 8102, "portal, its own port" },
}

-- A Name tag: short without an environment's name before it.
local function tags(inp, short, more)
  local map = { Name = inp.name and ("%s-%s"):format(inp.name, short) or short }
  for key, value in pairs(more or {}) do map[key] = value end
  return map
end

-- A name that has to be unique in the account; without an environment's name it is left to csorun,
-- so that two stacks of different teams do not meet.
local function unique(inp, pattern)
  return inp.name and pattern:format(inp.name) or nil
end

-- Each half of a block, cut into one range per zone. For two zones this is
-- cidrsubnets(cidrsubnet(cidr, 1, half), 1, 1). Zones that stay keep theirs.
local function ranges(inp, vpc)
  local blocks, joined = { inp.cidr }, {}
  for i, block in ipairs(inp.more_cidrs) do
    blocks[i + 1] = block
    joined[i] = EC2.VPCCidrBlock((block:gsub("[./:]", "-"))) { VpcId = vpc, CidrBlock = block }
  end
  return cso.net.Ranges("zones", { after = joined }) { Blocks = blocks, Keys = inp.azs, Parts = 2 }
end

local function subnets(inp, vpc)
  local made, given = { public = {}, private = {} }, ranges(inp, vpc)
  for half, tier in ipairs { "public", "private" } do
    for i, az in ipairs(inp.azs) do
      local short = ("%s-%s"):format(tier, az)
      made[tier][i] = EC2.Subnet(short) {
        VpcId = vpc, AvailabilityZone = az, CidrBlock = given.Ranges[az][half],
        Tags = tags(inp, short, { Tier = tier }),
      }
    end
  end
  return made.public, made.private
end

-- A NAT gateway per zone with ha, else one for all: its zone is then a single point of failure,
-- which is what an environment without high availability accepts.
local function nat_gateways(inp, public, attached)
  local nats = {}
  for i = 1, inp.ha and #inp.azs or 1 do
    local short = "nat-" .. inp.azs[i]
    local address = EC2.EIP(short, { after = { attached } }) {
      Domain = "vpc", Tags = tags(inp, short),
    }
    nats[i] = EC2.NatGateway(short, { after = { attached } }) {
      SubnetId = public[i], AllocationId = address.AllocationId, Tags = tags(inp, short),
    }
  end
  return nats
end

local function routes(inp, vpc, public, private)
  local gateway = EC2.InternetGateway "main" { Tags = tags(inp, "igw") }
  local attached = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
  local nats = nat_gateways(inp, public, attached)

  local outward = EC2.RouteTable "public" { VpcId = vpc, Tags = tags(inp, "public") }
  EC2.Route("public", { after = { attached } }) {
    RouteTableId = outward, DestinationCidrBlock = ANYWHERE, GatewayId = gateway,
  }
  for i, az in ipairs(inp.azs) do
    EC2.SubnetRouteTableAssociation("public-" .. az) {
      SubnetId = public[i], RouteTableId = outward,
    }
    local short = "private-" .. az
    local own = EC2.RouteTable(short) { VpcId = vpc, Tags = tags(inp, short) }
    EC2.Route(short) {
      RouteTableId = own, DestinationCidrBlock = ANYWHERE, NatGatewayId = nats[i] or nats[1],
    }
    EC2.SubnetRouteTableAssociation(short) { SubnetId = private[i], RouteTableId = own }
  end
  return nats, attached
end

local function endpoints(inp, vpc, private)
  local https = {}
  for i, block in ipairs { inp.cidr, table.unpack(inp.more_cidrs) } do
    https[i] = { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = block, Description = "HTTPS from the VPC" }
  end
  local group = EC2.SecurityGroup "vpc-endpoints" {
    GroupName = unique(inp, "%s-vpc-endpoints"), VpcId = vpc,
    GroupDescription = "AWS endpoints inside the VPC",
    SecurityGroupIngress = https,
    Tags = tags(inp, "vpc-endpoints"),
  }
  for _, service in ipairs(ENDPOINTS) do
    EC2.VPCEndpoint(service) {
      VpcId = vpc, VpcEndpointType = "Interface",
      ServiceName = ("com.amazonaws.%s.%s"):format(inp.region or cso.region(), service),
      SubnetIds = private, SecurityGroupIds = { group }, PrivateDnsEnabled = true,
      Tags = tags(inp, service),
    }
  end
  return group
end

local function flow_logs(inp, vpc)
  local group = Logs.LogGroup "flow-logs" {
    LogGroupName = unique(inp, "/cso/%s/vpc-flow-logs"), RetentionInDays = inp.log_retention,
  }
  local role = IAM.Role "flow-logs" {
    RoleName = unique(inp, "%s-vpc-flow-logs"),
    AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
      Effect = "Allow", Action = "sts:AssumeRole",
      Principal = { Service = "vpc-flow-logs.amazonaws.com" },
    } } },
  }
  local policy = IAM.RolePolicy "flow-logs" {
    RoleName = role, PolicyName = "write-flow-logs",
    PolicyDocument = { Version = "2012-10-17", Statement = { {
      Effect = "Allow", Resource = "*",
      Action = {
        "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
      },
    } } },
  }
  return EC2.FlowLog("vpc", { after = { policy } }) {
    ResourceId = vpc.VpcId, ResourceType = "VPC", TrafficType = "ALL",
    LogDestinationType = "cloud-watch-logs", LogGroupName = group,
    DeliverLogsPermissionArn = role.Arn, Tags = tags(inp, "flow-logs"),
  }
end

-- A balancer refuses access logs until it may write to the bucket; it can only use SSE-S3.
local function access_logs(inp)
  local account = cso.account().id
  local name = cso.fmt("%s-alb-logs-%s", inp.name, account)
  local bucket = S3.Bucket("alb-logs", { policy = { skip = {
    ["CSO-S3-003"] = "logs are written once and expire by themselves",
    ["CSO-S3-004"] = "a log of the reading of logs has no end",
    ["CSO-S3-006"] = "only the balancers' service writes here, and it does so by HTTPS",
  } } }) {
    BucketName = name,
    BucketEncryption = { ServerSideEncryptionConfiguration = {
      { ServerSideEncryptionByDefault = { SSEAlgorithm = "AES256" } },
    } },
    PublicAccessBlockConfiguration = {
      BlockPublicAcls = true, BlockPublicPolicy = true,
      IgnorePublicAcls = true, RestrictPublicBuckets = true,
    },
    LifecycleConfiguration = { Rules = {
      { Id = "expire", Status = "Enabled", Prefix = "", ExpirationInDays = inp.log_retention },
    } },
  }
  local policy = S3.BucketPolicy "alb-logs" {
    Bucket = bucket,
    PolicyDocument = { Version = "2012-10-17", Statement = { {
      Sid = "LoadBalancerLogs", Effect = "Allow", Action = "s3:PutObject",
      Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" },
      Resource = cso.fmt("arn:aws:s3:::%s/*/AWSLogs/%s/*", name, account),
    } } },
  }
  return bucket, policy
end

-- spec: { short, name, description, scheme, subnets, ports, after } of one balancer.
local function balancer(vpc, logs, spec)
  local rules
  for i, port in ipairs(spec.ports) do
    rules = rules or {}
    rules[i] = { IpProtocol = "tcp", FromPort = port[1], ToPort = port[1], CidrIp = ANYWHERE,
      Description = port[2] }
  end
  local group = EC2.SecurityGroup(spec.short .. "-lb") {
    GroupName = spec.name, GroupDescription = spec.description, VpcId = vpc,
    SecurityGroupIngress = rules,
    SecurityGroupEgress = { { IpProtocol = "-1", CidrIp = ANYWHERE, Description = "everything" } },
    Tags = { Name = spec.name },
  }
  local lb = ELB.LoadBalancer(spec.short, { after = { logs.policy, spec.after } }) {
    Name = spec.name, Type = "application", Scheme = spec.scheme, Subnets = spec.subnets,
    SecurityGroups = { group },
    LoadBalancerAttributes = {
      { Key = "idle_timeout.timeout_seconds", Value = "60" },
      { Key = "load_balancing.cross_zone.enabled", Value = "true" },
      { Key = "routing.http.drop_invalid_header_fields.enabled", Value = "true" },
      { Key = "access_logs.s3.enabled", Value = "true" },
      { Key = "access_logs.s3.bucket", Value = logs.bucket.BucketName },
      { Key = "access_logs.s3.prefix", Value = spec.short },
    },
    Tags = { Name = spec.name },
  }
  return lb, group
end

return cso.module {
  inputs = {
    cidr = cso.t.cidr { min_prefix = 16, max_prefix = 26 },
    more_cidrs = cso.t.list(cso.t.cidr, { default = {} }), -- further blocks, for zones that find no room in the first
    azs = cso.t.list(cso.t.string, { min = 2 }),
    ha = cso.t.boolean { default = false },
    name = cso.t.string { optional = true }, -- the environment: prefix of every name
    vpc_name = cso.t.string { default = "vpc" },
    region = cso.t.region { optional = true }, -- left out: where the stack is
    log_retention = cso.t.integer { default = 14 }, -- days
    load_balancers = cso.t.boolean { default = false }, -- the portal's two; they want a name
  },
  build = function(inp)
    local vpc = EC2.VPC "main" {
      CidrBlock = inp.cidr, EnableDnsSupport = true, EnableDnsHostnames = true,
      Tags = tags(inp, inp.vpc_name),
    }
    local public, private = subnets(inp, vpc)
    local nats, attached = routes(inp, vpc, public, private)
    local out = {
      vpc = vpc, public = public, private = private, nats = nats,
      endpoint_group = endpoints(inp, vpc, private),
      flow_log = flow_logs(inp, vpc),
    }
    if not inp.load_balancers then return out end

    local logs = {}
    logs.bucket, logs.policy = access_logs(inp)
    out.log_bucket = logs.bucket
    out.frontend, out.frontend_group = balancer(vpc, logs, {
      short = "frontend", name = inp.name .. "-frontend-lb", scheme = "internet-facing",
      description = "portal, from the internet", subnets = public, ports = FRONTEND_PORTS,
      after = attached, -- a network without a way to the internet takes no balancer that faces it
    })
    -- Who may call the services is the security module's to say: its rules name this group.
    out.backend, out.backend_group = balancer(vpc, logs, {
      short = "backend", name = inp.name .. "-backend-alb", scheme = "internal",
      description = "portal services, from inside", subnets = private, ports = {},
    })
    return out
  end,
}
