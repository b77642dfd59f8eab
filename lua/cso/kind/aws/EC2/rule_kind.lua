--- SecurityGroupIngress and SecurityGroupEgress differ in a word; this makes both.
local kind = require "cso.kind.declare"
local rules = require "cso.kind.aws.EC2.rules"

local function list_rules(r, filter, value)
  return r:call("DescribeSecurityGroupRules", { Filters = { { Name = filter, Values = { value } } } }).SecurityGroupRules
end

--- A SecurityGroupRule as CloudFormation writes it.
local function model_of(rule, egress)
  local side = egress and "Destination" or "Source"
  return {
    Id = rule.SecurityGroupRuleId, GroupId = rule.GroupId, IpProtocol = rule.IpProtocol, FromPort = rule.FromPort,
    ToPort = rule.ToPort, CidrIp = rule.CidrIpv4, CidrIpv6 = rule.CidrIpv6, Description = rule.Description,
    [side .. "SecurityGroupId"] = rule.ReferencedGroupInfo and rule.ReferencedGroupInfo.GroupId or nil,
    [side .. "PrefixListId"] = rule.PrefixListId,
  }
end

---@param type_name string
---@param direction "Ingress"|"Egress"
---@param further string[]   properties that only this direction has
return function(type_name, direction, further)
  local egress = direction == "Egress"
  local claims = { "GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", table.unpack(further) }
  local handles = { "GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "Description", table.unpack(further) }
  local function existing(r)
    local key = rules.key(r.desired)
    for _, rule in ipairs(list_rules(r, "group-id", r.desired.GroupId)) do
      if (rule.IsEgress or false) == egress and rules.key(model_of(rule, egress)) == key then return rule end
    end
  end
  return kind(type_name) {
    service = "ec2", id = "Id", handles = handles, claims = claims,
    inside = { type = "AWS::EC2::SecurityGroup", by = "GroupId", property = "SecurityGroup" .. direction, key = rules.key },
    create = function(r)
      local out = r:call("AuthorizeSecurityGroup" .. direction, { GroupId = r.desired.GroupId,
        IpPermissions = { rules.permission(r.desired) } }, { creates = true })
      local made = out.SecurityGroupRules and out.SecurityGroupRules[1] or existing(r)
      r.id = made.SecurityGroupRuleId
      r.attributes = model_of(made, egress)
    end,
    read = function(r)
      local out, e = r:try("DescribeSecurityGroupRules", { Filters = { { Name = "security-group-rule-id", Values = { r.id } } } })
      if not out then
        if e.code:match("NotFound") then return nil end
        error(e, 0)
      end
      return out.SecurityGroupRules[1] and model_of(out.SecurityGroupRules[1], egress)
    end,
    same = {
      IpProtocol = function(want, have) return rules.key { IpProtocol = want } == rules.key { IpProtocol = have } end,
      -- "All protocols" has no ports, whatever was written.
      FromPort = function(want, have, node) return tonumber(want) == have or tostring(node.desired.IpProtocol) == "-1" end,
      ToPort = function(want, have, node) return tonumber(want) == have or tostring(node.desired.IpProtocol) == "-1" end,
    },
    update = function(r)
      r:call("UpdateSecurityGroupRuleDescriptions" .. direction, { GroupId = r.desired.GroupId,
        IpPermissions = { rules.permission(r.desired) } })
    end,
    removes = { "Description" },
    delete = function(r)
      local _, e = r:try("RevokeSecurityGroup" .. direction, { GroupId = r.desired.GroupId, SecurityGroupRuleIds = { r.id } })
      if e and not e.code:match("NotFound") then error(e, 0) end
    end,
    find = function(r)
      local rule = existing(r)
      return rule and rule.SecurityGroupRuleId
    end,
    seconds = { create = 1, delete = 1 },
  }
end
