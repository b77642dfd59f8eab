--- Network interfaces: addresses of a subnet in use. Everything that sits in a subnet (instances,
--- NAT gateways, load balancers, mount targets, databases, endpoints) gets its interfaces here, so
--- that subnets and security groups know what depends on them.
local base = require "sim.service.ec2.base"
local ipv4 = require "sim.help.ipv4"

local interface = {}

-- AWS keeps the first four addresses of a subnet and its last one for itself.
local RESERVED_HEAD, RESERVED_TAIL = 4, 1

--- How many addresses of a subnet are free.
---@param subnet table
---@return integer
function interface.free(subnet)
  return ipv4.cidr(subnet.CidrBlock).size - RESERVED_HEAD - RESERVED_TAIL - (subnet._taken_count or 0)
end

-- Takes an address of a subnet: the wanted one, or the next free one.
local function take(ctx, subnet, wanted)
  local cidr = ipv4.cidr(subnet.CidrBlock)
  subnet._taken = subnet._taken or {}
  local offset
  if wanted then
    local n = ipv4.address(wanted)
    offset = n and n - cidr.base
    if not offset or offset < RESERVED_HEAD or offset >= cidr.size - RESERVED_TAIL then
      ctx:fail("InvalidParameterValue", ("Address %s does not fall within the subnet's address range %s")
        :format(wanted, subnet.CidrBlock))
    end
    if subnet._taken[wanted] then
      ctx:fail("InvalidIPAddress.InUse", ("Address %s is in use."):format(wanted))
    end
  else
    if interface.free(subnet) <= 0 then
      ctx:fail("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '"
        .. subnet.SubnetId .. "' to satisfy the requested number of instances.")
    end
    offset = subnet._next or RESERVED_HEAD
    while subnet._taken[ipv4.text(cidr.base + offset)] do
      offset = offset + 1
      if offset >= cidr.size - RESERVED_TAIL then offset = RESERVED_HEAD end
    end
    subnet._next = offset + 1 < cidr.size - RESERVED_TAIL and offset + 1 or RESERVED_HEAD
  end
  local address = ipv4.text(cidr.base + offset)
  subnet._taken[address] = true
  subnet._taken_count = (subnet._taken_count or 0) + 1
  subnet.AvailableIpAddressCount = interface.free(subnet)
  return address
end

local function give_back(subnet, address)
  if subnet._taken and subnet._taken[address] then
    subnet._taken[address] = nil
    subnet._taken_count = subnet._taken_count - 1
    subnet.AvailableIpAddressCount = interface.free(subnet)
  end
end

--- Security groups of a VPC by id, as { GroupId, GroupName }; without ids the VPC's default group.
---@param ctx sim.Context an EC2 context
---@param vpc_id string
---@param ids string[]|nil
---@return table[]
function interface.groups(ctx, vpc_id, ids)
  local list = {}
  local most = ctx.world.quotas["Security groups per network interface"]
  if ids and #ids > most then
    ctx:fail("SecurityGroupsPerInterfaceLimitExceeded",
      ("The maximum number of security groups per interface has been reached (%d)."):format(most))
  end
  if not ids or not ids[1] then
    local g = base.all(ctx, "sg"):one("_name", vpc_id .. "/default")
    return g and { { GroupId = g.GroupId, GroupName = g.GroupName } } or list
  end
  for i, id in ipairs(ids) do
    local g = base.find(ctx, "sg", id)
    if g.VpcId ~= vpc_id then
      ctx:fail("InvalidGroup.NotFound",
        ("The security group '%s' does not exist in VPC '%s'"):format(id, vpc_id))
    end
    list[i] = { GroupId = g.GroupId, GroupName = g.GroupName }
  end
  return list
end

local function private_name(ctx, address)
  local host = "ip-" .. address:gsub("%.", "-")
  return host .. (ctx.region == "us-east-1" and ".ec2.internal" or "." .. ctx.region .. ".compute.internal")
end

--- The public DNS name of an address.
function interface.public_name(ctx, address)
  local zone = ctx.region == "us-east-1" and "compute-1" or ctx.region .. ".compute"
  return "ec2-" .. address:gsub("%.", "-") .. "." .. zone .. ".amazonaws.com"
end

---@class sim.ec2.InterfaceSpec
---@field subnet string
---@field groups string[]?    security groups; none given: the VPC's default group
---@field no_groups boolean?  NAT gateways have none at all
---@field description string?
---@field address string?     wanted private address
---@field extra integer?      how many secondary addresses
---@field type string?        InterfaceType
---@field requester string?   set for interfaces that a service owns
---@field tags table[]?
---@field public boolean?     with a public address

