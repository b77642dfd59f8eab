local catalogue = require "cso.std.catalogue"
local stubs = require "cso.models.stubs"

local function namespace(name)
  local types = {}
  for _, type_name in ipairs(catalogue.types()) do
    if type_name:match("^AWS::" .. name .. "::") then types[#types + 1] = catalogue.type(type_name) end
  end
  return stubs.namespace(name, types)
end

describe("editor stubs", function()
  it("describe a resource type as playbooks declare it", function()
    local text = namespace("EC2")
    assert.matches("---@class cso.aws.EC2.Subnet.Properties\n", text, 1, true)
    assert.matches("---@field VpcId string|cso.Ref|cso.aws.EC2.VPC  required, a change replaces\n", text, 1, true)
    assert.matches("---@field Tags table<string, string>|nil\n", text, 1, true)
    assert.matches("---@class cso.aws.EC2.Subnet: cso.Resource\n", text, 1, true)
    assert.matches("---@field SubnetId cso.Ref\n", text, 1, true)
  end)

  it("describe a service's operations", function()
    local text = stubs.service(catalogue.service("sqs"))
    assert.matches("---@param params cso.api.sqs.SendMessageRequest|nil\n"
      .. "---@return cso.api.sqs.SendMessageResult\nfunction Api:SendMessage(params) end\n", text, 1, true)
    assert.matches("---@field MessageBody string  required\n", text, 1, true)
  end)

  it("are Lua, for every service and namespace", function()
    for _, name in ipairs { "ec2", "s3", "cognito-idp", "iam" } do
      assert(load(stubs.service(catalogue.service(name)), name))
    end
    for _, name in ipairs { "EC2", "RDS", "WAFv2", "Cognito" } do assert(load(namespace(name), name)) end
  end)
end)
