local compare = require "cso.kind.compare"
local kinds = require "cso.kind"
local shape = require "cso.kind.shape"
local value = require "cso.std.value"

local role = kinds.native("AWS::IAM::Role")
local group = kinds.native("AWS::EC2::SecurityGroup")
local balancer = kinds.native("AWS::ElasticLoadBalancingV2::LoadBalancer")
local database = kinds.native("AWS::RDS::DBInstance")

describe("compare", function()
  it("reads policies as AWS does", function()
    local declared = { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "sts:AssumeRole",
      Principal = { AWS = "123456789012" } } } }
    local text = [[{"Statement":{"Principal":{"AWS":["arn:aws:iam::123456789012:root"]},
      "Action":["sts:AssumeRole"],"Effect":"Allow"},"Version":"2012-10-17"}]]
    assert.is_true(compare.json(declared, text))
    assert.is_true(compare.property(role, "AssumeRolePolicyDocument", declared, text))
    assert.is_false(compare.json(declared, text:gsub("Allow", "Deny")))
    assert.is_true(compare.json({ Action = { "b", "a" } }, { Action = { "a", "b" } }))
    assert.is_false(compare.json({ Statement = { { Sid = "1" }, { Sid = "2" } } }, { Statement = { { Sid = "2" },
      { Sid = "1" } } }))
  end)

  it("gives sets no order and lists one", function()
    assert.is_true(compare.property(balancer, "Subnets", { "a", "b" }, { "b", "a" }))
    assert.is_false(compare.property(balancer, "Subnets", { "a", "b" }, { "b", "c" }))
    assert.is_false(compare.property(balancer, "Subnets", { "a", "a" }, { "a", "b" }))
  end)

  it("knows a rule in any spelling", function()
    local want = { { IpProtocol = "6", FromPort = "80", ToPort = 80, CidrIp = "0.0.0.0/0" } }
    local have = { { IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "0.0.0.0/0" } }
    assert.is_true(compare.property(group, "SecurityGroupIngress", want, have))
    have[1].Description = "somebody wrote this"
    assert.is_false(compare.property(group, "SecurityGroupIngress", want, have))
    assert.is_true(compare.property(group, "SecurityGroupEgress",
      { { IpProtocol = -1, CidrIp = "0.0.0.0/0" } }, { { IpProtocol = "-1", CidrIp = "0.0.0.0/0" } }))
  end)

  it("takes numbers and texts of numbers for the same", function()
    assert.is_true(compare.property(database, "AllocatedStorage", "50", 50, { desired = {} }))
    assert.is_true(compare.property(database, "MultiAZ", true, "true"))
    assert.is_true(compare.property(database, "EngineVersion", "8.0", "8.0.42"))
    assert.is_false(compare.property(database, "EngineVersion", "8.0", "8.04"))
    assert.is_true(compare.property(database, "AllocatedStorage", "50", "70", { desired = { MaxAllocatedStorage = 100 } }))
    assert.is_false(compare.property(database, "AllocatedStorage", "50", "70", { desired = {} }))
  end)

  it("compares tags as a whole", function()
    assert.is_true(compare.property(group, "Tags", {}, nil))
    assert.is_false(compare.property(group, "Tags", {}, { a = "1" }))
    assert.is_false(compare.property(group, "Tags", { a = "1" }, { a = "1", b = "2" }))
  end)

  it("finds unknown values different", function()
    assert.is_false(compare.property(group, "VpcId", value.unknown {}, "vpc-1"))
    assert.is_false(compare.property(balancer, "Subnets", { value.unknown {} }, { "a" }))
  end)
end)

describe("shape", function()
  local catalogue = require "cso.std.catalogue"

  it("matches names whatever their case and converts scalars", function()
    local S = catalogue.service("rds")
    assert.same(50, shape.to_api(S, "IntegerOptional", "50"))
    local elb = catalogue.service("elbv2")
    local action = shape.to_api(elb, "Action", { type = "forward", targetgrouparn = "arn", Order = "1", Unknown = 1 })
    assert.same({ Type = "forward", TargetGroupArn = "arn", Order = 1 }, action)
  end)

  it("decodes documents that came as text, percent-encoded or not", function()
    local T = { kind = "json" }
    assert.same({ a = { 1 } }, shape.from_api(T, {}, '{"a":[1]}'))
    assert.same({ a = 1 }, shape.from_api(T, {}, "%7B%22a%22%3A1%7D"))
    assert.equal("plain", shape.from_api(T, {}, "plain"))
  end)

  it("picks by path", function()
    local t = { A = { { B = { { C = 1 }, { C = 2 } } }, { B = { { C = 3 } } } } }
    assert.equal(2, shape.pick(t, "A[0].B[1].C"))
    assert.is_nil(shape.pick(t, "A[5].B"))
    assert.same({ { C = 1 }, { C = 2 }, { C = 3 } }, shape.each(t, "A[].B[]"))
  end)
end)
