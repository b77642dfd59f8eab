local kind = require "cso.kind.declare"

return kind "AWS::EC2::Subnet" {
  service = "ec2", tag_type = "subnet",
  create = { "CreateSubnet", take = "Subnet", tags = "TagSpecifications" },
  read = { "DescribeSubnets", filter = "subnet-id", list = "Subnets[]", key = "SubnetId" },
  update = {
    MapPublicIpOnLaunch = { "ModifySubnetAttribute", wrap = "Value" },
    AssignIpv6AddressOnCreation = { "ModifySubnetAttribute", wrap = "Value" },
    EnableDns64 = { "ModifySubnetAttribute", wrap = "Value" },
    EnableLniAtDeviceIndex = { "ModifySubnetAttribute" },
  },
  delete = { "DeleteSubnet", retry = { "DependencyViolation" }, expect = 60 },
  ready = { state = "State", ok = { "available" } },
  defaults = { MapPublicIpOnLaunch = false, AssignIpv6AddressOnCreation = false, EnableDns64 = false },
  seconds = { create = 2, delete = 1 },
}
