--- VPCs, and what is born with one: main route table, default network ACL, default security group.
local acl = require "sim.service.ec2.acl"
local base = require "sim.service.ec2.base"
local group = require "sim.service.ec2.firewall"
local ipv4 = require "sim.help.ipv4"
local route = require "sim.service.ec2.table"

local vpc = {}

local function block(ctx, text)
  local cidr = text and ipv4.cidr(text)
  if not cidr then
    ctx:fail("InvalidParameterValue", ("Value (%s) for parameter cidrBlock is invalid. "
      .. "This is not a valid CIDR block."):format(tostring(text)))
  end
  if cidr.prefix < 16 or cidr.prefix > 28 then
    ctx:fail("InvalidVpc.Range", ("The CIDR '%s' is invalid."):format(text))
  end
  return cidr
end

local function ipv6_block(ctx) return "2a05:d01c:" .. ctx.ids:hex(3) .. ":" .. ctx.ids:hex(2) .. "00::/56" end

local function ipv6_association(ctx, text)
  return { AssociationId = "vpc-cidr-assoc-0" .. ctx.ids:hex(16), Ipv6CidrBlock = text,
    Ipv6CidrBlockState = { State = "associated" }, NetworkBorderGroup = ctx.region, Ipv6Pool = "Amazon" }
end

