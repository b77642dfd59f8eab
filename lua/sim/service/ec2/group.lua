--- Security groups.
local base = require "sim.service.ec2.base"
local firewall = require "sim.service.ec2.firewall"
local interface = require "sim.service.ec2.interface"

local group = {}

local function check_text(ctx, name, value)
  if value == "" or #value > 255 then
    ctx:fail("InvalidParameterValue", ("Value (%s) for parameter %s is invalid. It exceeds 255 characters or is "
      .. "empty."):format(value, name))
  end
  local stray = value:match("[^%w%s%._%-:/%(%)#,@%[%]%+=&;{}!%$%*]")
  if stray then
    ctx:fail("InvalidParameterValue", ("Value (%s) for parameter %s is invalid. Character sets beyond ASCII are not "
      .. "supported."):format(value, name))
  end
end

function group.CreateSecurityGroup(ctx, input)
  check_text(ctx, "GroupName", input.GroupName)
  check_text(ctx, "GroupDescription", input.Description)
  if not input.VpcId then
    ctx:fail("VPCIdNotSpecified", "No default VPC for this user")
  end
  local vpc = base.find(ctx, "vpc", input.VpcId)
  if input.GroupName:sub(1, 3) == "sg-" then
    ctx:fail("InvalidParameterValue", ("Value (%s) for parameter GroupName is invalid. Group names may not be in "
      .. "the format sg-*."):format(input.GroupName))
  end
  if input.GroupName == "default" then
    ctx:fail("InvalidParameterValue", "Cannot use reserved security group name: default")
  end
  if firewall.named(ctx, vpc.VpcId, input.GroupName) then
    ctx:fail("InvalidGroup.Duplicate", ("The security group '%s' already exists for VPC '%s'")
      :format(input.GroupName, vpc.VpcId))
  end
  local tags = base.tags(ctx, input, "security-group")
  base.quota(ctx, base.all(ctx, "sg").count, "VPC security groups per Region", "SecurityGroupLimitExceeded")
  local id = ctx.ids:ec2("sg")
  local row = base.save(ctx, "sg", id, { GroupId = id, GroupName = input.GroupName, Description = input.Description,
    VpcId = vpc.VpcId, OwnerId = ctx.account, Tags = tags,
    _name = vpc.VpcId .. "/" .. input.GroupName, SecurityGroupArn = ctx:arn("security-group/" .. id) })
  firewall.allow_out(ctx, row)
  return { GroupId = id, Tags = tags, SecurityGroupArn = row.SecurityGroupArn }
end

function group.DeleteSecurityGroup(ctx, input)
  if not input.GroupId then
    ctx:fail("MissingParameter", "The request must contain the parameter GroupId")
  end
  local row = base.find(ctx, "sg", input.GroupId)
  if row.GroupName == "default" then
    ctx:fail("CannotDelete", ("the specified group: \"%s\" name: \"default\" cannot be deleted by a user")
      :format(row.GroupId))
  end
  local held = interface.using(ctx, row.GroupId, row.VpcId)[1] ~= nil
  for _, r in ipairs(base.all(ctx, "sgr"):by("_peer", row.GroupId)) do
    held = held or r.GroupId ~= row.GroupId
  end
  if held then
    ctx:fail("DependencyViolation", ("resource %s has a dependent object"):format(row.GroupId))
  end
  firewall.drop(ctx, row)
  return { Return = true, GroupId = row.GroupId }
end

local permission_paths = { cidr = "IpRanges.CidrIp", ["from-port"] = "FromPort", ["to-port"] = "ToPort",
  protocol = "IpProtocol", ["group-id"] = "UserIdGroupPairs.GroupId", ["ipv6-cidr"] = "Ipv6Ranges.CidrIpv6",
  ["prefix-list-id"] = "PrefixListIds.PrefixListId", ["user-id"] = "UserIdGroupPairs.UserId" }

local filters = { description = "Description", ["group-id"] = "GroupId", ["group-name"] = "GroupName",
  ["owner-id"] = "OwnerId", ["vpc-id"] = "VpcId" }
for name, path in next, permission_paths do
  filters["ip-permission." .. name] = "IpPermissions." .. path
  filters["egress.ip-permission." .. name] = "IpPermissionsEgress." .. path
end

local describe = base.describe { kind = "sg", ids = "GroupIds", out = "SecurityGroups", filters = filters,
  view = function(ctx, row)
    local view = {}
    for k, v in next, row do view[k] = v end
    view.IpPermissions = firewall.permissions(firewall.rules(ctx, row.GroupId, false))
    view.IpPermissionsEgress = firewall.permissions(firewall.rules(ctx, row.GroupId, true))
    return view
  end }

function group.DescribeSecurityGroups(ctx, input)
  if input.GroupNames and input.GroupNames[1] then
    -- Names work in a default VPC only; this account has none.
    ctx:fail("InvalidGroup.NotFound", ("The security group '%s' does not exist in default VPC"):format(input.GroupNames[1]))
  end
  return describe(ctx, input)
end

function group.DescribeSecurityGroupReferences(ctx, input)
  local list = {}
  for _, id in ipairs(input.GroupId) do base.find(ctx, "sg", id) end
  return { SecurityGroupReferenceSet = list }
end

return group
