--- What is done to a state besides applying: forgotten, rebuilt, accepted, repaired, looked at, pushed.
local BOOK = [[
local cso = require "cso"
cso.stack { name = "kept" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true, Tags = { Team = "a" } }
for i = 1, 3 do cso.aws.EC2.Subnet("s" .. i) { VpcId = vpc, CidrBlock = cso.cidr.subnet("10.0.0.0/16", 8, i) } end
cso.aws.Logs.LogGroup "log" { LogGroupName = "/kept", RetentionInDays = 7 }
cso.output { vpc = vpc.VpcId }
]]
local FORGETFUL = BOOK:gsub("cso.aws.Logs.LogGroup.-\n", "") .. 'cso.forget "Logs.LogGroup.log"\n'
local PLAN = { "plan", "kept.lua", "--detailed-exitcode" }
local LIST = { "state", "list", "--stack", "kept" }

local function with_stack(...)
  return table.move({ "--stack", "kept" }, 1, 2, select("#", ...) + 1, { ... })
end

-- The id of a state is told to whoever names another one.
local function lineage(p, run)
  p:write("none.db", "")
  local _, text = run(p, { "state", "rebuild", "kept.lua", "--force", "none" }, 3)
  return { lineage = assert(text:match "it is (%x[%x-]+)", text) }
end

local function vpc_of(p, run)
  local _, text = run(p, { "output", "vpc", "--stack", "kept", "--json" }, 0)
  return assert(text:match "vpc%-%x+", text)
end

local function meddle(p, run)
  run(p, { "exec", "logs.PutRetentionPolicy", "logGroupName=/kept", "retentionInDays=30" }, 0)
  run(p, { "exec", "ec2.ModifyVpcAttribute", "EnableDnsHostnames.Value=false", "VpcId=" .. vpc_of(p, run) }, 0)
end

local function tag(p, run)
  run(p, { "exec", "ec2.CreateTags", "Resources=" .. vpc_of(p, run), "Tags.0.Key=Cost", "Tags.0.Value=b" }, 0)
end

-- What is pushed is older than the state, and is wanted all the same.
local function fall_behind(p, run)
  run(p, with_stack("state", "pull", "older.db"), 0)
  run(p, with_stack("state", "mv", "EC2.Subnet.s1", "EC2.Subnet.moved"), 0)
end

return { {
  name = "kept", files = { ["kept.lua"] = BOOK }, stack = "kept",
  stages = {
    { name = "base", calm = true, words = { "apply", "kept.lua", "-y", "-q" }, settled = PLAN },
    { name = "rm", writes = true, done = 3, words = with_stack("state", "rm", "EC2.Subnet.s1", "EC2.Subnet.s2", "Logs.*"),
      settled = with_stack "drift", shows = LIST },
    { name = "rebuild", facts = lineage, writes = true, done = 3,
      words = { "state", "rebuild", "kept.lua", "--force", "{lineage}" }, settled = PLAN, shows = LIST },
    { name = "accept", prepare = meddle, writes = true, done = 3, words = with_stack("drift", "--accept", "Logs.LogGroup.log",
      "--accept", "EC2.VPC.main.EnableDnsHostnames"), settled = PLAN },
    { name = "repair", writes = true, done = 3, words = with_stack("drift", "-y", "-q", "--repair", "EC2.VPC.main"),
      settled = PLAN },
    { name = "refresh", prepare = tag, writes = true, words = { "apply", "kept.lua", "--refresh-only", "-y", "-q" },
      shows = with_stack("state", "show", "EC2.VPC.main") },
    { name = "push", prepare = fall_behind, facts = lineage, writes = true,
      words = with_stack("state", "push", "older.db", "--force", "{lineage}"), shows = LIST },
    { name = "forget", files = { ["kept.lua"] = FORGETFUL }, writes = true, words = { "apply", "kept.lua", "-y", "-q" },
      settled = PLAN, shows = LIST },
    { name = "destroy", writes = true, words = { "destroy", "kept.lua", "-y", "-q" },
      settled = { "plan", "kept.lua", "--destroy", "--detailed-exitcode" }, shows = LIST },
  },
} }
