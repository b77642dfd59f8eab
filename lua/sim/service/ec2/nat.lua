--- NAT gateways: 90 seconds to come, 45 to go; their interface and address stay taken until then.
local address = require "sim.service.ec2.address"
local base = require "sim.service.ec2.base"
local interface = require "sim.service.ec2.interface"

local nat = {}

local function count_in_zone(ctx, zone)
  local n = 0
  for _, row in ipairs(base.all(ctx, "nat"):by("_zone", zone)) do
    if not row._ended then n = n + 1 end
  end
  return n
end

function nat.CreateNatGateway(ctx, input)
  local kind = input.ConnectivityType or "public"
  if not input.SubnetId then
    ctx:fail("MissingParameter", "The request must contain the parameter SubnetId")
  end
  local subnet = base.find(ctx, "subnet", input.SubnetId)
  local eip
  if kind == "public" then
    if not input.AllocationId then
      ctx:fail("MissingParameter", "The request must contain the parameter AllocationId")
    end
    eip = base.find(ctx, "eip", input.AllocationId)
    if eip.AssociationId then
      ctx:fail("Resource.AlreadyAssociated", ("Elastic IP address [%s] is already associated")
        :format(eip.AllocationId))
    end
  elseif input.AllocationId then
    ctx:fail("InvalidParameter", "AllocationId must not be specified for a private NAT gateway")
  end
  local tags = base.tags(ctx, input, "natgateway")
  base.quota(ctx, count_in_zone(ctx, subnet.AvailabilityZone), "NAT gateways per Availability Zone",
    "NatGatewayLimitExceeded")
  local id = ctx.ids:ec2("nat")
  local row = { NatGatewayId = id, SubnetId = subnet.SubnetId, VpcId = subnet.VpcId, ConnectivityType = kind,
    CreateTime = ctx.now, Tags = tags, NatGatewayAddresses = {}, _zone = subnet.AvailabilityZone }
  if kind == "public" and not address.has_gateway(ctx, subnet.VpcId) then
    -- AWS accepts the call and lets the gateway fail a little later.
    row.FailureCode = "Gateway.NotAttached"
    row.FailureMessage = ("Network %s has no Internet gateway attached"):format(subnet.VpcId)
    row._ended = true
    ctx:phases(row, "pending", 5, "failed")
  else
    local eni = interface.create(ctx, { subnet = subnet.SubnetId, description = "Interface for NAT Gateway " .. id,
      type = "nat_gateway", requester = "amazon-nat", address = input.PrivateIpAddress, no_groups = true })
    interface.attach(ctx, eni, { DeviceIndex = 1, DeleteOnTermination = false, InstanceOwnerId = "amazon-aws" })
    row._interface = eni.NetworkInterfaceId
    local entry = { NetworkInterfaceId = eni.NetworkInterfaceId, PrivateIp = eni.PrivateIpAddress, IsPrimary = true,
      Status = "succeeded" }
    if eip then
      eip._owner = id
      address.bind(ctx, eip, eni)
      entry.AllocationId, entry.PublicIp, entry.AssociationId = eip.AllocationId, eip.PublicIp, eip.AssociationId
    end
    row.NatGatewayAddresses[1] = entry
    ctx:phases(row, "pending", 90, "available")
  end
  base.save(ctx, "nat", id, row)
  row.State = "pending"
  return { ClientToken = input.ClientToken, NatGateway = row }
end

--- Gives back what a deleted gateway held.
local function finish(ctx, id)
  local row = base.all(ctx, "nat"):get(id)
  if not row or not row._interface then return end
  for _, a in ipairs(row.NatGatewayAddresses) do
    local eip = a.AllocationId and base.all(ctx, "eip"):get(a.AllocationId)
    if eip then
      eip._owner = nil
      base.save(ctx, "eip", eip.AllocationId, eip)
    end
  end
  interface.release(ctx, row._interface)
  row._interface = nil
  base.save(ctx, "nat", id, row)
end

--- Forgets a gateway that has been gone for an hour.
local function forget(ctx, id) base.all(ctx, "nat"):delete(id) end

function nat.DeleteNatGateway(ctx, input)
  local row = base.find(ctx, "nat", input.NatGatewayId)
  base.fresh(ctx, row)
  if row.State ~= "deleting" and row.State ~= "deleted" then
    ctx:phases(row, "deleting", 45, "deleted")
    row.DeleteTime, row._ended = ctx.now, true
    base.save(ctx, "nat", row.NatGatewayId, row)
    ctx:later(45, "sim.service.ec2.nat", "finish", row.NatGatewayId)
    ctx:at(ctx:after(45) + 3600, "sim.service.ec2.nat", "forget", row.NatGatewayId)
  end
  return { NatGatewayId = row.NatGatewayId }
end

nat.DescribeNatGateways = base.describe { kind = "nat", ids = "NatGatewayIds", out = "NatGateways",
  filter_member = "Filter", filters = { ["nat-gateway-id"] = "NatGatewayId", state = "State",
    ["subnet-id"] = "SubnetId", ["vpc-id"] = "VpcId" } }

return setmetatable(nat, { __index = { finish = finish, forget = forget } })
