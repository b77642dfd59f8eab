--- Network ACLs: every subnet has exactly one.
local base = require "sim.service.ec2.base"
local ipv4 = require "sim.help.ipv4"

local acl = {}

local function entry(number, egress, action)
  return { RuleNumber = number, Egress = egress, RuleAction = action, Protocol = "-1", CidrBlock = "0.0.0.0/0" }
end

local function new(ctx, vpc_id, default, tags)
  local id = ctx.ids:ec2("acl")
  local row = { NetworkAclId = id, VpcId = vpc_id, IsDefault = default, OwnerId = ctx.account, Associations = {},
    Tags = tags, Entries = { entry(32767, true, "deny"), entry(32767, false, "deny") } }
  if default then
    table.insert(row.Entries, 1, entry(100, false, "allow"))
    table.insert(row.Entries, 1, entry(100, true, "allow"))
  end
  return base.save(ctx, "acl", id, row)
end

--- Makes the default ACL of a new VPC. (Not an operation: `default`, `adopt` and `forget` are for
--- the VPC's and subnet's handlers.)
local helpers = {}
function helpers.default(ctx, vpc) new(ctx, vpc.VpcId, true, {}) end

local function default_of(ctx, vpc_id)
  for _, row in ipairs(base.all(ctx, "acl"):by("VpcId", vpc_id)) do
    if row.IsDefault then return row end
  end
end

local function join(ctx, row, subnet_id)
  local a = { NetworkAclAssociationId = "aclassoc-0" .. ctx.ids:hex(16), NetworkAclId = row.NetworkAclId,
    SubnetId = subnet_id }
  table.insert(row.Associations, a)
  base.save(ctx, "acl", row.NetworkAclId, row)
  return a
end

--- Puts a new subnet under the VPC's default ACL.
function helpers.adopt(ctx, subnet) join(ctx, default_of(ctx, subnet.VpcId), subnet.SubnetId) end

--- Takes a deleted subnet out of its ACL.
function helpers.forget(ctx, subnet)
  for _, row in ipairs(base.all(ctx, "acl"):by("VpcId", subnet.VpcId)) do
    for i = #row.Associations, 1, -1 do
      if row.Associations[i].SubnetId == subnet.SubnetId then
        table.remove(row.Associations, i)
        base.save(ctx, "acl", row.NetworkAclId, row)
      end
    end
  end
end

