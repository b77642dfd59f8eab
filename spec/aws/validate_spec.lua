local catalogue = require "cso.std.catalogue"
local validate = require "cso.aws.validate"

local function message(service, op, params)
  local S = assert(catalogue.service(service))
  local e = validate.check(S, S:operation(op), params)
  return e and e.message
end

describe("validation of params", function()
  it("accepts what fits", function()
    assert.is_nil(message("ec2", "DescribeVpcs", { VpcIds = { "vpc-1" }, DryRun = false }))
    assert.is_nil(message("dynamodb", "PutItem",
      { TableName = "t", Item = { id = { S = "1" }, n = { N = "5" } } }))
  end)

  it("names wrong types with their paths, all at once", function()
    local text = message("ec2", "RunInstances", {
      MinCount = 1, MaxCount = 1.5,
      BlockDeviceMappings = { { Ebs = { VolumeSize = "8" } } }, SecurityGroupIds = "sg-1",
    })
    assert.matches("RunInstances.BlockDeviceMappings%[1%].Ebs.VolumeSize: expected integer, got string", text)
    assert.matches("RunInstances.MaxCount: expected integer, got number", text)
    assert.matches("RunInstances.SecurityGroupIds: expected list, got string", text)
  end)

  it("names missing and unknown members", function()
    local text = message("ec2", "CreateVpc", { CidrBlok = "10.0.0.0/16" })
    assert.equal("CreateVpc.CidrBlok: unknown member, did you mean CidrBlock?", text)
    assert.equal("CreateSubnet.VpcId: required member is missing", message("ec2", "CreateSubnet", {}))
  end)

  it("checks lower limits and unions, but no enumerations", function()
    assert.matches("at least 1 characters", message("s3", "GetObject", { Bucket = "b", Key = "" }))
    assert.matches("content%[1%]: must have exactly one of", message("bedrock-runtime", "Converse",
      { modelId = "m", messages = { { role = "user", content = { { text = "1", image = {} } } } } }))
    assert.is_nil(message("ec2", "RunInstances",
      { MinCount = 1, MaxCount = 1, InstanceType = "z99.huge" }))
  end)
end)
