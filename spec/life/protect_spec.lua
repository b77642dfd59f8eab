-- A protected thing is protected by its service as well; lifting takes a step of its own.
local life = require "spec.life.harness"

local PLAYBOOK = [[
local cso = require "cso"
local EC2 = cso.aws.EC2
cso.stack { name = "guard" }
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnets = {}
for i, zone in ipairs { "eu-west-2a", "eu-west-2b" } do
  subnets[i] = EC2.Subnet("s" .. i) { VpcId = vpc, CidrBlock = "10.0." .. i .. ".0/24", AvailabilityZone = zone }
end
cso.aws.ElasticLoadBalancingV2.LoadBalancer("lb", { protect = PROTECT }) { Scheme = "internal", Subnets = subnets,
  LoadBalancerAttributes = { { Key = "idle_timeout.timeout_seconds", Value = "90" } } }
EC2.Instance("box", { protect = PROTECT }) { ImageId = "ami-0fa0654256b2c2999", InstanceType = "t3.micro",
  SubnetId = subnets[1] }
cso.aws.RDS.DBInstance("db", { protect = PROTECT }) { DBInstanceClass = "db.t3.micro", Engine = "mysql",
  AllocatedStorage = "20", MasterUsername = "root", MasterUserPassword = "secret-word-1",
  DBSubnetGroupName = cso.aws.RDS.DBSubnetGroup "g" { DBSubnetGroupDescription = "g", SubnetIds = subnets } }
cso.aws.Cognito.UserPool("pool", { protect = PROTECT }) { UserPoolName = "pool" }
cso.aws.DynamoDB.Table("rows", { protect = PROTECT }) { TableName = "rows", BillingMode = "PAY_PER_REQUEST",
  AttributeDefinitions = { { AttributeName = "k", AttributeType = "S" } },
  KeySchema = { { AttributeName = "k", KeyType = "HASH" } } }
]]

local ADDRESSES = { "Cognito.UserPool.pool", "DynamoDB.Table.rows", "EC2.Instance.box",
  "ElasticLoadBalancingV2.LoadBalancer.lb", "RDS.DBInstance.db" }

-- How others would delete: service, operation, member for the id.
local others = {
  { "cognito-idp", "DeleteUserPool", "UserPoolId", "Cognito.UserPool.pool" },
  { "elbv2", "DeleteLoadBalancer", "LoadBalancerArn", "ElasticLoadBalancingV2.LoadBalancer.lb" },
  { "rds", "DeleteDBInstance", "DBInstanceIdentifier", "RDS.DBInstance.db", { SkipFinalSnapshot = true } },
}

describe("protection", function()
  it("is the service's own too, stays when the line goes, and is lifted before the deletion", function()
    life.within({ sim = {} }, function(world)
      local on, off = PLAYBOOK:gsub("PROTECT", "true"), PLAYBOOK:gsub("PROTECT", "false")
      local program = world:load(on)
      world:apply(program, world:plan(program))
      world:settled(program, "after the creation")
      for _, o in ipairs(others) do
        local params = { [o[3]] = world.store:get(o[4]).id }
        for k, v in pairs(o[5] or {}) do params[k] = v end
        local out, e = assert(world.session:client(o[1])):call(o[2], params)
        assert.is_nil(out, o[2] .. " was not refused")
        assert.is_truthy(e)
      end
      -- Neither a destruction nor the loss of the line takes it.
      local function refused(loaded, opts)
        local made, e = require("cso.plan").make { program = loaded, state = world.store, session = world.session,
          stack = "guard", destroy = opts and opts.destroy, sleep = function() end, now = os.time }
        assert.is_nil(made)
        assert.equal("protected", e.code)
        assert.same(ADDRESSES, e.addresses)
      end
      refused(program, { destroy = true })
      refused(world:load((on:gsub("cso.aws.ElasticLoadBalancingV2.*", ""))))
      program = world:load(off)
      local made = world:plan(program)
      local doings = life.doings(made)
      assert.same({ update = ADDRESSES }, doings)
      world:apply(program, made)
      world:settled(program, "after the protection was lifted")
      world:destroy(program)
    end)
  end)
end)
