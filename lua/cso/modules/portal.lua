-- The whole portal, put together from the modules. A playbook hands over its environment and prints
-- the outputs; all differences between environments are in envs/<name>.yaml.
local cso = require "cso"

local IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
local LOG_DAYS = { production = 90, development = 14 }

-- The portal's services and their ports.
local SERVICES = {
  { "apidoc", 8098 }, { "blobstore", 8091 }, { "catalog", 8093 }, { "config", 8103 },
  { "customers", 8090 }, { "event", 8092 }, { "export", 8105 }, { "fulfillment", 8097 },
  { "pricing", 8100 }, { "reporting", 8099 }, { "request", 8096 }, { "svcinst", 8094 },
  { "ticketing", 8101 },
}

-- Each kind of server: what its hosts are called, and the service names that stand for it.
local SERVERS = {
  { kind = "jump", pattern = "jump-server", single = true, aliases = { "jump" } },
  { kind = "keystone", pattern = "keystone%02d", aliases = { "identity" } },
  { kind = "frontend", pattern = "frontend-server-%d", aliases = { "portal" } },
  { kind = "backend", pattern = "backend-server-%d", aliases = { "api" } },
  { kind = "rabbitmq", pattern = "rabbitmq-server-%d", aliases = { "mq" } },
}

-- Returns hosts by kind, all hosts in order, and alias → name of the kind's first host.
local function name_hosts(ha)
  local by_kind, all, aliases = {}, {}, {}
  for _, spec in ipairs(SERVERS) do
    by_kind[spec.kind] = {}
    for i = 1, ha and not spec.single and 2 or 1 do
      local host = { name = spec.pattern:format(i), aliases = spec.aliases }
      by_kind[spec.kind][i] = host
      all[#all + 1] = host
    end
    for _, alias in ipairs(spec.aliases) do aliases[alias] = by_kind[spec.kind][1].name end
  end
  return by_kind, all, aliases
end

local function outputs(net, db, files, dns, nodes, zone)
  local out = {
    portal = ("http://portal.%s:8102"):format(zone),
    database = db.instance.Endpoint.Address,
    files = files.bucket.BucketName,
    root_certificate = cso.fmt("s3://%s/ssl-certs/ca/ca.crt", files.bucket.BucketName),
    vpc = net.vpc.VpcId,
    zone = dns.zone.Id,
  }
  if net.frontend then out.portal = "https://" .. net.frontend.DNSName end
  for _, server in ipairs(nodes.servers) do
    out[(server.name:gsub("-", "_"))] = server.instance.PrivateIp
  end
  return out
end

---Declares the portal of an environment.
---@param env table the checked environment (envs/schema.lua)
---@param templates string the folder of the templates, as the playbook sees it
---@return table outputs name → value
return function(env, templates)
  cso.policy { skip = {
    ["CSO-LOG-002"] = "the logs hold no personal data; AWS's own key encrypts them",
    ["CSO-SNS-001"] = "alarms can't publish through AWS's own key, and say nothing but the alarm",
    ["CSO-S3-004"] = "only the servers' role reads the files; CloudTrail sees it",
    ["CSO-ELB-004"] = "the environment is meant to be destroyed by csorun; `protect` is for what holds data",
    ["CSO-WAF-001"] = "a firewall is the account's, not the portal's; Cognito stands before every page",
  } }
  cso.check("the database's parameters are those of MySQL 8.0",
    env.database.engine_version:match("^8%.0%.") ~= nil,
    "set database.engine_version to an 8.0 version; 8.4 needs another parameter group family")

  local name, size = env.name, env.prod and "production" or "development"
  local zone = ("%s.%s"):format(name, env.domain_suffix)
  local bucket_name = cso.fmt("%s-cso-files-%s", name, cso.account().id)
  local hosts, all_hosts, aliases = name_hosts(env.ha)
  -- A last snapshot can be read only as long as the key is there: who keeps one keeps both.
  local final_snapshot = env.database.final_snapshot
  if final_snapshot == nil then final_snapshot = env.prod end

  local net = cso.use "cso.modules.networking" {
    name = name, vpc_name = env.vpc_name, cidr = env.vpc_cidr, more_cidrs = env.vpc_more_cidrs,
    azs = env.azs, region = env.region, ha = env.ha, load_balancers = env.ha, log_retention = LOG_DAYS[size],
  }
  local sec = cso.use "cso.modules.security" {
    name = name, prod = env.prod, region = env.region, zone = zone, vpc = net.vpc,
    keep_key = final_snapshot,
    access_cidrs = env.jump_server_access_cidrs, hosts = all_hosts, files_bucket = bucket_name,
    frontend = net.frontend, frontend_group = net.frontend_group, backend_group = net.backend_group,
  }
  local db = cso.use "cso.modules.database" {
    name = name, prod = env.prod, ha = env.ha, subnets = net.private, group = sec.groups.rds,
    key = sec.key, password = sec.passwords["db-master"].value, class = env.database.class,
    engine_version = env.database.engine_version, backup_window = env.database.backup_window,
    maintenance_window = env.database.maintenance_window, protect = env.protect,
    final_snapshot = final_snapshot,
  }
  local files = cso.use "cso.modules.storage" {
    name = name, subnets = net.private, zones = env.azs, group = sec.groups.efs, key = sec.key,
    bucket_name = bucket_name, backup_days = db.backup_days,
    backup_selection = env.backup_selection, protect = env.protect,
  }
  local watch = cso.use "cso.modules.monitoring" {
    name = name, admin_email = env.admin_email, pagerduty_url = env.pagerduty_url,
    log_retention = LOG_DAYS[size], templates = templates,
  }
  local config = cso.use "cso.modules.configuration" {
    name = name, prod = env.prod, region = env.region, zone = zone, bucket = files.bucket,
    hosts = hosts, services = SERVICES, authority = sec.authority,
    certificates = sec.certificates, rabbitmq_major = env.rabbitmq_major, templates = templates,
  }
  local nodes = cso.use "cso.modules.compute" {
    name = name, prod = env.prod, vpc = net.vpc, subnets = net.private, groups = sec.groups,
    profile = sec.profile, image = cso.api.ssm {}:GetParameter { Name = IMAGE }.Parameter.Value,
    files = files, objects = config.objects, hosts = hosts, services = SERVICES,
    agent_parameter = watch.agent_parameter, types = env.instance_types, templates = templates,
    frontend = net.frontend, backend = net.backend, users = sec.users,
    certificate = sec.balancer_certificate and sec.balancer_certificate.CertificateArn,
    health_gate = env.health_gate,
  }
  local alarms = cso.use "cso.modules.alarms" {
    name = name, critical = watch.critical, warning = watch.warning, servers = nodes.servers,
    database = db, files = files, frontend = net.frontend, backend = net.backend,
    target_groups = nodes.target_groups,
  }
  aliases.mysql = db.instance.Endpoint.Address
  aliases.services = net.backend and net.backend.DNSName
  local dns = cso.use "cso.modules.dns" {
    name = name, zone = zone, region = env.region, vpc = net.vpc, servers = nodes.servers,
    aliases = aliases, frontend = net.frontend, alarm = alarms.status[hosts.frontend[1].name],
  }
  return outputs(net, db, files, dns, nodes, zone)
end
