-- The servers: one per service, two with ha, one jump server; what they read at first boot; the target groups
-- and listeners that bring traffic to them.
--
-- Order of creation is the low-level design's: jump, Keystone, frontend and backend, RabbitMQ. It is only a first
-- approximation, since a running instance is not yet a working service: the scripts on the servers wait for what
-- they need (templates/scripts). Where the design has two figures, this takes the root volumes of its capacity
-- chapter (100 GB and 6,000 IOPS in production) and port 8081 for the admin page (docs/decisions.md).
local cso = require "cso"
local aws = cso.aws
local EC2, ELB = aws.EC2, aws.ElasticLoadBalancingV2

local SERVICES = {                                        -- the portal's services and their ports
  { "apidoc", 8098 }, { "blobstore", 8091 }, { "catalog", 8093 }, { "config", 8103 }, { "customers", 8090 },
  { "event", 8092 }, { "export", 8105 }, { "fulfillment", 8097 }, { "pricing", 8100 }, { "reporting", 8099 },
  { "request", 8096 }, { "svcinst", 8094 }, { "ticketing", 8101 },
}

local SIZES = {
  production = {
    types = { frontend = "c5.2xlarge", backend = "c5.4xlarge", keystone = "t2.xlarge", rabbitmq = "t2.xlarge",
      jump = "t2.large" },
    root = { size = 100, iops = 6000 }, data = { logs = 100, temp = 50, cache = 20 },
    heap = { frontend = 8192, backend = 16384 }, broker_memory = "8GB", keystone_processes = 4,
  },
  development = {
    types = { frontend = "t2.xlarge", backend = "t2.2xlarge", keystone = "t2.medium", rabbitmq = "t2.xlarge",
      jump = "t2.large" },
    root = { size = 50, iops = 3000 }, data = { logs = 20, temp = 10, cache = 5 },
    heap = { frontend = 2048, backend = 4096 }, broker_memory = "2GB", keystone_processes = 2,
  },
}

local ORDER = { "jump", "keystone", "frontend", "backend", "rabbitmq" }
local AFTER = { keystone = { "jump" }, frontend = { "keystone" }, backend = { "keystone" },
  rabbitmq = { "frontend", "backend" } }
local VOLUMES = {
  { short = "logs", device = "sdf" }, { short = "temp", device = "sdg" }, { short = "cache", device = "sdh" },
}
local PACKAGES = { "amazon-ssm-agent", "amazon-cloudwatch-agent", "amazon-efs-utils", "nfs-utils",
  "java-21-amazon-corretto" }
local SCRIPTS = { "lib.sh", "efs-s3-sync.sh", "unified-server-setup.sh", "jump-setup.sh", "keystone-setup.sh",
  "rabbitmq-setup.sh", "frontend-setup.sh", "backend-setup.sh", "test-keystone-cluster.sh",
  "test-rabbitmq-cluster-health.sh", "cso@.service", "jump-admin.service" }
local TLS_POLICY = "ELBSecurityPolicy-TLS-1-2-2017-01"

