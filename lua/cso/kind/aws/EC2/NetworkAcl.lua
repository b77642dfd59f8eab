local kind = require "cso.kind.declare"

return kind "AWS::EC2::NetworkAcl" {
  service = "ec2", id = "NetworkAclId", tag_type = "network-acl",
  create = { "CreateNetworkAcl", take = "NetworkAcl", tags = "TagSpecifications" },
  read = {
    "DescribeNetworkAcls", filter = "network-acl-id", list = "NetworkAcls[]", key = "NetworkAclId",
    shape = function(model, raw)
      model.Id = raw.NetworkAclId
      return model
    end,
  },
  delete = { "DeleteNetworkAcl", retry = { "DependencyViolation" } },
  seconds = { create = 1, delete = 1 },
}
