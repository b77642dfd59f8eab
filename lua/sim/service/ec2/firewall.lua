--- Security group rules as rows, and the two forms AWS shows them in: single rules and permissions.
local base = require "sim.service.ec2.base"
local ipv4 = require "sim.help.ipv4"

local firewall = {}

local names = { ["6"] = "tcp", ["17"] = "udp", ["1"] = "icmp", ["58"] = "icmpv6", all = "-1", TCP = "tcp", UDP = "udp",
  ICMP = "icmp" }

-- Protocol and ports of a permission, checked.
local function head(ctx, p)
  local protocol = p.IpProtocol
  if not protocol then
    ctx:fail("MissingParameter", "The request must contain the parameter ipProtocol")
  end
  protocol = names[protocol] or protocol
  local from, to = p.FromPort, p.ToPort
  if protocol == "tcp" or protocol == "udp" then
    if not from or not to then
      ctx:fail("MissingParameter", "The request must contain the parameter fromPort and toPort")
    end
    if from < 0 or to > 65535 then
      ctx:fail("InvalidParameterValue", ("Invalid value '%d' for portRange. Must be between 0 and 65535.")
        :format(from < 0 and from or to))
    end
    if from > to then
      ctx:fail("InvalidParameterValue", ("Invalid TCP/UDP port range (%d:%d)"):format(from, to))
    end
  elseif protocol == "icmp" or protocol == "icmpv6" then
    from, to = from or -1, to or -1
  elseif protocol == "-1" then
    from, to = -1, -1
  elseif not protocol:match("^%d+$") then
    ctx:fail("InvalidParameterValue", ("Invalid value '%s' for IP protocol. Unknown protocol."):format(protocol))
  else
    from, to = from or -1, to or -1
  end
  return protocol, from, to
end

