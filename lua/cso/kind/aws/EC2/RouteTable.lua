local kind = require "cso.kind.declare"

return kind "AWS::EC2::RouteTable" {
  service = "ec2", tag_type = "route-table",
  create = { "CreateRouteTable", take = "RouteTable", tags = "TagSpecifications" },
  read = { "DescribeRouteTables", filter = "route-table-id", list = "RouteTables[]", key = "RouteTableId" },
  delete = { "DeleteRouteTable", retry = { "DependencyViolation" } },
  seconds = { create = 1, delete = 1 },
}
