--- Rules of security groups: authorize, revoke, modify, describe.
local base = require "sim.service.ec2.base"
local firewall = require "sim.service.ec2.firewall"

local rule = {}

local function group_of(ctx, input)
  if input.GroupId then return base.find(ctx, "sg", input.GroupId) end
  if input.GroupName then
    ctx:fail("InvalidGroup.NotFound", ("The security group '%s' does not exist in default VPC")
      :format(input.GroupName))
  end
  ctx:fail("MissingParameter", "The request must contain the parameter groupName or groupId")
end

-- The permissions of a request in either of its two forms.
local function permissions(ctx, input)
  if input.IpPermissions and input.IpPermissions[1] then return input.IpPermissions end
  if not input.IpProtocol then
    ctx:fail("MissingParameter", "The request must contain the parameter ipPermissions")
  end
  local p = { IpProtocol = input.IpProtocol, FromPort = input.FromPort, ToPort = input.ToPort }
  if input.CidrIp then p.IpRanges = { { CidrIp = input.CidrIp } } end
  if input.SourceSecurityGroupName then
    p.UserIdGroupPairs = { { GroupName = input.SourceSecurityGroupName, UserId = input.SourceSecurityGroupOwnerId } }
  end
  return { p }
end

local function peer(r)
  local ref = r.ReferencedGroupInfo
  return r.CidrIpv4 or r.CidrIpv6 or r.PrefixListId or ref and ref.GroupId
end

