-- What an environment file may say. Unknown keys are errors; --set key=value and CSO_VAR_*
-- override.
local cso = require "cso"

return {
  -- Prefix of every name: sixteen characters, so that a target group's fits into AWS's 32.
  name = cso.t.string { pattern = "^[a-z][a-z0-9-]*$", max = 16 },
  prod = cso.t.boolean { default = false }, -- production sizes and retention
  ha = cso.t.boolean { default = false }, -- two of each server, balancers, sign-in, Multi-AZ
  region = cso.t.region { default = "eu-west-2" },
  azs = cso.t.list(cso.t.string, { min = 2, default = { "eu-west-2a", "eu-west-2c" } }),
  vpc_name = cso.t.string,
  vpc_cidr = cso.t.cidr { min_prefix = 16, max_prefix = 24 },
  -- Further blocks of the VPC: room for another zone, since two fill the first.
  vpc_more_cidrs = cso.t.list(cso.t.cidr, { default = {} }),
  jump_server_access_cidrs = cso.t.list(cso.t.cidr, { default = {} }),
  admin_email = cso.t.email,
  pagerduty_url = cso.t.url { optional = true }, -- where critical alarms go beside the mail
  domain_suffix = cso.t.domain { default = "cso.ss" }, -- the zone is <name>.<domain_suffix>

  database = cso.t.object {
    class = cso.t.string { optional = true }, -- instead of the size that prod chooses
    engine_version = cso.t.string { default = "8.0.42" },
    backup_window = cso.t.string { default = "03:00-04:00" },
    maintenance_window = cso.t.string { default = "sun:04:00-sun:05:00" },
    final_snapshot = cso.t.boolean { optional = true }, -- when destroyed; left out: as prod says
  },
  instance_types = cso.t.object { -- instead of the sizes that prod chooses
    jump = cso.t.string { optional = true },
    keystone = cso.t.string { optional = true },
    frontend = cso.t.string { optional = true },
    backend = cso.t.string { optional = true },
    rabbitmq = cso.t.string { optional = true },
  },
  rabbitmq_major = cso.t.integer { default = 3, min = 3, max = 4 },

  protect = cso.t.boolean { default = false }, -- refuse to destroy data: database, files
  backup_selection = cso.t.boolean { default = true }, -- false: AWS Backup selects nothing
  health_gate = cso.t.boolean { default = true }, -- with ha: wait until all targets are healthy
}