local function check_description(ctx, text)
  if text and (#text > 255 or not text:match("^[%w%s%._%-:/%(%)#,@%[%]%+=&;{}!%$%*]*$")) then
    ctx:fail("InvalidParameterValue", "Invalid rule description. Valid descriptions are strings less than 256 "
      .. "characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
  end
  return text
end

--- The group of a name in a VPC, or nil.
---@param ctx sim.Context
---@param vpc_id string
---@param name string
---@return table|nil
function firewall.named(ctx, vpc_id, name) return base.all(ctx, "sg"):one("_name", vpc_id .. "/" .. name) end

local function peer_group(ctx, group, pair)
  local id = pair.GroupId
  if not id and pair.GroupName then
    local named = firewall.named(ctx, group.VpcId, pair.GroupName)
    id = named and named.GroupId
    if not id then
      ctx:fail("InvalidGroup.NotFound", ("The security group '%s' does not exist"):format(pair.GroupName))
    end
  end
  if not pair.UserId or pair.UserId == ctx.account then base.find(ctx, "sg", id) end
  return id
end

--- The single rules that a list of permissions means (not stored).
---@param ctx sim.Context
---@param group table
---@param permissions table[]
---@param egress boolean
---@return table[] rules
function firewall.expand(ctx, group, permissions, egress)
  local rules = {}
  local function add(p, fields)
    local protocol, from, to = head(ctx, p)
    fields.GroupId, fields.GroupOwnerId, fields.IsEgress = group.GroupId, ctx.account, egress
    fields.IpProtocol, fields.FromPort, fields.ToPort = protocol, from, to
    rules[#rules + 1] = fields
  end
  for _, p in ipairs(permissions) do
    local before = #rules
    for _, r in ipairs(p.IpRanges or {}) do
      local cidr = ipv4.cidr(r.CidrIp or "")
      if not cidr or not cidr.exact then
        ctx:fail("InvalidParameterValue", ("CIDR block %s is malformed"):format(tostring(r.CidrIp)))
      end
      add(p, { CidrIpv4 = cidr.text, Description = check_description(ctx, r.Description) })
    end
    for _, r in ipairs(p.Ipv6Ranges or {}) do
      if not ipv4.is_cidr6(r.CidrIpv6 or "") then
        ctx:fail("InvalidParameterValue", ("CIDR block %s is malformed"):format(tostring(r.CidrIpv6)))
      end
      add(p, { CidrIpv6 = r.CidrIpv6, Description = check_description(ctx, r.Description) })
    end
    for _, r in ipairs(p.PrefixListIds or {}) do
      add(p, { PrefixListId = r.PrefixListId, Description = check_description(ctx, r.Description) })
    end
    for _, r in ipairs(p.UserIdGroupPairs or {}) do
      local id = peer_group(ctx, group, r)
      add(p, { ReferencedGroupInfo = { GroupId = id, UserId = r.UserId or ctx.account },
        Description = check_description(ctx, r.Description) })
    end
    if #rules == before then head(ctx, p) end
  end
  return rules
end

--- What makes two rules the same.
---@param r table
---@return string
function firewall.key(r)
  local ref = r.ReferencedGroupInfo
  return table.concat({ tostring(r.IsEgress), r.IpProtocol, tostring(r.FromPort), tostring(r.ToPort),
    r.CidrIpv4 or r.CidrIpv6 or r.PrefixListId or ref and ref.GroupId or "" }, "|")
end

--- The rules of a group in one direction (nil: both).
---@param ctx sim.Context
---@param group_id string
---@param egress boolean?
---@return table[]
function firewall.rules(ctx, group_id, egress)
  local list = {}
  for _, r in ipairs(base.all(ctx, "sgr"):by("GroupId", group_id)) do
    if egress == nil or r.IsEgress == egress then list[#list + 1] = r end
  end
  return list
end

--- Stores a rule.
---@param ctx sim.Context
---@param rule table
---@param tags table[]
---@return table rule
function firewall.store(ctx, rule, tags)
  rule.SecurityGroupRuleId = ctx.ids:ec2("sgr")
  rule.SecurityGroupRuleArn = ctx:arn("security-group-rule/" .. rule.SecurityGroupRuleId)
  rule.Tags = tags
  rule._peer = rule.ReferencedGroupInfo and rule.ReferencedGroupInfo.GroupId
  return base.save(ctx, "sgr", rule.SecurityGroupRuleId, rule)
end

local open_world = { { IpProtocol = "-1", IpRanges = { { CidrIp = "0.0.0.0/0" } } } }

--- Lets everything out, as every new group does.
---@param ctx sim.Context
---@param group table
function firewall.allow_out(ctx, group)
  for _, r in ipairs(firewall.expand(ctx, group, open_world, true)) do firewall.store(ctx, r, {}) end
end

--- Makes the default group of a new VPC.
---@param ctx sim.Context
---@param vpc table
function firewall.default(ctx, vpc)
  local id = ctx.ids:ec2("sg")
  local row = base.save(ctx, "sg", id, { GroupId = id, GroupName = "default", VpcId = vpc.VpcId, OwnerId = ctx.account,
    Description = "default VPC security group", Tags = {}, _name = vpc.VpcId .. "/default",
    SecurityGroupArn = ctx:arn("security-group/" .. id) })
  firewall.allow_out(ctx, row)
  for _, r in ipairs(firewall.expand(ctx, row, { { IpProtocol = "-1", UserIdGroupPairs = { { GroupId = id } } } },
    false)) do firewall.store(ctx, r, {}) end
end

--- Removes a group and its rules.
---@param ctx sim.Context
---@param group table
function firewall.drop(ctx, group)
  for _, r in ipairs(firewall.rules(ctx, group.GroupId)) do base.all(ctx, "sgr"):delete(r.SecurityGroupRuleId) end
  base.all(ctx, "sg"):delete(group.GroupId)
end

--- The permissions form: rules of the same protocol and ports together.
---@param rules table[]
---@return table[] IpPermissions
function firewall.permissions(rules)
  local list, by = {}, {}
  for _, r in ipairs(rules) do
    local key = r.IpProtocol .. "|" .. r.FromPort .. "|" .. r.ToPort
    local p = by[key]
    if not p then
      p = { IpProtocol = r.IpProtocol, IpRanges = {}, Ipv6Ranges = {}, PrefixListIds = {}, UserIdGroupPairs = {} }
      if r.IpProtocol ~= "-1" then p.FromPort, p.ToPort = r.FromPort, r.ToPort end
      by[key] = p
      list[#list + 1] = p
    end
    local ref = r.ReferencedGroupInfo
    if r.CidrIpv4 then table.insert(p.IpRanges, { CidrIp = r.CidrIpv4, Description = r.Description })
    elseif r.CidrIpv6 then table.insert(p.Ipv6Ranges, { CidrIpv6 = r.CidrIpv6, Description = r.Description })
    elseif r.PrefixListId then
      table.insert(p.PrefixListIds, { PrefixListId = r.PrefixListId, Description = r.Description })
    elseif ref then
      table.insert(p.UserIdGroupPairs, { GroupId = ref.GroupId, UserId = ref.UserId, Description = r.Description })
    end
  end
  return list
end

return firewall