function acl.CreateNetworkAcl(ctx, input)
  local vpc = base.find(ctx, "vpc", input.VpcId)
  local tags = base.tags(ctx, input, "network-acl")
  base.quota(ctx, #base.all(ctx, "acl"):by("VpcId", vpc.VpcId), "Network ACLs per VPC", "NetworkAclLimitExceeded")
  return { NetworkAcl = new(ctx, vpc.VpcId, false, tags) }
end

function acl.DeleteNetworkAcl(ctx, input)
  local row = base.find(ctx, "acl", input.NetworkAclId)
  if row.IsDefault then ctx:fail("InvalidParameterValue", "cannot delete default network ACL " .. row.NetworkAclId) end
  if row.Associations[1] then base.depends(ctx, "networkAcl", row.NetworkAclId) end
  base.all(ctx, "acl"):delete(row.NetworkAclId)
  return {}
end

acl.DescribeNetworkAcls = base.describe { kind = "acl", ids = "NetworkAclIds", out = "NetworkAcls", filters = {
  ["association.association-id"] = "Associations.NetworkAclAssociationId",
  ["association.network-acl-id"] = "NetworkAclId", ["association.subnet-id"] = "Associations.SubnetId",
  default = "IsDefault", ["entry.cidr"] = "Entries.CidrBlock", ["entry.protocol"] = "Entries.Protocol",
  ["entry.rule-action"] = "Entries.RuleAction", ["entry.egress"] = "Entries.Egress",
  ["entry.rule-number"] = "Entries.RuleNumber", ["network-acl-id"] = "NetworkAclId", ["owner-id"] = "OwnerId",
  ["vpc-id"] = "VpcId" } }

local numbers = { all = "-1", tcp = "6", udp = "17", icmp = "1", icmpv6 = "58" }

local function check_entry(ctx, input)
  if input.RuleNumber < 1 or input.RuleNumber > 32766 then
    ctx:fail("InvalidParameterValue", ("Value (%d) for parameter ruleNumber is invalid. It must be between "
      .. "1 and 32766."):format(input.RuleNumber))
  end
  if not input.CidrBlock and not input.Ipv6CidrBlock then
    ctx:fail("MissingParameter", "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.")
  end
  local cidr = input.CidrBlock and ipv4.cidr(input.CidrBlock)
  if input.CidrBlock and not cidr then
    ctx:fail("InvalidParameterValue", ("CIDR block %s is malformed"):format(input.CidrBlock))
  end
  local protocol = numbers[input.Protocol] or input.Protocol
  if not protocol:match("^%-?%d+$") then
    ctx:fail("InvalidParameterValue", ("Invalid value '%s' for IP protocol. Unknown protocol."):format(protocol))
  end
  local ports = input.PortRange
  if (protocol == "6" or protocol == "17") then
    if not ports or not ports.From or not ports.To then
      ctx:fail("MissingParameter", "The request must contain the parameter PortRange")
    end
    if ports.From < 0 or ports.To > 65535 or ports.From > ports.To then
      ctx:fail("InvalidParameterValue", "The port range is not valid.")
    end
  elseif (protocol == "1" or protocol == "58") and not input.IcmpTypeCode then
    ctx:fail("MissingParameter", "The request must contain the parameter IcmpTypeCode")
  end
  return { RuleNumber = input.RuleNumber, Egress = input.Egress, RuleAction = input.RuleAction, Protocol = protocol,
    CidrBlock = cidr and cidr.text, Ipv6CidrBlock = input.Ipv6CidrBlock,
    PortRange = (protocol == "6" or protocol == "17") and ports or nil, IcmpTypeCode = input.IcmpTypeCode }
end

local function position(row, number, egress)
  for i, e in ipairs(row.Entries) do
    if e.RuleNumber == number and e.Egress == egress then return i end
  end
end

local function keep_sorted(row)
  table.sort(row.Entries, function(a, b)
    if a.Egress ~= b.Egress then return a.Egress end
    return a.RuleNumber < b.RuleNumber
  end)
end

function acl.CreateNetworkAclEntry(ctx, input)
  local row = base.find(ctx, "acl", input.NetworkAclId)
  local e = check_entry(ctx, input)
  if position(row, e.RuleNumber, e.Egress) then
    ctx:fail("NetworkAclEntryAlreadyExists", ("The network acl entry identified by %d already exists.")
      :format(e.RuleNumber))
  end
  local n = -1
  for _, other in ipairs(row.Entries) do if other.Egress == e.Egress then n = n + 1 end end
  base.quota(ctx, n, "Rules per network ACL", "NetworkAclEntryLimitExceeded")
  table.insert(row.Entries, e)
  keep_sorted(row)
  base.save(ctx, "acl", row.NetworkAclId, row)
  return {}
end

local function existing(ctx, row, input)
  local at = position(row, input.RuleNumber, input.Egress)
  if not at then
    ctx:fail("InvalidNetworkAclEntry.NotFound", ("The network acl entry identified by %d does not exist.")
      :format(input.RuleNumber))
  end
  return at
end

function acl.ReplaceNetworkAclEntry(ctx, input)
  local row = base.find(ctx, "acl", input.NetworkAclId)
  local e = check_entry(ctx, input)
  row.Entries[existing(ctx, row, input)] = e
  base.save(ctx, "acl", row.NetworkAclId, row)
  return {}
end

function acl.DeleteNetworkAclEntry(ctx, input)
  local row = base.find(ctx, "acl", input.NetworkAclId)
  local at = existing(ctx, row, input)
  if input.RuleNumber == 32767 then
    ctx:fail("InvalidParameterValue", "cannot delete default network ACL rule")
  end
  table.remove(row.Entries, at)
  base.save(ctx, "acl", row.NetworkAclId, row)
  return {}
end

function acl.ReplaceNetworkAclAssociation(ctx, input)
  local target = base.find(ctx, "acl", input.NetworkAclId)
  for _, row in ipairs(base.all(ctx, "acl"):list()) do
    for i, a in ipairs(row.Associations) do
      if a.NetworkAclAssociationId == input.AssociationId then
        if row.VpcId ~= target.VpcId then
          ctx:fail("InvalidParameterValue", "The network ACL and the subnet belong to different networks")
        end
        table.remove(row.Associations, i)
        base.save(ctx, "acl", row.NetworkAclId, row)
        return { NewAssociationId = join(ctx, target, a.SubnetId).NetworkAclAssociationId }
      end
    end
  end
  ctx:fail("InvalidAssociationID.NotFound",
    ("The association ID '%s' does not exist"):format(input.AssociationId))
end

return setmetatable(acl, { __index = helpers })
