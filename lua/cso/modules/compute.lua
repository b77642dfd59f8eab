-- The servers: one per service, two with ha, one jump server; the target groups and listeners that
-- bring traffic to them.
--
-- The order of creation is the low-level design's: jump, Keystone, frontend and backend, RabbitMQ.
-- It is only a first approximation, since a running instance is not yet a working service: the
-- scripts on the servers wait for what they need (templates/scripts). Where the design has two
-- figures, this takes the root volumes of its capacity chapter (100 GB and 6,000 IOPS in
-- production) and port 8081 for the admin page (docs/decisions.md).
local cso = require "cso"
local aws = cso.aws
local EC2, ELB = aws.EC2, aws.ElasticLoadBalancingV2

local SIZES = {
  production = {
    types = {
      frontend = "c5.2xlarge", backend = "c5.4xlarge",
      keystone = "t2.xlarge", rabbitmq = "t2.xlarge", jump = "t2.large",
    },
    root = { size = 100, iops = 6000 },
    data = { logs = 100, temp = 50, cache = 20 },
  },
  development = {
    types = {
      frontend = "t2.xlarge", backend = "t2.2xlarge",
      keystone = "t2.medium", rabbitmq = "t2.xlarge", jump = "t2.large",
    },
    root = { size = 50, iops = 3000 },
    data = { logs = 20, temp = 10, cache = 5 },
  },
}

local ORDER = { "jump", "keystone", "frontend", "backend", "rabbitmq" }
local AFTER = {
  keystone = { "jump" }, frontend = { "keystone" }, backend = { "keystone" },
  rabbitmq = { "frontend", "backend" },
}
local VOLUMES = {
  { short = "logs", device = "sdf" },
  { short = "temp", device = "sdg" },
  { short = "cache", device = "sdh" },
}
local PACKAGES = {
  "amazon-ssm-agent", "amazon-cloudwatch-agent", "amazon-efs-utils", "nfs-utils",
  "java-21-amazon-corretto",
}
local TLS_POLICY = "ELBSecurityPolicy-TLS-1-2-2017-01"
local WATCHED = { "frontend", "keystone", "jump-admin" }   -- target groups that the gate waits for

local function disk(size, iops)
  return { VolumeType = "gp3", VolumeSize = size, Iops = iops, Encrypted = true,
    DeleteOnTermination = true }
end

