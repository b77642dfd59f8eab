--- Subnets.
local acl = require "sim.service.ec2.acl"
local base = require "sim.service.ec2.base"
local ipv4 = require "sim.help.ipv4"
local regions = require "sim.data.regions"

local subnet = {}

local function zone_of(ctx, input)
  local wanted = input.AvailabilityZone or input.AvailabilityZoneId
  if not wanted then return regions.zones(ctx.region)[1] end
  local zone = regions.zone(ctx.region, wanted)
  if not zone then
    local names = {}
    for i, z in ipairs(regions.zones(ctx.region)) do names[i] = z.name end
    ctx:fail("InvalidParameterValue", ("Value (%s) for parameter availabilityZone is invalid. Subnets can "
      .. "currently only be created in the following availability zones: %s.")
      :format(wanted, table.concat(names, ", ")))
  end
  return zone
end

local function check_block(ctx, vpc, text)
  local cidr = text and ipv4.cidr(text)
  if not cidr then
    ctx:fail("InvalidParameterValue", ("Value (%s) for parameter cidrBlock is invalid. "
      .. "This is not a valid CIDR block."):format(tostring(text)))
  end
  local inside = false
  for _, a in ipairs(vpc.CidrBlockAssociationSet) do
    inside = inside or ipv4.within(cidr, ipv4.cidr(a.CidrBlock))
  end
  if cidr.prefix < 16 or cidr.prefix > 28 or not inside then
    ctx:fail("InvalidSubnet.Range", ("The CIDR '%s' is invalid."):format(text))
  end
  for _, other in ipairs(base.all(ctx, "subnet"):by("VpcId", vpc.VpcId)) do
    if ipv4.overlap(cidr, ipv4.cidr(other.CidrBlock)) then
      ctx:fail("InvalidSubnet.Conflict", ("The CIDR '%s' conflicts with another subnet"):format(text))
    end
  end
  return cidr
end