local function authorize(egress)
  return function(ctx, input)
    local group = group_of(ctx, input)
    local new = firewall.expand(ctx, group, permissions(ctx, input), egress)
    if not new[1] then
      ctx:fail("InvalidParameterValue", "At least one source or destination must be specified for each rule")
    end
    local tags = base.tags(ctx, input, "security-group-rule")
    local old = firewall.rules(ctx, group.GroupId, egress)
    local seen = {}
    for _, r in ipairs(old) do seen[firewall.key(r)] = true end
    for _, r in ipairs(new) do
      local key = firewall.key(r)
      if seen[key] then
        ctx:fail("InvalidPermission.Duplicate", ("the specified rule \"peer: %s, %s, from port: %s, to port: %s, "
          .. "ALLOW\" already exists"):format(peer(r), r.IpProtocol:upper(), r.FromPort, r.ToPort))
      end
      seen[key] = true
    end
    base.quota(ctx, #old + #new - 1, "Inbound or outbound rules per security group", "RulesPerSecurityGroupLimitExceeded")
    for i, r in ipairs(new) do new[i] = firewall.store(ctx, r, tags) end
    return { Return = true, SecurityGroupRules = new }
  end
end

rule.AuthorizeSecurityGroupIngress = authorize(false)
rule.AuthorizeSecurityGroupEgress = authorize(true)

local function find_rule(ctx, group, id, egress)
  local r = base.find(ctx, "sgr", id)
  if r.GroupId ~= group.GroupId or (egress ~= nil and r.IsEgress ~= egress) then
    ctx:fail("InvalidSecurityGroupRuleId.NotFound", ("The security group rule ID '%s' does not exist"):format(id))
  end
  return r
end

local function revoke(egress)
  return function(ctx, input)
    local group = group_of(ctx, input)
    local gone = {}
    if input.SecurityGroupRuleIds and input.SecurityGroupRuleIds[1] then
      for i, id in ipairs(input.SecurityGroupRuleIds) do gone[i] = find_rule(ctx, group, id, egress) end
    else
      local by_key = {}
      for _, r in ipairs(firewall.rules(ctx, group.GroupId, egress)) do by_key[firewall.key(r)] = r end
      for _, r in ipairs(firewall.expand(ctx, group, permissions(ctx, input), egress)) do
        local known = by_key[firewall.key(r)]
        if not known then
          ctx:fail("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
        end
        gone[#gone + 1] = known
      end
    end
    local list = {}
    for i, r in ipairs(gone) do
      base.all(ctx, "sgr"):delete(r.SecurityGroupRuleId)
      local ref = r.ReferencedGroupInfo
      list[i] = { SecurityGroupRuleId = r.SecurityGroupRuleId, GroupId = r.GroupId, IsEgress = r.IsEgress,
        IpProtocol = r.IpProtocol, FromPort = r.FromPort, ToPort = r.ToPort, CidrIpv4 = r.CidrIpv4,
        CidrIpv6 = r.CidrIpv6, PrefixListId = r.PrefixListId, ReferencedGroupId = ref and ref.GroupId,
        Description = r.Description }
    end
    return { Return = true, RevokedSecurityGroupRules = list }
  end
end

rule.RevokeSecurityGroupIngress = revoke(false)
rule.RevokeSecurityGroupEgress = revoke(true)

function rule.ModifySecurityGroupRules(ctx, input)
  local group = base.find(ctx, "sg", input.GroupId)
  local changed = {}
  for i, change in ipairs(input.SecurityGroupRules) do
    local r = find_rule(ctx, group, change.SecurityGroupRuleId)
    local want = change.SecurityGroupRule or {}
    local p = { IpProtocol = want.IpProtocol, FromPort = want.FromPort, ToPort = want.ToPort }
    if want.CidrIpv4 then p.IpRanges = { { CidrIp = want.CidrIpv4, Description = want.Description } } end
    if want.CidrIpv6 then p.Ipv6Ranges = { { CidrIpv6 = want.CidrIpv6, Description = want.Description } } end
    if want.PrefixListId then
      p.PrefixListIds = { { PrefixListId = want.PrefixListId, Description = want.Description } }
    end
    if want.ReferencedGroupId then
      p.UserIdGroupPairs = { { GroupId = want.ReferencedGroupId, Description = want.Description } }
    end
    local new = firewall.expand(ctx, group, { p }, r.IsEgress)
    if #new ~= 1 then
      ctx:fail("InvalidParameterValue", "A rule must have exactly one source or destination.")
    end
    changed[i] = { r, new[1] }
  end
  for _, pair in ipairs(changed) do
    local r, new = pair[1], pair[2]
    new.SecurityGroupRuleId, new.SecurityGroupRuleArn, new.Tags = r.SecurityGroupRuleId, r.SecurityGroupRuleArn, r.Tags
    new._peer = new.ReferencedGroupInfo and new.ReferencedGroupInfo.GroupId
    base.save(ctx, "sgr", r.SecurityGroupRuleId, new)
  end
  return { Return = true }
end

local function describe_update(egress)
  return function(ctx, input)
    local group = group_of(ctx, input)
    for _, d in ipairs(input.SecurityGroupRuleDescriptions or {}) do
      local r = find_rule(ctx, group, d.SecurityGroupRuleId, egress)
      r.Description = d.Description
      base.save(ctx, "sgr", r.SecurityGroupRuleId, r)
    end
    if input.IpPermissions and input.IpPermissions[1] then
      local by_key = {}
      for _, r in ipairs(firewall.rules(ctx, group.GroupId, egress)) do by_key[firewall.key(r)] = r end
      for _, r in ipairs(firewall.expand(ctx, group, input.IpPermissions, egress)) do
        local known = by_key[firewall.key(r)]
        if not known then
          ctx:fail("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
        end
        known.Description = r.Description
        base.save(ctx, "sgr", known.SecurityGroupRuleId, known)
      end
    end
    return { Return = true }
  end
end

rule.UpdateSecurityGroupRuleDescriptionsIngress = describe_update(false)
rule.UpdateSecurityGroupRuleDescriptionsEgress = describe_update(true)

rule.DescribeSecurityGroupRules = base.describe { kind = "sgr", ids = "SecurityGroupRuleIds",
  out = "SecurityGroupRules", filters = { ["group-id"] = "GroupId", ["security-group-rule-id"] = "SecurityGroupRuleId" },
  view = function(_ctx, r)
    if r.IpProtocol ~= "-1" then return r end
    local view = {}
    for k, v in next, r do view[k] = v end
    view.FromPort, view.ToPort = -1, -1
    return view
  end }

return rule
