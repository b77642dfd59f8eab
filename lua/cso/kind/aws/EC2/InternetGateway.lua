local kind = require "cso.kind.declare"

return kind "AWS::EC2::InternetGateway" {
  service = "ec2", tag_type = "internet-gateway",
  create = { "CreateInternetGateway", take = "InternetGateway", tags = "TagSpecifications" },
  read = { "DescribeInternetGateways", filter = "internet-gateway-id", list = "InternetGateways[]",
    key = "InternetGatewayId" },
  delete = { "DeleteInternetGateway", retry = { "DependencyViolation" } },
  seconds = { create = 1, delete = 1 },
}
