local kind = require "cso.kind.declare"

return kind "AWS::EC2::NatGateway" {
  service = "ec2", tag_type = "natgateway",
  create = { "CreateNatGateway", take = "NatGateway", tags = "TagSpecifications",
    skip = { "MaxDrainDurationSeconds" } },
  read = {
    "DescribeNatGateways", filters = "Filter", filter = "nat-gateway-id", list = "NatGateways[]", key = "NatGatewayId",
    gone_when = { State = { "deleted" } }, failed_when = { State = { "failed" } }, failed_why = "FailureMessage",
    rename = { ["NatGatewayAddresses[0].AllocationId"] = "AllocationId",
      ["NatGatewayAddresses[0].NetworkInterfaceId"] = "EniId",
      ["NatGatewayAddresses[0].PrivateIp"] = "PrivateIpAddress" },
  },
  write_only = { "MaxDrainDurationSeconds" },
  update = { MaxDrainDurationSeconds = function() end }, -- only says how secondary addresses leave
  delete = { "DeleteNatGateway" },
  gone = true,
  ready = { state = "State", ok = { "available" }, bad = { "failed" }, reason = "FailureMessage" },
  -- A route to a gateway that is still pending loses its packets.
  use = "ready",
  seconds = { create = 90, delete = 60 },
}
