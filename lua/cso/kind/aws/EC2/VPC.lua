local kind = require "cso.kind.declare"

local function attribute(r, name, field)
  return r:call("DescribeVpcAttribute", { VpcId = r.id, Attribute = name })[field].Value
end

local function default_of(r, operation, filter, list, id)
  local out = r:call(operation, { Filters = {
    { Name = "vpc-id", Values = { r.id } }, { Name = filter[1], Values = { filter[2] } } } })
  return out[list] and out[list][1] and out[list][1][id]
end

return kind "AWS::EC2::VPC" {
  service = "ec2", tag_type = "vpc",
  create = { "CreateVpc", take = "Vpc", tags = "TagSpecifications" },
  read = {
    "DescribeVpcs", filter = "vpc-id", list = "Vpcs[]", key = "VpcId",
    rename = { CidrBlockAssociationSet = "CidrBlockAssociations" },
    shape = function(model, raw, r)
      local ids = {}
      for i, a in ipairs(raw.CidrBlockAssociationSet or {}) do ids[i] = a.AssociationId end
      model.CidrBlockAssociations = ids
      -- The description leaves the DNS switches and the defaults out; each takes a call of its own.
      model.EnableDnsSupport = attribute(r, "enableDnsSupport", "EnableDnsSupport")
      model.EnableDnsHostnames = attribute(r, "enableDnsHostnames", "EnableDnsHostnames")
      model.DefaultSecurityGroup = default_of(r, "DescribeSecurityGroups", { "group-name", "default" },
        "SecurityGroups", "GroupId")
      model.DefaultNetworkAcl = default_of(r, "DescribeNetworkAcls", { "default", "true" }, "NetworkAcls", "NetworkAclId")
      return model
    end,
  },
  update = {
    EnableDnsSupport = { "ModifyVpcAttribute", wrap = "Value" },
    EnableDnsHostnames = { "ModifyVpcAttribute", wrap = "Value" },
    InstanceTenancy = { "ModifyVpcTenancy" },
  },
  -- A VPC can be given up being dedicated, but never become it.
  replace_when = { InstanceTenancy = function(want, have)
    return want ~= "default" and have ~= want and "can only be changed to default in place" or nil
  end },
  delete = { "DeleteVpc", retry = { "DependencyViolation" }, users = "vpc" },
  ready = { state = "State", ok = { "available" } },
  defaults = { EnableDnsSupport = true, EnableDnsHostnames = false, InstanceTenancy = "default" },
  seconds = { create = 2, delete = 1 },
}
