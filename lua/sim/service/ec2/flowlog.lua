--- Flow logs.
local base = require "sim.service.ec2.base"

local flowlog = {}

local kinds = { VPC = "vpc", Subnet = "subnet", NetworkInterface = "eni" }

local DEFAULT_FORMAT = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} "
  .. "${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"

function flowlog.CreateFlowLogs(ctx, input)
  local kind = kinds[input.ResourceType]
  local where = input.LogDestinationType or "cloud-watch-logs"
  if where == "cloud-watch-logs" and not input.DeliverLogsPermissionArn then
    ctx:fail("InvalidParameter", "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.")
  end
  if where == "cloud-watch-logs" and not input.LogGroupName and not input.LogDestination then
    ctx:fail("InvalidParameter", "LogDestination can't be empty if LogGroupName is not provided.")
  end
  if where ~= "cloud-watch-logs" and not input.LogDestination then
    ctx:fail("InvalidParameter", "LogDestination can't be empty.")
  end
  if input.ResourceType ~= "TransitGateway" and input.ResourceType ~= "TransitGatewayAttachment"
    and not input.TrafficType then
    ctx:fail("MissingParameter", "The request must contain the parameter TrafficType")
  end
  local tags = base.tags(ctx, input, "vpc-flow-log")
  local ids, failed = {}, {}
  for _, resource in ipairs(input.ResourceIds) do
    if kind then base.find(ctx, kind, resource) end
    local group = input.LogGroupName or where == "cloud-watch-logs" and input.LogDestination:match("log%-group:([^:]+)")
    local twin
    for _, other in ipairs(base.all(ctx, "fl"):by("ResourceId", resource)) do
      if other.LogDestinationType == where and other.LogGroupName == (group or nil)
        and other.LogDestination == input.LogDestination then twin = other end
    end
    if twin then
      failed[#failed + 1] = { ResourceId = resource, Error = { Code = "FlowLogAlreadyExists",
        Message = "Error. There is an existing Flow Log with the same configuration and log destination." } }
    else
      local id = ctx.ids:ec2("fl")
      base.save(ctx, "fl", id, { FlowLogId = id, FlowLogStatus = "ACTIVE", DeliverLogsStatus = "SUCCESS",
        ResourceId = resource, TrafficType = input.TrafficType, LogDestinationType = where, LogGroupName = group or nil,
        LogDestination = input.LogDestination, LogFormat = input.LogFormat or DEFAULT_FORMAT, CreationTime = ctx.now,
        DeliverLogsPermissionArn = input.DeliverLogsPermissionArn, Tags = tags,
        MaxAggregationInterval = input.MaxAggregationInterval or 600, DestinationOptions = input.DestinationOptions })
      ids[#ids + 1] = id
    end
  end
  return { FlowLogIds = ids, Unsuccessful = failed, ClientToken = input.ClientToken }
end

function flowlog.DeleteFlowLogs(ctx, input)
  for _, id in ipairs(input.FlowLogIds) do base.find(ctx, "fl", id) end
  for _, id in ipairs(input.FlowLogIds) do base.all(ctx, "fl"):delete(id) end
  return { Unsuccessful = {} }
end

flowlog.DescribeFlowLogs = base.describe { kind = "fl", ids = "FlowLogIds", out = "FlowLogs", filter_member = "Filter",
  filters = { ["deliver-log-status"] = "DeliverLogsStatus", ["log-destination-type"] = "LogDestinationType",
    ["flow-log-id"] = "FlowLogId", ["log-group-name"] = "LogGroupName", ["resource-id"] = "ResourceId",
    ["traffic-type"] = "TrafficType" } }

return flowlog