local function devices(size)
  local list = { { DeviceName = "/dev/xvda", Ebs = disk(size.root.size, size.root.iops) } }
  for _, volume in ipairs(VOLUMES) do
    list[#list + 1] = { DeviceName = "/dev/" .. volume.device, Ebs = disk(size.data[volume.short]) }
  end
  return list
end

local function user_data(inp, kind, index, host)
  local volumes = {}
  for i, volume in ipairs(VOLUMES) do
    volumes[i] = { device = volume.device, label = "cso-" .. volume.short,
      directory = "/data/" .. volume.short }
  end
  local function mount(files)
    return { id = files.system.FileSystemId, access_point = files.access_point.AccessPointId }
  end
  return cso.template(inp.templates .. "/user-data/server.sh.tmpl", {
    environment = inp.name, server_type = kind, server_index = index, host = host.name,
    packages = PACKAGES, volumes = volumes, agent_parameter = inp.agent_parameter,
    scripts = mount(inp.files.scripts), certificates = mount(inp.files.certificates),
    bucket = inp.files.bucket.BucketName,
  }):base64()
end

local function servers(inp, size)
  local by_kind, all = {}, {}
  for _, kind in ipairs(ORDER) do
    by_kind[kind] = {}
    local groups = kind == "jump" and { inp.groups.jump } or { inp.groups.core, inp.groups[kind] }
    local after = { inp.files.scripts.mounts, inp.files.certificates.mounts }
    if kind == "jump" then after[#after + 1] = inp.objects end
    for _, earlier in ipairs(AFTER[kind] or {}) do after[#after + 1] = by_kind[earlier] end
    for i, host in ipairs(inp.hosts[kind]) do
      -- A newer Amazon Linux image is for new servers; it must not replace those that run.
      local server = EC2.Instance(host.name, { after = after, ignore = { "ImageId" } }) {
        ImageId = inp.image,
        InstanceType = inp.types[kind] or size.types[kind],
        IamInstanceProfile = inp.profile,
        SubnetId = inp.subnets[(i - 1) % #inp.subnets + 1],
        SecurityGroupIds = groups,
        BlockDeviceMappings = devices(size),
        Monitoring = true,
        MetadataOptions = { HttpTokens = "required" },
        UserData = user_data(inp, kind, i, host),
        PropagateTagsToVolumeOnCreation = true,
        Tags = { Name = ("%s-%s"):format(inp.name, host.name), Service = kind },
      }
      by_kind[kind][i] = server
      all[#all + 1] = { name = host.name, kind = kind, instance = server }
    end
  end
  return by_kind, all
end

local function target_group(inp, spec)
  local targets = {}
  for i, server in ipairs(spec.servers) do targets[i] = { Id = server, Port = spec.port } end
  local name, protocol = ("%s-%s-tg"):format(inp.name, spec.short), spec.protocol or "HTTP"
  return ELB.TargetGroup(spec.short) {
    Name = name, VpcId = inp.vpc, TargetType = "instance", Port = spec.port, Protocol = protocol,
    Targets = targets,
    HealthCheckPath = spec.path, HealthCheckProtocol = protocol,
    HealthCheckIntervalSeconds = 30, HealthCheckTimeoutSeconds = spec.timeout or 5,
    HealthyThresholdCount = 2, UnhealthyThresholdCount = 3,
    Matcher = { HttpCode = spec.matcher or "200" },
    TargetGroupAttributes = { { Key = "deregistration_delay.timeout_seconds", Value = "300" } },
    Tags = { Name = name },
  }
end

local function forward(group)
  return { { Type = "forward", TargetGroupArn = group.TargetGroupArn } }
end

-- Cognito's sign-in stands before the server.
local function signed_in(users, group)
  return {
    { Type = "authenticate-cognito", Order = 1, AuthenticateCognitoConfig = {
      UserPoolArn = users.pool.Arn, UserPoolClientId = users.client.ClientId,
      UserPoolDomain = users.domain.Domain, Scope = "openid email",
      OnUnauthenticatedRequest = "authenticate",
    } },
    { Type = "forward", Order = 2, TargetGroupArn = group.TargetGroupArn },
  }
end

local function frontend_listeners(inp, by_kind)
  local portal = target_group(inp, {
    short = "frontend", servers = by_kind.frontend, port = 8102,
    path = "/ui/management/login/system",
  })
  local admin = target_group(inp, {
    short = "jump-admin", servers = by_kind.jump, port = 8081, path = "/admin/",
  })
  ELB.Listener "frontend-80" {
    LoadBalancerArn = inp.frontend, Port = 80, Protocol = "HTTP",
    DefaultActions = { { Type = "redirect",
      RedirectConfig = { Protocol = "HTTPS", Port = "443", StatusCode = "HTTP_301" } } },
  }
  local listeners = {}
  for _, port in ipairs { 443, 8102 } do
    listeners[port] = ELB.Listener("frontend-" .. port) {
      LoadBalancerArn = inp.frontend, Port = port, Protocol = "HTTPS", SslPolicy = TLS_POLICY,
      Certificates = { { CertificateArn = inp.certificate } },
      DefaultActions = signed_in(inp.users, portal),
    }
  end
  local rule = ELB.ListenerRule "admin" {
    ListenerArn = listeners[443], Priority = 10, Actions = signed_in(inp.users, admin),
    Conditions = {
      { Field = "path-pattern", PathPatternConfig = { Values = { "/admin", "/admin/*" } } },
    },
  }
  return { frontend = portal, ["jump-admin"] = admin }, { listeners[443], listeners[8102], rule }
end

-- From inside: a listener and a target group for every service, and Keystone behind TLS.
local function backend_listeners(inp, by_kind, groups)
  for _, service in ipairs(inp.services) do
    local name, port = service[1], service[2]
    groups[name] = target_group(inp, {
      short = name, servers = by_kind.backend, port = port, path = "/health",
    })
    ELB.Listener("backend-" .. name, { policy = { skip = {
      ["CSO-ELB-001"] = "inside the VPC, between the portal's own servers, whose services speak HTTP",
    } } }) {
      LoadBalancerArn = inp.backend, Port = port, Protocol = "HTTP",
      DefaultActions = forward(groups[name]),
    }
  end
  groups.keystone = target_group(inp, {
    short = "keystone", servers = by_kind.keystone, port = 5000, protocol = "HTTPS",
    path = "/api/idm/v3", matcher = "200,300", timeout = 10,
  })
  return ELB.Listener "backend-keystone" {
    LoadBalancerArn = inp.backend, Port = 5000, Protocol = "HTTPS", SslPolicy = TLS_POLICY,
    Certificates = { { CertificateArn = inp.certificate } },
    DefaultActions = forward(groups.keystone),
  }
end

-- Deployed means that the balancers find every server healthy, not that AWS accepted the calls.
-- A group is looked at by its balancer only once a listener or a rule leads to it.
local function health_gate(all, groups, leading)
  local after = table.move(leading, 1, #leading, 1, {})
  for _, name in ipairs(WATCHED) do after[#after + 1] = groups[name] end
  for _, server in ipairs(all) do after[#after + 1] = server.instance end
  cso.step "targets-healthy" {
    after = after, timeout = "125m", every = "5s",
    run = function(step)
      local elb, evidence, waiting = cso.api.elbv2 {}, {}, {}
      for _, name in ipairs(WATCHED) do
        local arn = groups[name].TargetGroupArn:value()
        local answer = elb:DescribeTargetHealth { TargetGroupArn = arn }
        for _, target in ipairs(answer.TargetHealthDescriptions) do
          local line = ("%s %s %s"):format(name, target.Target.Id, target.TargetHealth.State)
          evidence[#evidence + 1] = line
          if target.TargetHealth.State ~= "healthy" then waiting[#waiting + 1] = line end
        end
      end
      if #waiting > 0 then return step:retry(table.concat(waiting, "; ")) end
      return { targets = evidence }
    end,
  }
end

return cso.module {
  inputs = {
    name = cso.t.string,
    prod = cso.t.boolean { default = false },
    vpc = cso.t.resource("EC2.VPC"),
    subnets = cso.t.list(cso.t.resource("EC2.Subnet")),
    groups = cso.t.any, -- the security module's groups by name
    profile = cso.t.resource("IAM.InstanceProfile"),
    image = cso.t.any,
    files = cso.t.any, -- what the storage module returned
    objects = cso.t.any, -- what has to be in the bucket before the jump server boots
    hosts = cso.t.any, -- kind → list of { name = }
    services = cso.t.any, -- list of { name, port }
    agent_parameter = cso.t.string, -- SSM parameter of the CloudWatch agent
    types = cso.t.map(cso.t.string, { default = {} }), -- kind → another instance type
    templates = cso.t.string, -- folder of the templates
    frontend = cso.t.resource { optional = true }, -- load balancers, with ha
    backend = cso.t.resource { optional = true },
    certificate = cso.t.any { optional = true }, -- ARN, for their listeners
    users = cso.t.any { optional = true }, -- the user pool, for the sign-in
    health_gate = cso.t.boolean { default = true },
  },
  build = function(inp)
    local size = SIZES[inp.prod and "production" or "development"]
    local by_kind, all = servers(inp, size)
    local groups = {}
    if inp.frontend then
      local leading
      groups, leading = frontend_listeners(inp, by_kind)
      leading[#leading + 1] = backend_listeners(inp, by_kind, groups)
      if inp.health_gate then health_gate(all, groups, leading) end
    end
    return { servers = all, by_kind = by_kind, target_groups = groups }
  end,
}
