local kind = require "cso.kind.declare"

local types = { eni = "NetworkInterface", subnet = "Subnet", tgw = "TransitGateway", vpc = "VPC",
  ["tgw-attach"] = "TransitGatewayAttachment" }

return kind "AWS::EC2::FlowLog" {
  service = "ec2", id = "FlowLogId", tag_type = "vpc-flow-log",
  create = {
    "CreateFlowLogs", id = "FlowLogIds[0]", tags = "TagSpecifications", bare = true, skip = { "ResourceId" },
    handles = { "ResourceId" }, retry = { "InvalidParameter", "Access.*LogDestination" },
    with = function(params, r)
      params.ResourceIds = { r.desired.ResourceId }
    end,
  },
  read = {
    "DescribeFlowLogs", filters = "Filter", filter = "flow-log-id", list = "FlowLogs[]", key = "FlowLogId",
    shape = function(model, raw, r)
      model.Id = raw.FlowLogId
      -- The description shows the id alone of what it watches.
      model.ResourceType = types[(raw.ResourceId or ""):match("^(.+)%-") or ""] or r.desired.ResourceType
      return model
    end,
  },
  delete = { "DeleteFlowLogs", by = "FlowLogIds" },
  seconds = { create = 2, delete = 1 },
}