--- Makes a network interface. `ctx` is an EC2 context (`ctx:of("ec2")` from other services).
---@param ctx sim.Context
---@param spec sim.ec2.InterfaceSpec
---@return table row NetworkInterface
function interface.create(ctx, spec)
  local subnet = base.find(ctx, "subnet", spec.subnet, "subnetId")
  local groups = interface.groups(ctx, subnet.VpcId, spec.groups)
  if spec.no_groups then groups = {} end
  local address = take(ctx, subnet, spec.address)
  local id = ctx.ids:ec2("eni")
  local mac = ctx.ids:hex(10)
  local row = { NetworkInterfaceId = id, SubnetId = subnet.SubnetId, VpcId = subnet.VpcId,
    AvailabilityZone = subnet.AvailabilityZone, AvailabilityZoneId = subnet.AvailabilityZoneId,
    Description = spec.description or "", Groups = groups, InterfaceType = spec.type or "interface",
    MacAddress = "02:" .. mac:gsub("(%x%x)(%x%x)(%x%x)(%x%x)(%x%x)", "%1:%2:%3:%4:%5"),
    OwnerId = ctx.account, PrivateIpAddress = address, PrivateDnsName = private_name(ctx, address),
    PrivateIpAddresses = { { Primary = true, PrivateIpAddress = address, PrivateDnsName = private_name(ctx, address) } },
    Ipv6Addresses = {}, RequesterManaged = spec.requester ~= nil, RequesterId = spec.requester,
    SourceDestCheck = true, Status = "available", TagSet = spec.tags or {} }
  for _ = 1, spec.extra or 0 do
    local more = take(ctx, subnet)
    table.insert(row.PrivateIpAddresses, { Primary = false, PrivateIpAddress = more,
      PrivateDnsName = private_name(ctx, more) })
  end
  base.save(ctx, "subnet", subnet.SubnetId, subnet)
  base.save(ctx, "eni", id, row)
  if spec.public then interface.publish(ctx, row) end
  return row
end

--- A public address for an interface from Amazon's pool (not an Elastic IP).
---@param ctx sim.Context
---@param row table
function interface.publish(ctx, row)
  local address = interface.public_address(ctx)
  interface.associate(ctx, row, { IpOwnerId = "amazon", PublicIp = address,
    PublicDnsName = interface.public_name(ctx, address) })
end

--- An unused public address.
---@param ctx sim.Context
---@return string
function interface.public_address(ctx)
  local n = tonumber(ctx.ids:hex(6), 16)
  return ("18.%d.%d.%d"):format(130 + (n >> 16) % 40, n >> 8 & 255, n % 254 + 1)
end

--- Sets or clears (nil) the public association of an interface's primary address.
---@param ctx sim.Context
---@param row table
---@param association table|nil
function interface.associate(ctx, row, association)
  row.Association = association
  row.PrivateIpAddresses[1].Association = association
  base.save(ctx, "eni", row.NetworkInterfaceId, row)
end

--- Removes an interface and gives its addresses back. Unknown ids are fine.
---@param ctx sim.Context an EC2 context
---@param id string
function interface.release(ctx, id)
  local enis = base.all(ctx, "eni")
  local row = enis:get(id)
  if not row then return end
  local subnet = base.all(ctx, "subnet"):get(row.SubnetId)
  if subnet then
    for _, a in ipairs(row.PrivateIpAddresses) do give_back(subnet, a.PrivateIpAddress) end
    base.save(ctx, "subnet", subnet.SubnetId, subnet)
  end
  local held = row.Association and row.Association.AllocationId
  if held then
    local eip = base.all(ctx, "eip"):get(held)
    if eip then
      eip.AssociationId, eip.NetworkInterfaceId, eip.InstanceId, eip.PrivateIpAddress = nil, nil, nil, nil
      eip.NetworkInterfaceOwnerId = nil
      base.save(ctx, "eip", held, eip)
    end
  end
  enis:delete(id)
end

--- Attaches an interface to something (an instance, or a service's machinery).
---@param ctx sim.Context
---@param row table
---@param attachment table Attachment fields
function interface.attach(ctx, row, attachment)
  attachment.AttachmentId = "eni-attach-0" .. ctx.ids:hex(16)
  attachment.Status, attachment.AttachTime = "attached", ctx.now
  row.Attachment, row.Status = attachment, "in-use"
  base.save(ctx, "eni", row.NetworkInterfaceId, row)
end

--- The interfaces of a VPC that use a security group.
---@param ctx sim.Context
---@param group_id string
---@param vpc_id string
---@return table[]
function interface.using(ctx, group_id, vpc_id)
  local list = {}
  for _, row in ipairs(base.all(ctx, "eni"):by("VpcId", vpc_id)) do
    for _, g in ipairs(row.Groups) do
      if g.GroupId == group_id then list[#list + 1] = row end
    end
  end
  return list
end

return interface