-- The configuration of each service: { template, values }. No secret is in it: @NAME@ is filled in on the server.
local function configuration(inp, size)
  local hosts = inp.hosts
  local services = {}
  for i, service in ipairs(SERVICES) do services[i] = service[1] .. ":" .. service[2] end
  local names = {}
  for _, kind in ipairs(ORDER) do
    names[kind] = {}
    for i, host in ipairs(hosts[kind]) do names[kind][i] = host.name end
  end
  local files = {
    { "etc/cso.env", "cso.env.tmpl", {
      environment = inp.name, region = inp.region, zone = inp.zone, bucket = inp.files.bucket.BucketName,
      packages = cso.fmt("s3://%s/packages", inp.files.bucket.BucketName), secret_prefix = inp.name .. "/cso",
      hosts = names, services = table.concat(services, " "), heap = size.heap,
      queue_policy = inp.rabbitmq_major < 4 and "mirrored" or "quorum",
    } },
    { "etc/schema.sql", "schema.sql.tmpl", { environment = inp.name, databases = {
      { name = "keystone", user = "keystone", secret = "KEYSTONE_DB_PASSWORD" },
      { name = "cso_portal", user = "cso_user", secret = "CSO_DB_PASSWORD" },
    } } },
    { "etc/keystone.conf", "keystone.conf.tmpl", { environment = inp.name, zone = inp.zone,
      rabbitmq_user = "ssp_user", rabbitmq_vhost = "ssp", token_seconds = 3600 } },
  }
  for _, name in ipairs(names.frontend) do
    files[#files + 1] = { ("etc/%s/nginx.conf"):format(name), "nginx.conf.tmpl", { host = name, port = 8102, places = {
      { path = "/ui/management/", port = 8080 }, { path = "/ui/portal/", port = 8202 } } } }
  end
  for _, name in ipairs(names.keystone) do
    files[#files + 1] = { ("etc/%s/keystone-vhost.conf"):format(name), "keystone-vhost.conf.tmpl", {
      host = name, zone = inp.zone, processes = size.keystone_processes, application_group = "%{GLOBAL}" } }
  end
  for _, name in ipairs(names.rabbitmq) do
    files[#files + 1] = { ("etc/%s/rabbitmq.conf"):format(name), "rabbitmq.conf.tmpl", {
      environment = inp.name, host = name, peers = names.rabbitmq, memory = size.broker_memory } }
  end
  return files
end

-- Everything that the jump server copies to the shared file systems.
local function upload(inp, size)
  local objects = {}
  local function put(key, content, content_type)
    objects[#objects + 1] = cso.s3.Object((key:gsub("[^%w.-]", "-"))) {
      Bucket = inp.files.bucket, Key = key, Content = content, ContentType = content_type or "text/plain",
    }
  end
  for _, script in ipairs(SCRIPTS) do put("scripts/" .. script, cso.file(inp.templates .. "/scripts/" .. script)) end
  for _, page in ipairs { "app.py", "templates/dashboard.html" } do
    put("scripts/jump-admin/" .. page, cso.file(inp.templates .. "/jump-admin/" .. page))
  end
  for _, file in ipairs(configuration(inp, size)) do
    put(file[1], cso.template(inp.templates .. "/config/" .. file[2], file[3]))
  end
  put("ssl-certs/ca/ca.crt", inp.authority.CertificatePem, "application/x-pem-file")
  for _, kind in ipairs(ORDER) do
    for _, host in ipairs(inp.hosts[kind]) do
      put(("ssl-certs/%s/server.crt"):format(host.name), inp.certificates[host.name].leaf.CertificatePem,
        "application/x-pem-file")
    end
  end
  return objects
end

local function devices(size)
  local root = { VolumeType = "gp3", VolumeSize = size.root.size, Iops = size.root.iops, Encrypted = true,
    DeleteOnTermination = true }
  local list = { { DeviceName = "/dev/xvda", Ebs = root } }
  for _, volume in ipairs(VOLUMES) do
    list[#list + 1] = { DeviceName = "/dev/" .. volume.device, Ebs = {
      VolumeType = "gp3", VolumeSize = size.data[volume.short], Encrypted = true, DeleteOnTermination = true } }
  end
  return list
end

local function user_data(inp, kind, index, host)
  local volumes = {}
  for i, volume in ipairs(VOLUMES) do
    volumes[i] = { device = volume.device, label = "cso-" .. volume.short, directory = "/data/" .. volume.short }
  end
  local function mount(files) return { id = files.system.FileSystemId, access_point = files.access_point.AccessPointId } end
  return cso.template(inp.templates .. "/user-data/server.sh.tmpl", {
    environment = inp.name, server_type = kind, server_index = index, host = host.name, packages = PACKAGES,
    scripts = mount(inp.files.scripts), certificates = mount(inp.files.certificates), volumes = volumes,
    agent_parameter = inp.agent_parameter, bucket = inp.files.bucket.BucketName,
  }):base64()
