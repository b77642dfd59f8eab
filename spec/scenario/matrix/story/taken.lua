--- What exists is taken over.
local json = require "cso.std.json"

local HEAD = 'local cso = require "cso"\ncso.stack { name = "taken" }\n'
local BOOK = HEAD .. [[
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", Tags = { Team = "a" } }
cso.aws.Logs.LogGroup "notes" { LogGroupName = "/taken" }
cso.aws.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24" }
]]
local PLAN = { "plan", "taken.lua", "--detailed-exitcode" }

local function made_before(p, run)
  run(p, { "exec", "logs.CreateLogGroup", "logGroupName=/taken" }, 0)
  local _, text = run(p, { "exec", "ec2.CreateVpc", "CidrBlock=10.0.0.0/16", "--query", "Vpc.VpcId", "--json" }, 0)
  return { vpc = json.decode(text) }
end

return { {
  name = "taken", files = { ["taken.lua"] = BOOK }, stack = "taken",
  stages = {
    { name = "import", writes = true, done = 3, facts = made_before,
      words = { "import", "EC2.VPC.main", "{vpc}", "--playbook", "taken.lua" } },
    { name = "import_group", writes = true, done = 3,
      words = { "import", "Logs.LogGroup.notes", "/taken", "--playbook", "taken.lua" } },
    { name = "apply", words = { "apply", "taken.lua", "-y", "-q" }, settled = PLAN },
    { name = "destroy", words = { "destroy", "taken.lua", "-y", "-q" },
      settled = { "plan", "taken.lua", "--destroy", "--detailed-exitcode" } },
  },
} }
