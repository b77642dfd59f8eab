--- Things are replaced in both orders, with those that use them, are renamed, and move to another region.
local BOOK = [[
local cso = require "cso"
local env = cso.env { first = cso.t.string { default = "10.0" }, last = cso.t.string { default = "10.8" },
  name = cso.t.string { default = "a" }, region = cso.t.string { default = "eu-west-2" } }
cso.stack { name = "swap" }
local aws = cso.aws
local EC2 = aws.EC2
local beside = EC2.VPC("beside", { replace = "create_first" }) { CidrBlock = env.first .. ".0.0/16" }
local subnet = EC2.Subnet("beside", { replace = "create_first" }) { VpcId = beside, CidrBlock = env.first .. ".1.0/24" }
local door = EC2.SecurityGroup("beside", { replace = "create_first" }) { VpcId = beside, GroupDescription = "d",
  SecurityGroupIngress = { { IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "10.0.0.0/8" } } }
local gate = EC2.InternetGateway "gate" {}
EC2.VPCGatewayAttachment "gate" { VpcId = beside, InternetGatewayId = gate }
EC2.SecurityGroupIngress "more" { GroupId = door, IpProtocol = "tcp", FromPort = 81, ToPort = 81, CidrIp = "10.0.0.0/8" }
local vpc = EC2.VPC "first" { CidrBlock = env.last .. ".0.0/16" }
local inner = EC2.Subnet "first" { VpcId = vpc, CidrBlock = env.last .. ".1.0/24" }
local routes = EC2.RouteTable "first" { VpcId = vpc }
EC2.SubnetRouteTableAssociation "first" { SubnetId = inner, RouteTableId = routes }
aws.SSM.Parameter "where" { Name = "/swap/where", Type = "String", Value = vpc.VpcId }
aws.IAM.Role "who" { RoleName = "swap-" .. env.last, AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } } }
local named = aws.SQS.Queue("queue-" .. env.name) { QueueName = "swap" }
if env.name ~= "a" then cso.moved { from = "SQS.Queue.queue-a", to = "SQS.Queue.queue-" .. env.name } end
local there = cso.target { region = env.region }.aws
there.Logs.LogGroup "far" { LogGroupName = "/swap/far", RetentionInDays = 7 }
cso.output { first = inner.SubnetId, beside = subnet.SubnetId, queue = named.QueueUrl }
]]

-- The settings after so many stages.
local SET = {
  { "base" }, { "create_first", "first=10.1" }, { "delete_first", "last=10.9" }, { "rename", "name=b" },
  { "region", "region=eu-west-1" },
}

local function words(verb, upto, ...)
  local list = { verb, "swap.lua" }
  for i = 1, upto do
    if SET[i][2] then table.move({ "--set", SET[i][2] }, 1, 2, #list + 1, list) end
  end
  return table.move({ ... }, 1, select("#", ...), #list + 1, list)
end

local stages = {}
for i, one in ipairs(SET) do
  stages[i] = { name = one[1], calm = i == 1, words = words("apply", i, "-y", "-q"),
    settled = words("plan", i, "--detailed-exitcode"),
    instead = i > 1 and { words = words("apply", i - 1, "-y", "-q"), like = SET[i - 1][1],
      settled = words("plan", i - 1, "--detailed-exitcode") } or nil }
end
stages[#stages + 1] = { name = "destroy", words = words("destroy", #SET, "-y", "-q"),
  settled = words("plan", #SET, "--destroy", "--detailed-exitcode") }

return { { name = "replace", files = { ["swap.lua"] = BOOK }, stack = "swap", stages = stages,
  -- A parameter counts its changes, back and forth.
  beside = { "ssm/Parameter%.Version", "ssm/Parameter%._history" } } }