function subnet.CreateSubnet(ctx, input)
  local vpc = base.find(ctx, "vpc", input.VpcId)
  local zone = zone_of(ctx, input)
  if not input.CidrBlock then
    ctx:fail("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
  end
  local cidr = check_block(ctx, vpc, input.CidrBlock)
  local tags = base.tags(ctx, input, "subnet")
  base.quota(ctx, #base.all(ctx, "subnet"):by("VpcId", vpc.VpcId), "Subnets per VPC", "SubnetLimitExceeded")
  local id = ctx.ids:ec2("subnet")
  local row = { SubnetId = id, VpcId = vpc.VpcId, CidrBlock = cidr.text, AvailabilityZone = zone.name,
    AvailabilityZoneId = zone.id, AvailableIpAddressCount = cidr.size - 5, DefaultForAz = false,
    MapPublicIpOnLaunch = false, AssignIpv6AddressOnCreation = false, EnableDns64 = false, Ipv6Native = false,
    MapCustomerOwnedIpOnLaunch = false, OwnerId = ctx.account, SubnetArn = ctx:arn("subnet/" .. id), Tags = tags,
    Ipv6CidrBlockAssociationSet = {}, PrivateDnsNameOptionsOnLaunch = { HostnameType = "ip-name",
      EnableResourceNameDnsARecord = false, EnableResourceNameDnsAAAARecord = false } }
  if input.Ipv6CidrBlock then
    row.Ipv6CidrBlockAssociationSet[1] = { AssociationId = "subnet-cidr-assoc-0" .. ctx.ids:hex(16),
      Ipv6CidrBlock = input.Ipv6CidrBlock, Ipv6CidrBlockState = { State = "associated" } }
  end
  ctx:phases(row, "pending", 1, "available")
  base.save(ctx, "subnet", id, row)
  acl.adopt(ctx, row)
  row.State = "available"
  return { Subnet = row }
end

function subnet.DeleteSubnet(ctx, input)
  local row = base.find(ctx, "subnet", input.SubnetId)
  if base.all(ctx, "eni"):has("SubnetId", row.SubnetId) then base.depends(ctx, "subnet", row.SubnetId) end
  for _, t in ipairs(base.all(ctx, "rtb"):by("VpcId", row.VpcId)) do
    for i = #t.Associations, 1, -1 do
      if t.Associations[i].SubnetId == row.SubnetId then
        table.remove(t.Associations, i)
        base.save(ctx, "rtb", t.RouteTableId, t)
      end
    end
  end
  acl.forget(ctx, row)
  base.all(ctx, "subnet"):delete(row.SubnetId)
  return {}
end

subnet.DescribeSubnets = base.describe { kind = "subnet", ids = "SubnetIds", out = "Subnets", filters = {
  ["availability-zone"] = "AvailabilityZone", availabilityZone = "AvailabilityZone",
  ["availability-zone-id"] = "AvailabilityZoneId", availabilityZoneId = "AvailabilityZoneId",
  ["available-ip-address-count"] = "AvailableIpAddressCount", ["cidr-block"] = "CidrBlock", cidr = "CidrBlock",
  cidrBlock = "CidrBlock", ["default-for-az"] = "DefaultForAz", defaultForAz = "DefaultForAz",
  ["ipv6-cidr-block-association.ipv6-cidr-block"] = "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock",
  ["map-public-ip-on-launch"] = "MapPublicIpOnLaunch", ["owner-id"] = "OwnerId", state = "State",
  ["subnet-arn"] = "SubnetArn", ["subnet-id"] = "SubnetId", ["vpc-id"] = "VpcId" } }

local flags = { AssignIpv6AddressOnCreation = "AssignIpv6AddressOnCreation",
  MapPublicIpOnLaunch = "MapPublicIpOnLaunch", MapCustomerOwnedIpOnLaunch = "MapCustomerOwnedIpOnLaunch",
  EnableDns64 = "EnableDns64" }
local options = { EnableResourceNameDnsARecordOnLaunch = "EnableResourceNameDnsARecord",
  EnableResourceNameDnsAAAARecordOnLaunch = "EnableResourceNameDnsAAAARecord" }

function subnet.ModifySubnetAttribute(ctx, input)
  local row = base.find(ctx, "subnet", input.SubnetId)
  for from, to in next, flags do
    if input[from] then row[to] = input[from].Value end
  end
  for from, to in next, options do
    if input[from] then row.PrivateDnsNameOptionsOnLaunch[to] = input[from].Value end
  end
  if input.PrivateDnsHostnameTypeOnLaunch then
    row.PrivateDnsNameOptionsOnLaunch.HostnameType = input.PrivateDnsHostnameTypeOnLaunch
  end
  base.save(ctx, "subnet", row.SubnetId, row)
  return {}
end

function subnet.AssociateSubnetCidrBlock(ctx, input)
  local row = base.find(ctx, "subnet", input.SubnetId)
  local a = { AssociationId = "subnet-cidr-assoc-0" .. ctx.ids:hex(16), Ipv6CidrBlock = input.Ipv6CidrBlock,
    Ipv6CidrBlockState = { State = "associated" } }
  table.insert(row.Ipv6CidrBlockAssociationSet, a)
  base.save(ctx, "subnet", row.SubnetId, row)
  return { SubnetId = row.SubnetId, Ipv6CidrBlockAssociation = a }
end

function subnet.DisassociateSubnetCidrBlock(ctx, input)
  for _, row in ipairs(base.all(ctx, "subnet"):list()) do
    for i, a in ipairs(row.Ipv6CidrBlockAssociationSet) do
      if a.AssociationId == input.AssociationId then
        table.remove(row.Ipv6CidrBlockAssociationSet, i)
        base.save(ctx, "subnet", row.SubnetId, row)
        return { SubnetId = row.SubnetId, Ipv6CidrBlockAssociation = a }
      end
    end
  end
  ctx:fail("InvalidSubnetCidrBlockAssociationID.NotFound",
    ("The subnet CIDR block association ID '%s' does not exist"):format(input.AssociationId))
end

return subnet
