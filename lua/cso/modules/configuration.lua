-- What the servers read: scripts, service configuration and certificates, put into the files
-- bucket. The jump server copies all of it to the shared file systems
-- (templates/scripts/efs-s3-sync.sh).
--
-- No secret goes this way. A configuration file holds @NAME@ where a password belongs, and the
-- server fills it in from Secrets Manager; private keys are secrets of their own.
local cso = require "cso"

-- Memory: heaps lie inside the design's budgets (frontend 2–8 GB, backend 4–16 GB, Erlang 2–8 GB)
-- and leave the operating system its share of the instance.
local BUDGETS = {
  production = { heap = { frontend = 8192, backend = 16384 }, broker = "8GB", processes = 4 },
  development = { heap = { frontend = 2048, backend = 4096 }, broker = "2GB", processes = 2 },
}
local SCRIPTS = {
  "lib.sh", "efs-s3-sync.sh", "unified-server-setup.sh", "jump-setup.sh", "keystone-setup.sh",
  "rabbitmq-setup.sh", "frontend-setup.sh", "backend-setup.sh", "test-keystone-cluster.sh",
  "test-rabbitmq-cluster-health.sh", "cso@.service", "jump-admin.service",
  "jump-admin/app.py", "jump-admin/templates/dashboard.html",
}
local DATABASES = {
  { name = "keystone", user = "keystone", secret = "KEYSTONE_DB_PASSWORD" },
  { name = "cso_portal", user = "cso_user", secret = "CSO_DB_PASSWORD" },
}
local FRONTEND_PLACES = {
  { path = "/ui/management/", port = 8080 },
  { path = "/ui/portal/", port = 8202 },
}

local function host_names(hosts)
  local names = {}
  for kind, list in pairs(hosts) do
    names[kind] = {}
    for i, host in ipairs(list) do names[kind][i] = host.name end
  end
  return names
end

-- The files that are the same on every server of their kind: { key, template, values }.
local function common_files(inp, names, budget)
  local services = {}
  for i, service in ipairs(inp.services) do services[i] = service[1] .. ":" .. service[2] end
  return {
    { "etc/cso.env", "cso.env", {
      environment = inp.name, region = inp.region, zone = inp.zone, hosts = names,
      bucket = inp.bucket.BucketName, packages = cso.fmt("s3://%s/packages", inp.bucket.BucketName),
      secret_prefix = inp.name .. "/cso", services = table.concat(services, " "),
      heap = budget.heap, queue_policy = inp.rabbitmq_major < 4 and "mirrored" or "quorum",
    } },
    { "etc/schema.sql", "schema.sql", { environment = inp.name, databases = DATABASES } },
    { "etc/keystone.conf", "keystone.conf", {
      environment = inp.name, zone = inp.zone, token_seconds = 3600,
      rabbitmq_user = "ssp_user", rabbitmq_vhost = "ssp",
    } },
  }
end

-- The files that carry a host's own name.
local function host_files(inp, names, budget)
  local files = {}
  local function each(kind, file, values)
    for _, name in ipairs(names[kind]) do
      local own = { host = name }
      for key, value in pairs(values) do own[key] = value end
      files[#files + 1] = { ("etc/%s/%s"):format(name, file), file, own }
    end
  end
  each("frontend", "nginx.conf", { port = 8102, places = FRONTEND_PLACES })
  each("keystone", "keystone-vhost.conf", {
    zone = inp.zone, processes = budget.processes, application_group = "%{GLOBAL}",
  })
  each("rabbitmq", "rabbitmq.conf", {
    environment = inp.name, peers = names.rabbitmq, memory = budget.broker,
  })
  return files
end

return cso.module {
  inputs = {
    name = cso.t.string,
    prod = cso.t.boolean { default = false },
    region = cso.t.region,
    zone = cso.t.domain,
    bucket = cso.t.resource("S3.Bucket"),
    hosts = cso.t.any, -- kind → list of { name = }
    services = cso.t.any, -- list of { name, port }
    authority = cso.t.resource("cso.tls.Authority"),
    certificates = cso.t.any, -- host name → { leaf = }
    rabbitmq_major = cso.t.integer { default = 3 },
    templates = cso.t.string, -- folder of the templates
  },
  build = function(inp)
    local budget = BUDGETS[inp.prod and "production" or "development"]
    local names = host_names(inp.hosts)
    local objects = {}
    local function put(key, content, content_type)
      objects[#objects + 1] = cso.s3.Object((key:gsub("[^%w.-]", "-"))) {
        Bucket = inp.bucket, Key = key, Content = content,
        ContentType = content_type or "text/plain",
      }
    end

    for _, script in ipairs(SCRIPTS) do
      put("scripts/" .. script, cso.file(("%s/scripts/%s"):format(inp.templates, script)))
    end
    for _, list in ipairs { common_files(inp, names, budget), host_files(inp, names, budget) } do
      for _, file in ipairs(list) do
        local template = ("%s/config/%s.tmpl"):format(inp.templates, file[2])
        put(file[1], cso.template(template, file[3]))
      end
    end
    local pem = "application/x-pem-file"
    put("ssl-certs/ca/ca.crt", inp.authority.CertificatePem, pem)
    for _, kind in ipairs { "jump", "keystone", "frontend", "backend", "rabbitmq" } do
      for _, name in ipairs(names[kind]) do
        local leaf = inp.certificates[name].leaf
        put(("ssl-certs/%s/server.crt"):format(name), leaf.CertificatePem, pem)
      end
    end
    return { objects = objects }
  end,
}