end

local function servers(inp, size, objects)
  local by_kind, all = {}, {}
  for _, kind in ipairs(ORDER) do
    by_kind[kind] = {}
    local groups = kind == "jump" and { inp.groups.jump } or { inp.groups.core, inp.groups[kind] }
    local after = { inp.files.scripts.mounts, inp.files.certificates.mounts }
    if kind == "jump" then after[#after + 1] = objects end
    for _, earlier in ipairs(AFTER[kind] or {}) do after[#after + 1] = by_kind[earlier] end
    for i, host in ipairs(inp.hosts[kind]) do
      -- A newer Amazon Linux image is for new servers; it must not replace those that run.
      local server = EC2.Instance(host.name, { after = after, ignore = { "ImageId" } }) {
        ImageId = inp.image, InstanceType = inp.types[kind] or size.types[kind], IamInstanceProfile = inp.profile,
        SubnetId = inp.subnets[(i - 1) % #inp.subnets + 1], SecurityGroupIds = groups,
        BlockDeviceMappings = devices(size), Monitoring = true, MetadataOptions = { HttpTokens = "required" },
        UserData = user_data(inp, kind, i, host), PropagateTagsToVolumeOnCreation = true,
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
  return ELB.TargetGroup(spec.short) {
    Name = ("%s-%s-tg"):format(inp.name, spec.short), VpcId = inp.vpc, TargetType = "instance",
    Port = spec.port, Protocol = spec.protocol or "HTTP", Targets = targets,
    HealthCheckPath = spec.path, HealthCheckProtocol = spec.protocol or "HTTP", HealthCheckIntervalSeconds = 30,
    HealthCheckTimeoutSeconds = spec.timeout or 5, HealthyThresholdCount = 2, UnhealthyThresholdCount = 3,
    Matcher = { HttpCode = spec.matcher or "200" },
    TargetGroupAttributes = { { Key = "deregistration_delay.timeout_seconds", Value = "300" } },
    Tags = { Name = ("%s-%s-tg"):format(inp.name, spec.short) },
  }
end

-- From the internet: everything is signed in by Cognito before it reaches a server.
local function frontend_listeners(inp, by_kind)
  local lb, users = inp.frontend, inp.users
  local portal = target_group(inp, { short = "frontend", servers = by_kind.frontend, port = 8102,
    path = "/ui/management/login/system" })
  local admin = target_group(inp, { short = "jump-admin", servers = by_kind.jump, port = 8081, path = "/admin/" })
  local function signed_in(group)
    return {
      { Type = "authenticate-cognito", Order = 1, AuthenticateCognitoConfig = {
        UserPoolArn = users.pool.Arn, UserPoolClientId = users.client.ClientId, UserPoolDomain = users.domain.Domain,
        OnUnauthenticatedRequest = "authenticate", Scope = "openid email" } },
      { Type = "forward", Order = 2, TargetGroupArn = group.TargetGroupArn },
    }
  end
  ELB.Listener "frontend-80" { LoadBalancerArn = lb, Port = 80, Protocol = "HTTP", DefaultActions = {
    { Type = "redirect", RedirectConfig = { Protocol = "HTTPS", Port = "443", StatusCode = "HTTP_301" } } } }
  for _, port in ipairs { 443, 8102 } do
    local listener = ELB.Listener("frontend-" .. port) {
      LoadBalancerArn = lb, Port = port, Protocol = "HTTPS", SslPolicy = TLS_POLICY,
      Certificates = { { CertificateArn = inp.certificate } }, DefaultActions = signed_in(portal),
    }
    if port == 443 then
      ELB.ListenerRule "admin" {
        ListenerArn = listener, Priority = 10, Actions = signed_in(admin),
        Conditions = { { Field = "path-pattern", PathPatternConfig = { Values = { "/admin", "/admin/*" } } } },
      }
    end
  end
  return { frontend = portal, ["jump-admin"] = admin }
end

-- From inside: a listener and a target group for every service, and Keystone behind TLS.
local function backend_listeners(inp, by_kind, groups)
  for _, service in ipairs(SERVICES) do
    local name, port = service[1], service[2]
    groups[name] = target_group(inp, { short = name, servers = by_kind.backend, port = port, path = "/health" })
    ELB.Listener("backend-" .. name) { LoadBalancerArn = inp.backend, Port = port, Protocol = "HTTP",
      DefaultActions = { { Type = "forward", TargetGroupArn = groups[name].TargetGroupArn } } }
  end
  groups.keystone = target_group(inp, { short = "keystone", servers = by_kind.keystone, port = 5000,
    protocol = "HTTPS", path = "/api/idm/v3", matcher = "200,300", timeout = 10 })
  ELB.Listener "backend-keystone" { LoadBalancerArn = inp.backend, Port = 5000, Protocol = "HTTPS",
    SslPolicy = TLS_POLICY, Certificates = { { CertificateArn = inp.certificate } },
    DefaultActions = { { Type = "forward", TargetGroupArn = groups.keystone.TargetGroupArn } } }
end

-- Deployed means that the load balancer finds every server healthy, not that AWS accepted the calls.
local function health_gate(all, groups)
  local watched = { "frontend", "keystone", "jump-admin" }
  local waits_for = {}
  for i, name in ipairs(watched) do waits_for[i] = groups[name] end
  for _, server in ipairs(all) do waits_for[#waits_for + 1] = server.instance end
  cso.step("targets-healthy", {
    after = waits_for, timeout = "125m", every = "15s",
    run = function(step)
      local evidence, waiting = {}, {}
      for _, name in ipairs(watched) do
        local answer = cso.api.elbv2 {}:DescribeTargetHealth { TargetGroupArn = groups[name].TargetGroupArn:value() }
        for _, target in ipairs(answer.TargetHealthDescriptions) do
          local state = target.TargetHealth.State
          evidence[#evidence + 1] = ("%s %s %s"):format(name, target.Target.Id, state)
          if state ~= "healthy" then waiting[#waiting + 1] = evidence[#evidence] end
        end
      end
      if #waiting > 0 then return step:retry(table.concat(waiting, "; ")) end
      return { targets = evidence }
    end,
  })
end

return cso.module {
  inputs = {
    name = cso.t.string, prod = cso.t.boolean { default = false }, region = cso.t.string, zone = cso.t.string,
    vpc = cso.t.any, subnets = cso.t.list(cso.t.any), groups = cso.t.any, profile = cso.t.any, image = cso.t.any,
    files = cso.t.any,                                       -- what the storage module returned
    hosts = cso.t.any,                                       -- service → list of { name = }
    authority = cso.t.any, certificates = cso.t.any,         -- the security module's
    agent_parameter = cso.t.string,                          -- SSM parameter of the CloudWatch agent
    types = cso.t.map(cso.t.string, { default = {} }),       -- service → another instance type
    rabbitmq_major = cso.t.integer { default = 3 },
    templates = cso.t.string,                                -- folder of the templates
    frontend = cso.t.any { optional = true }, backend = cso.t.any { optional = true },   -- load balancers
    certificate = cso.t.any { optional = true }, users = cso.t.any { optional = true },  -- for their listeners
    health_gate = cso.t.boolean { default = true },
  },
  build = function(inp)
    local size = SIZES[inp.prod and "production" or "development"]
    local objects = upload(inp, size)
    local by_kind, all = servers(inp, size, objects)
    local groups
    if inp.frontend then
      groups = frontend_listeners(inp, by_kind)
      backend_listeners(inp, by_kind, groups)
      if inp.health_gate then health_gate(all, groups) end
    end
    return { servers = all, by_kind = by_kind, target_groups = groups or {}, objects = objects }
  end,
}
