--- Elastic IP addresses.
local base = require "sim.service.ec2.base"
local interface = require "sim.service.ec2.interface"

local address = {}

--- True when a VPC has an internet gateway.
local function has_gateway(ctx, vpc_id)
  for _, igw in ipairs(base.all(ctx, "igw"):list()) do
    if igw.Attachments[1] and igw.Attachments[1].VpcId == vpc_id then return true end
  end
  return false
end

function address.AllocateAddress(ctx, input)
  local tags = base.tags(ctx, input, "elastic-ip")
  base.quota(ctx, base.all(ctx, "eip").count, "EC2-VPC Elastic IPs", "AddressLimitExceeded")
  local id = ctx.ids:ec2("eipalloc")
  local row = { AllocationId = id, PublicIp = interface.public_address(ctx), Domain = input.Domain or "vpc",
    PublicIpv4Pool = "amazon", NetworkBorderGroup = input.NetworkBorderGroup or ctx.region, Tags = tags }
  return base.save(ctx, "eip", id, row)
end

local function by_public(ctx, public_ip)
  local row = base.all(ctx, "eip"):one("PublicIp", public_ip)
  if not row then
    ctx:fail("InvalidAddress.NotFound", ("Address %s not found."):format(public_ip))
  end
  return row
end

local function wanted(ctx, input)
  if input.AllocationId then return base.find(ctx, "eip", input.AllocationId) end
  if input.PublicIp then return by_public(ctx, input.PublicIp) end
  ctx:fail("MissingParameter", "Either AllocationId or PublicIp must be specified")
end

--- Ties an address to an interface. Shared with NAT gateways and Network Load Balancers.
---@param ctx sim.Context
---@param row table Address
---@param eni table
local function bind(ctx, row, eni)
  row.AssociationId = "eipassoc-0" .. ctx.ids:hex(16)
  row.NetworkInterfaceId, row.NetworkInterfaceOwnerId = eni.NetworkInterfaceId, ctx.account
  row.PrivateIpAddress = eni.PrivateIpAddress
  row.InstanceId = eni.Attachment and eni.Attachment.InstanceId
  base.save(ctx, "eip", row.AllocationId, row)
  interface.associate(ctx, eni, { AllocationId = row.AllocationId, AssociationId = row.AssociationId,
    IpOwnerId = ctx.account, PublicIp = row.PublicIp, PublicDnsName = interface.public_name(ctx, row.PublicIp) })
end

local function unbind(ctx, row)
  local eni = base.all(ctx, "eni"):get(row.NetworkInterfaceId)
  if eni then interface.associate(ctx, eni, nil) end
  row.AssociationId, row.NetworkInterfaceId, row.NetworkInterfaceOwnerId = nil, nil, nil
  row.PrivateIpAddress, row.InstanceId = nil, nil
  base.save(ctx, "eip", row.AllocationId, row)
end

function address.AssociateAddress(ctx, input)
  local row = wanted(ctx, input)
  local eni
  if input.NetworkInterfaceId then
    eni = base.find(ctx, "eni", input.NetworkInterfaceId)
  elseif input.InstanceId then
    local instance = base.find(ctx, "i", input.InstanceId)
    base.fresh(ctx, instance)
    if instance.State.Name == "terminated" or instance.State.Name == "shutting-down" then
      ctx:fail("InvalidInstanceID", ("The instance '%s' is not in a valid state for this operation.")
        :format(input.InstanceId))
    end
    eni = base.find(ctx, "eni", instance._interfaces[1])
  else
    ctx:fail("MissingParameter", "Either InstanceId or NetworkInterfaceId must be specified")
  end
  if row.AssociationId and row.NetworkInterfaceId == eni.NetworkInterfaceId then
    return { AssociationId = row.AssociationId }
  end
  if row.AssociationId and not input.AllowReassociation then
    ctx:fail("Resource.AlreadyAssociated", ("resource %s is already associated with associate-id %s")
      :format(row.AllocationId, row.AssociationId))
  end
  if not has_gateway(ctx, eni.VpcId) then
    ctx:fail("Gateway.NotAttached", ("Network %s is not attached to any internet gateway"):format(eni.VpcId))
  end
  if row.AssociationId then unbind(ctx, row) end
  local held = eni.Association and eni.Association.AllocationId
  if held then unbind(ctx, base.find(ctx, "eip", held)) end
  bind(ctx, row, eni)
  return { AssociationId = row.AssociationId }
end

function address.DisassociateAddress(ctx, input)
  local row
  if input.AssociationId then
    row = base.all(ctx, "eip"):one("AssociationId", input.AssociationId)
    if not row then
      ctx:fail("InvalidAssociationID.NotFound",
        ("The association ID '%s' does not exist"):format(input.AssociationId))
    end
  else
    row = wanted(ctx, input)
    if not row.AssociationId then return {} end
  end
  if row._owner then
    ctx:fail("AuthFailure", "You do not have permission to access the specified resource.")
  end
  unbind(ctx, row)
  return {}
end

function address.ReleaseAddress(ctx, input)
  local row = wanted(ctx, input)
  if row.AssociationId then
    ctx:fail("InvalidIPAddress.InUse", ("Address %s is in use."):format(row.PublicIp))
  end
  base.all(ctx, "eip"):delete(row.AllocationId)
  return {}
end

local describe = base.describe { kind = "eip", ids = "AllocationIds", out = "Addresses", filters = {
  ["allocation-id"] = "AllocationId", ["association-id"] = "AssociationId", domain = "Domain",
  ["instance-id"] = "InstanceId", ["network-border-group"] = "NetworkBorderGroup",
  ["network-interface-id"] = "NetworkInterfaceId", ["network-interface-owner-id"] = "NetworkInterfaceOwnerId",
  ["private-ip-address"] = "PrivateIpAddress", ["public-ip"] = "PublicIp" } }

function address.DescribeAddresses(ctx, input)
  if input.PublicIps and input.PublicIps[1] then
    local ids = {}
    for i, ip in ipairs(input.PublicIps) do ids[i] = by_public(ctx, ip).AllocationId end
    input.AllocationIds = ids
  end
  return describe(ctx, input)
end

function address.DescribeAddressesAttribute(ctx, input)
  local list = {}
  for _, row in ipairs(base.all(ctx, "eip"):list()) do
    if not input.AllocationIds or not input.AllocationIds[1] or base.has(input.AllocationIds, row.AllocationId) then
      list[#list + 1] = { AllocationId = row.AllocationId, PublicIp = row.PublicIp }
    end
  end
  return { Addresses = list }
end

return setmetatable(address, { __index = { bind = bind, unbind = unbind, has_gateway = has_gateway } })
