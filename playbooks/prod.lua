-- csorun --sim playbooks/prod.lua        the environment is envs/prod.yaml
local cso = require "cso"
local portal = require "cso.modules.portal"

local env = cso.env()
cso.stack { name = env.name, region = env.region, tags = { Environment = env.name, Project = "cso-portal" } }
cso.output(portal(env, "../templates"))
