--- Many stacks at once, and things that move from one to another.
local NETWORK = [[
local cso = require "cso"
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.0.0/24" }
EC2.RouteTable "r" { VpcId = vpc }
cso.output { vpc = vpc.VpcId, a = a.SubnetId }
]]
local GROUPS = [[
local cso = require "cso"
local network = cso.outputs "network"
cso.aws.EC2.SecurityGroup "web" { GroupDescription = "web", VpcId = network.vpc }
]]
local QUEUES = [[
local cso = require "cso"
for i = 1, 3 do cso.aws.SQS.Queue("q" .. i) { QueueName = "q" .. i } end
]]
local TOPICS = 'local cso = require "cso"\ncso.aws.SNS.Topic "t" { TopicName = "t" }\n'
local WORKSPACE = [[
return { stacks = { network = { playbook = "network.lua" }, queues = { playbook = "queues.lua" },
  groups = { playbook = "groups.lua", needs = { "network" } }, topics = { playbook = "topics.lua", needs = { "queues" } } } }
]]
-- Queues 2 and 3 are declared by the other stack.
local FEWER = QUEUES:gsub("3 do", "1 do")
local MORE = TOPICS .. 'for i = 2, 3 do cso.aws.SQS.Queue("q" .. i) { QueueName = "q" .. i } end\n'
local PLAN = { "plan", "--all", "--detailed-exitcode" }

return { {
  name = "many",
  files = { ["network.lua"] = NETWORK, ["groups.lua"] = GROUPS, ["queues.lua"] = QUEUES, ["topics.lua"] = TOPICS,
    ["workspace.lua"] = WORKSPACE },
  stages = {
    { name = "apply", family = true, words = { "apply", "--all", "-y", "-q" }, settled = PLAN },
    { name = "mv", files = { ["queues.lua"] = FEWER, ["topics.lua"] = MORE }, writes = true, done = 3,
      words = { "state", "mv", "--stack", "queues", "--to", "topics", "SQS.Queue.q2", "SQS.Queue.q3" }, settled = PLAN },
    { name = "destroy", family = true, words = { "destroy", "--all", "-y", "-q" },
      settled = { "plan", "--all", "--destroy", "--detailed-exitcode" } },
  },
} }
