-- The lives of EC2's network kinds.
local life = require "spec.life.harness"

describe("the life of", function()
  life.of { name = "EC2 VPC", playbook = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsSupport = true, EnableDnsHostnames = true,
  InstanceTenancy = "default", Tags = { Name = "one" } }
]], edits = {
    { from = "EnableDnsHostnames = true", to = "EnableDnsHostnames = false", update = { "EC2.VPC.main" } },
    { from = "EnableDnsSupport = true", to = "EnableDnsSupport = false", update = { "EC2.VPC.main" } },
    { from = 'Name = "one"', to = 'Name = "two", More = "x"', update = { "EC2.VPC.main" } },
    { from = ', More = "x"', to = "", update = { "EC2.VPC.main" } },
    { from = 'CidrBlock = "10.0.0.0/16"', to = 'CidrBlock = "10.1.0.0/16"', replace = { "EC2.VPC.main" } },
  } }
end)
