--- Internet gateways, and the egress-only ones of IPv6.
local base = require "sim.service.ec2.base"

local gateway = {}

function gateway.CreateInternetGateway(ctx, input)
  local tags = base.tags(ctx, input, "internet-gateway")
  base.quota(ctx, base.all(ctx, "igw").count, "Internet gateways per Region", "InternetGatewayLimitExceeded")
  local id = ctx.ids:ec2("igw")
  return { InternetGateway = base.save(ctx, "igw", id,
    { InternetGatewayId = id, Attachments = {}, OwnerId = ctx.account, Tags = tags }) }
end

function gateway.AttachInternetGateway(ctx, input)
  local row = base.find(ctx, "igw", input.InternetGatewayId)
  local vpc = base.find(ctx, "vpc", input.VpcId)
  if row.Attachments[1] then
    ctx:fail("Resource.AlreadyAssociated", ("resource %s is already attached to network %s")
      :format(row.InternetGatewayId, row.Attachments[1].VpcId))
  end
  for _, other in ipairs(base.all(ctx, "igw"):list()) do
    if other.Attachments[1] and other.Attachments[1].VpcId == vpc.VpcId then
      ctx:fail("InvalidParameterValue", ("Network %s already has an internet gateway attached"):format(vpc.VpcId))
    end
  end
  row.Attachments[1] = { State = "available", VpcId = vpc.VpcId }
  base.save(ctx, "igw", row.InternetGatewayId, row)
  return {}
end

function gateway.DetachInternetGateway(ctx, input)
  local row = base.find(ctx, "igw", input.InternetGatewayId)
  base.find(ctx, "vpc", input.VpcId)
  if not row.Attachments[1] or row.Attachments[1].VpcId ~= input.VpcId then
    ctx:fail("Gateway.NotAttached", ("resource %s is not attached to network %s")
      :format(row.InternetGatewayId, input.VpcId))
  end
  for _, eni in ipairs(base.all(ctx, "eni"):by("VpcId", input.VpcId)) do
    if eni.Association then
      ctx:fail("DependencyViolation", ("Network %s has some mapped public address(es). Please unmap those "
        .. "public address(es) before detaching the gateway."):format(input.VpcId))
    end
  end
  row.Attachments = {}
  base.save(ctx, "igw", row.InternetGatewayId, row)
  return {}
end

function gateway.DeleteInternetGateway(ctx, input)
  local row = base.find(ctx, "igw", input.InternetGatewayId)
  if row.Attachments[1] then base.depends(ctx, "internetGateway", row.InternetGatewayId) end
  base.all(ctx, "igw"):delete(row.InternetGatewayId)
  return {}
end

gateway.DescribeInternetGateways = base.describe { kind = "igw", ids = "InternetGatewayIds",
  out = "InternetGateways", filters = { ["attachment.state"] = "Attachments.State",
    ["attachment.vpc-id"] = "Attachments.VpcId", ["internet-gateway-id"] = "InternetGatewayId",
    ["owner-id"] = "OwnerId" } }

function gateway.CreateEgressOnlyInternetGateway(ctx, input)
  local vpc = base.find(ctx, "vpc", input.VpcId)
  local id = ctx.ids:ec2("eigw")
  return { ClientToken = input.ClientToken, EgressOnlyInternetGateway = base.save(ctx, "eigw", id,
    { EgressOnlyInternetGatewayId = id, Attachments = { { State = "attached", VpcId = vpc.VpcId } },
      Tags = base.tags(ctx, input, "egress-only-internet-gateway") }) }
end

function gateway.DeleteEgressOnlyInternetGateway(ctx, input)
  base.find(ctx, "eigw", input.EgressOnlyInternetGatewayId)
  base.all(ctx, "eigw"):delete(input.EgressOnlyInternetGatewayId)
  return { ReturnCode = true }
end

gateway.DescribeEgressOnlyInternetGateways = base.describe { kind = "eigw", ids = "EgressOnlyInternetGatewayIds",
  out = "EgressOnlyInternetGateways", filters = {} }

return gateway
