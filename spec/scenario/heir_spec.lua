-- Things declared under another address without `moved`: whatever is unique goes before it comes again.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local env = cso.env { n = cso.t.string { default = "a" }, role = cso.t.string { default = "a" } }
cso.stack { name = "life" }
local A, n = cso.aws, env.n
local trust = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" } } }
local role = A.IAM.Role(env.role) { RoleName = "fixed", AssumeRolePolicyDocument = trust }
A.IAM.InstanceProfile "p" { InstanceProfileName = "p", Roles = { role } }
A.IAM.RolePolicy(n) { RoleName = role, PolicyName = "q", PolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "s3:GetObject", Resource = "*" } } } }
local vpc = A.EC2.VPC "v" { CidrBlock = "10.0.0.0/16" }
local subnet = A.EC2.Subnet(n) { VpcId = vpc, CidrBlock = "10.0.1.0/24" }
local group = A.EC2.SecurityGroup(n) { VpcId = vpc, GroupName = "web", GroupDescription = "x" }
A.EC2.SecurityGroupIngress(n) { GroupId = group, IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "10.0.0.0/8" }
local routes = A.EC2.RouteTable "r" { VpcId = vpc }
A.EC2.SubnetRouteTableAssociation(n) { SubnetId = subnet, RouteTableId = routes }
local gate = A.EC2.InternetGateway "g" {}
local attached = A.EC2.VPCGatewayAttachment "g" { VpcId = vpc, InternetGatewayId = gate }
A.EC2.Route(n, { after = { attached } }) { RouteTableId = routes, DestinationCidrBlock = "0.0.0.0/0", GatewayId = gate }
A.S3.Bucket(n) { BucketName = "a-fixed-bucket-1" }
local zone = A.Route53.HostedZone "z" { Name = "example.com" }
A.Route53.RecordSet(n) { HostedZoneId = zone, Name = "a.example.com", Type = "A", TTL = "60", ResourceRecords = { "192.0.2.1" } }
local topic, queue = A.SNS.Topic "t" {}, A.SQS.Queue(n) { QueueName = "q" }
A.SNS.Subscription(n) { TopicArn = topic, Protocol = "sqs", Endpoint = queue.Arn }
]]

describe("a thing that comes again under another address", function()
  it("comes when the old one has gone, whatever of it is unique", function()
    world.run({ files = { ["life.lua"] = BOOK } }, function(p)
      local code, text = p:csorun("apply life.lua -y")
      assert.equal(0, code, text)
      local before = p:counts()
      code, text = p:csorun("apply life.lua -y --set n=b")
      assert.equal(0, code, text)
      assert.match('to keep that one: cso.moved { from = "S3.Bucket.a", to = "S3.Bucket.b" }', text, 1, true)
      assert.equal(before, p:counts())
      code, text = p:csorun("plan life.lua --detailed-exitcode --set n=b")
      assert.equal(0, code, text)
    end)
  end)

  it("is refused before anything is done where its users hold the old one", function()
    world.run({ files = { ["life.lua"] = BOOK } }, function(p)
      local code, text = p:csorun("apply life.lua -y")
      assert.equal(0, code, text)
      p.calls = {}
      code, text = p:csorun("apply life.lua -y --set role=b")
      assert.equal(3, code, text)
      assert.match("IAM.Role.b can't be made: IAM.Role.a has the same RoleName", text, 1, true)
      assert.same({}, p.calls)
    end)
  end)
end)
