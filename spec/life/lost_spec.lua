-- One of several is deleted behind our back: the plan makes it anew, and nothing else.
local life = require "spec.life.harness"

local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "lost" }
for i = 1, 3 do
  local vpc = cso.aws.EC2.VPC("v" .. i) { CidrBlock = "10." .. i .. ".0.0/16" }
  cso.aws.EC2.SecurityGroup("g" .. i) { GroupDescription = "g", VpcId = vpc }
  cso.aws.EC2.VPCEndpoint("e" .. i) { VpcId = vpc, ServiceName = "com.amazonaws.eu-west-2.s3", VpcEndpointType = "Gateway" }
  cso.aws.ElasticLoadBalancingV2.TargetGroup("t" .. i) { Name = "t" .. i, VpcId = vpc, Protocol = "HTTP", Port = 80 }
  cso.aws.SSM.Parameter("p" .. i) { Name = "/lost/" .. i, Type = "String", Value = "v" }
  cso.aws.CloudWatch.Alarm("a" .. i) { AlarmName = "a" .. i, Namespace = "N", MetricName = "M", Statistic = "Sum",
    Period = 60, EvaluationPeriods = 1, Threshold = 1, ComparisonOperator = "GreaterThanThreshold" }
  cso.aws.SQS.Queue("q" .. i) { QueueName = "q" .. i }
end
]]

-- How others delete: address, service, operation, member for the id, whether it takes a list.
local deletions = {
  { "EC2.SecurityGroup.g2", "ec2", "DeleteSecurityGroup", "GroupId" },
  { "EC2.VPCEndpoint.e2", "ec2", "DeleteVpcEndpoints", "VpcEndpointIds", true },
  { "ElasticLoadBalancingV2.TargetGroup.t2", "elbv2", "DeleteTargetGroup", "TargetGroupArn" },
  { "SSM.Parameter.p2", "ssm", "DeleteParameter", "Name" },
  { "CloudWatch.Alarm.a2", "cloudwatch", "DeleteAlarms", "AlarmNames", true },
  { "SQS.Queue.q2", "cloudcontrol", "DeleteResource", "Identifier", nil, { TypeName = "AWS::SQS::Queue" } },
}

describe("what was deleted behind our back", function()
  it("is made anew, alone", function()
    life.within({ sim = {} }, function(world)
      local program = world:load(PLAYBOOK)
      world:apply(program, world:plan(program))
      for _, d in ipairs(deletions) do
        local id = world.store:get(d[1]).id
        local params = d[6] or {}
        params[d[4]] = d[5] and { id } or id
        assert(assert(world.session:client(d[2])):call(d[3], params))
        local made = world:plan(program)
        assert.are.same({ create = { d[1] } }, (life.doings(made)))
        world:apply(program, made)
        world:settled(program, "after " .. d[1] .. " was made anew")
      end
      world:destroy(program)
      local again = life.doings(world:plan(program, { destroy = true }))
      assert.are.same({}, again)
    end)
  end)

  it("is no failure of a destruction", function()
    life.within({ sim = {} }, function(world)
      local program = world:load(PLAYBOOK)
      world:apply(program, world:plan(program))
      for _, d in ipairs(deletions) do
        local id = world.store:get(d[1]).id
        local params = d[6] or {}
        params[d[4]] = d[5] and { id } or id
        assert(assert(world.session:client(d[2])):call(d[3], params))
      end
      world:destroy(program)
    end)
  end)
end)
