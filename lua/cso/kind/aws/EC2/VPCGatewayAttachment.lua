local kind = require "cso.kind.declare"

--- The id is "<gateway>|<vpc>": the pair is all there is.
local function pair(r)
  return r.id:match("^(.-)|(.+)$")
end

local function attached(r, gateway, vpc)
  local out = r:call("DescribeInternetGateways", { Filters = {
    { Name = "internet-gateway-id", Values = { gateway } }, { Name = "attachment.vpc-id", Values = { vpc } } } })
  return #out.InternetGateways > 0
end

return kind "AWS::EC2::VPCGatewayAttachment" {
  service = "ec2", id = "Id", handles = { "InternetGatewayId", "VpcId" },
  create = function(r)
    local gateway, vpc = r.desired.InternetGatewayId, r.desired.VpcId
    local _, e = r:try("AttachInternetGateway", { InternetGatewayId = gateway, VpcId = vpc })
    -- Repeating the pair is an error of AWS, though what was wanted is there.
    if e and not (e.code == "Resource.AlreadyAssociated" and attached(r, gateway, vpc)) then error(e, 0) end
    r.id = gateway .. "|" .. vpc
    r.attributes = { AttachmentType = "IGW", InternetGatewayId = gateway, VpcId = vpc }
  end,
  read = function(r)
    local gateway, vpc = pair(r)
    if not attached(r, gateway, vpc) then return nil end
    return { AttachmentType = "IGW", InternetGatewayId = gateway, VpcId = vpc }
  end,
  replace = { "InternetGatewayId" },
  delete = function(r)
    local gateway, vpc = pair(r)
    r:poll("waiting for public addresses to be released", function()
      local out, e = r:try("DetachInternetGateway", { InternetGatewayId = gateway, VpcId = vpc })
      if out or e.code == "Gateway.NotAttached" or e.code:match("NotFound") then return true end
      if e.code == "DependencyViolation" then return false end
      error(e, 0)
    end, 30)
  end,
  natural = function(r) return r.desired.InternetGatewayId .. "|" .. r.desired.VpcId end,
  seconds = { create = 1, delete = 5 },
}