function vpc.CreateVpc(ctx, input)
  if not input.CidrBlock and not input.Ipv4IpamPoolId then
    ctx:fail("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
  end
  local cidr = block(ctx, input.CidrBlock)
  local tags = base.tags(ctx, input, "vpc")
  base.quota(ctx, base.all(ctx, "vpc").count, "VPCs per Region", "VpcLimitExceeded")
  local id = ctx.ids:ec2("vpc")
  local row = { VpcId = id, CidrBlock = cidr.text, DhcpOptionsId = "dopt-0" .. ("%016x"):format(ctx.account),
    InstanceTenancy = input.InstanceTenancy or "default", IsDefault = false, OwnerId = ctx.account, Tags = tags,
    CidrBlockAssociationSet = { { AssociationId = "vpc-cidr-assoc-0" .. ctx.ids:hex(16), CidrBlock = cidr.text,
      CidrBlockState = { State = "associated" } } },
    Ipv6CidrBlockAssociationSet = {}, _dns_support = true, _dns_hostnames = false, _usage_metrics = false }
  if input.AmazonProvidedIpv6CidrBlock then
    row.Ipv6CidrBlockAssociationSet[1] = ipv6_association(ctx, ipv6_block(ctx))
  end
  ctx:phases(row, "pending", 1, "available")
  base.save(ctx, "vpc", id, row)
  route.main(ctx, row)
  acl.default(ctx, row)
  group.default(ctx, row)
  row.State = "pending"
  return { Vpc = row }
end

-- What keeps a VPC from going away.
local function busy(ctx, id)
  if base.all(ctx, "subnet"):has("VpcId", id) or base.all(ctx, "vpce"):one("VpcId", id)
    or base.all(ctx, "eni"):has("VpcId", id) then return true end
  for _, igw in ipairs(base.all(ctx, "igw"):list()) do
    if igw.Attachments[1] and igw.Attachments[1].VpcId == id then return true end
  end
  for _, t in ipairs(base.all(ctx, "rtb"):by("VpcId", id)) do
    if not route.is_main(t) then return true end
  end
  for _, a in ipairs(base.all(ctx, "acl"):by("VpcId", id)) do
    if not a.IsDefault then return true end
  end
  for _, g in ipairs(base.all(ctx, "sg"):by("VpcId", id)) do
    if g.GroupName ~= "default" then return true end
  end
  return false
end

function vpc.DeleteVpc(ctx, input)
  local row = base.find(ctx, "vpc", input.VpcId)
  if busy(ctx, row.VpcId) then base.depends(ctx, "vpc", row.VpcId) end
  for _, t in ipairs(base.all(ctx, "rtb"):by("VpcId", row.VpcId)) do
    base.all(ctx, "rtb"):delete(t.RouteTableId)
  end
  for _, a in ipairs(base.all(ctx, "acl"):by("VpcId", row.VpcId)) do
    base.all(ctx, "acl"):delete(a.NetworkAclId)
  end
  for _, g in ipairs(base.all(ctx, "sg"):by("VpcId", row.VpcId)) do group.drop(ctx, g) end
  base.all(ctx, "vpc"):delete(row.VpcId)
  return {}
end

vpc.DescribeVpcs = base.describe { kind = "vpc", ids = "VpcIds", out = "Vpcs", filters = {
  cidr = "CidrBlock", ["cidr-block-association.cidr-block"] = "CidrBlockAssociationSet.CidrBlock",
  ["cidr-block-association.association-id"] = "CidrBlockAssociationSet.AssociationId",
  ["cidr-block-association.state"] = "CidrBlockAssociationSet.CidrBlockState.State",
  ["ipv6-cidr-block-association.ipv6-cidr-block"] = "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock",
  ["dhcp-options-id"] = "DhcpOptionsId", ["is-default"] = "IsDefault", isDefault = "IsDefault",
  ["owner-id"] = "OwnerId", state = "State", ["vpc-id"] = "VpcId" } }

local attributes = { enableDnsSupport = { "EnableDnsSupport", "_dns_support" },
  enableDnsHostnames = { "EnableDnsHostnames", "_dns_hostnames" },
  enableNetworkAddressUsageMetrics = { "EnableNetworkAddressUsageMetrics", "_usage_metrics" } }

function vpc.DescribeVpcAttribute(ctx, input)
  local row = base.find(ctx, "vpc", input.VpcId)
  local a = attributes[input.Attribute]
  return { VpcId = row.VpcId, [a[1]] = { Value = row[a[2]] } }
end

function vpc.ModifyVpcAttribute(ctx, input)
  local row = base.find(ctx, "vpc", input.VpcId)
  local given = 0
  for _, a in next, attributes do
    if input[a[1]] then given = given + 1 end
  end
  if given ~= 1 then
    ctx:fail("InvalidParameterCombination", "Exactly one attribute may be modified at a time.")
  end
  for _, a in next, attributes do
    if input[a[1]] then row[a[2]] = input[a[1]].Value end
  end
  if not row._dns_support and row._dns_hostnames then
    row._dns_hostnames = false
  end
  base.save(ctx, "vpc", row.VpcId, row)
  return {}
end

function vpc.ModifyVpcTenancy(ctx, input)
  local row = base.find(ctx, "vpc", input.VpcId)
  row.InstanceTenancy = input.InstanceTenancy
  base.save(ctx, "vpc", row.VpcId, row)
  return { ReturnValue = true }
end

function vpc.AssociateVpcCidrBlock(ctx, input)
  local row = base.find(ctx, "vpc", input.VpcId)
  if input.AmazonProvidedIpv6CidrBlock or input.Ipv6CidrBlock then
    local a = ipv6_association(ctx, input.Ipv6CidrBlock or ipv6_block(ctx))
    table.insert(row.Ipv6CidrBlockAssociationSet, a)
    base.save(ctx, "vpc", row.VpcId, row)
    return { VpcId = row.VpcId, Ipv6CidrBlockAssociation = a }
  end
  local cidr = block(ctx, input.CidrBlock)
  for _, a in ipairs(row.CidrBlockAssociationSet) do
    if ipv4.overlap(cidr, ipv4.cidr(a.CidrBlock)) then
      ctx:fail("InvalidVpc.Range", ("The CIDR '%s' conflicts with another association."):format(cidr.text))
    end
  end
  if #row.CidrBlockAssociationSet >= 5 then
    ctx:fail("CidrLimitExceeded", "This network '" .. row.VpcId .. "' has met its maximum number of allowed CIDRs: 5")
  end
  local a = { AssociationId = "vpc-cidr-assoc-0" .. ctx.ids:hex(16), CidrBlock = cidr.text,
    CidrBlockState = { State = "associated" } }
  table.insert(row.CidrBlockAssociationSet, a)
  base.save(ctx, "vpc", row.VpcId, row)
  return { VpcId = row.VpcId, CidrBlockAssociation = a }
end

local function refuse_used(ctx, row, association)
  if not association.CidrBlock then return end
  local whole = ipv4.cidr(association.CidrBlock)
  for _, subnet in ipairs(base.all(ctx, "subnet"):by("VpcId", row.VpcId)) do
    if ipv4.within(ipv4.cidr(subnet.CidrBlock), whole) then
      ctx:fail("InvalidCidrBlock.InUse", ("The vpc CIDR block with association ID %s may not be "
        .. "disassociated. It is in use by %s"):format(association.AssociationId, subnet.SubnetId))
    end
  end
end

function vpc.DisassociateVpcCidrBlock(ctx, input)
  for _, row in ipairs(base.all(ctx, "vpc"):list()) do
    for _, set in ipairs { "CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet" } do
      for i, a in ipairs(row[set]) do
        if a.AssociationId == input.AssociationId then
          if set == "CidrBlockAssociationSet" and i == 1 then
            ctx:fail("OperationNotPermitted", "The vpc CIDR block with association ID "
              .. input.AssociationId .. " may not be disassociated. It is the primary IPv4 CIDR block of the VPC")
          end
          refuse_used(ctx, row, a)
        table.remove(row[set], i)
          base.save(ctx, "vpc", row.VpcId, row)
          local name = set == "CidrBlockAssociationSet" and "CidrBlockAssociation" or "Ipv6CidrBlockAssociation"
          return { VpcId = row.VpcId, [name] = a }
        end
      end
    end
  end
  ctx:fail("InvalidVpcCidrBlockAssociationID.NotFound",
    ("The vpc CIDR block association ID '%s' does not exist"):format(input.AssociationId))
end

-- The options that every VPC starts with; the catalogue's AmazonProvidedDNS.
local function default_options(ctx)
  local id = "dopt-0" .. ("%016x"):format(ctx.account)
  local known = base.all(ctx, "dopt")
  if not known:get(id) then
    local domain = ctx.region == "us-east-1" and "ec2.internal" or ctx.region .. ".compute.internal"
    known:put(id, { DhcpOptionsId = id, OwnerId = ctx.account, Tags = {}, _ended = true, DhcpConfigurations = {
      { Key = "domain-name", Values = { { Value = domain } } },
      { Key = "domain-name-servers", Values = { { Value = "AmazonProvidedDNS" } } } } })
  end
end

local describe_options = base.describe { kind = "dopt", ids = "DhcpOptionsIds", out = "DhcpOptions", filters = {
  ["dhcp-options-id"] = "DhcpOptionsId", key = "DhcpConfigurations.Key",
  value = "DhcpConfigurations.Values.Value", ["owner-id"] = "OwnerId" } }

function vpc.DescribeDhcpOptions(ctx, input)
  default_options(ctx)
  return describe_options(ctx, input)
end

function vpc.CreateDhcpOptions(ctx, input)
  local id, list = ctx.ids:ec2("dopt"), {}
  for i, c in ipairs(input.DhcpConfigurations) do
    list[i] = { Key = c.Key, Values = {} }
    for k, v in ipairs(c.Values or {}) do list[i].Values[k] = { Value = v } end
  end
  local row = { DhcpOptionsId = id, OwnerId = ctx.account, DhcpConfigurations = list,
    Tags = base.tags(ctx, input, "dhcp-options") }
  return { DhcpOptions = base.save(ctx, "dopt", id, row) }
end

function vpc.AssociateDhcpOptions(ctx, input)
  local row = base.find(ctx, "vpc", input.VpcId)
  default_options(ctx)
  if input.DhcpOptionsId ~= "default" then base.find(ctx, "dopt", input.DhcpOptionsId) end
  row.DhcpOptionsId = input.DhcpOptionsId
  base.save(ctx, "vpc", row.VpcId, row)
  return {}
end

function vpc.DeleteDhcpOptions(ctx, input)
  local row = base.find(ctx, "dopt", input.DhcpOptionsId)
  if base.all(ctx, "vpc"):has("DhcpOptionsId", row.DhcpOptionsId) then
    base.depends(ctx, "dhcpOptions", row.DhcpOptionsId)
  end
  base.all(ctx, "dopt"):delete(row.DhcpOptionsId)
  return {}
end

return vpc
