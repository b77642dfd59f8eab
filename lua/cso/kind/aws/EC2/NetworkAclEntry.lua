local kind = require "cso.kind.declare"

--- The id is "<acl>|<ingress or egress>|<rule number>".
local function parts(r)
  local acl, direction, number = r.id:match("^(.-)|(.-)|(.+)$")
  return acl, direction == "egress", math.tointeger(tonumber(number))
end

local function id_of(d)
  return ("%s|%s|%d"):format(d.NetworkAclId, d.Egress and "egress" or "ingress", d.RuleNumber)
end

local function entry(r)
  local acl, egress, number = parts(r)
  local out, e = r:try("DescribeNetworkAcls", { NetworkAclIds = { acl } })
  if not out then
    if e.code:match("NotFound") then return nil end
    error(e, 0)
  end
  for _, item in ipairs(out.NetworkAcls[1] and out.NetworkAcls[1].Entries or {}) do
    if item.RuleNumber == number and (item.Egress or false) == egress then return item, acl end
  end
end

local function params(d)
  local icmp, ports = d.Icmp, d.PortRange
  return {
    NetworkAclId = d.NetworkAclId, Egress = d.Egress or false, RuleNumber = math.tointeger(tonumber(d.RuleNumber)),
    Protocol = tostring(d.Protocol), RuleAction = d.RuleAction, CidrBlock = d.CidrBlock, Ipv6CidrBlock = d.Ipv6CidrBlock,
    IcmpTypeCode = icmp and { Type = math.tointeger(icmp.Type), Code = math.tointeger(icmp.Code) } or nil,
    PortRange = ports and { From = math.tointeger(ports.From), To = math.tointeger(ports.To) } or nil,
  }
end

return kind "AWS::EC2::NetworkAclEntry" {
  service = "ec2", id = "Id",
  handles = { "NetworkAclId", "Egress", "RuleNumber", "Protocol", "RuleAction", "CidrBlock", "Ipv6CidrBlock", "Icmp",
    "PortRange" },
  create = function(r)
    r.id = id_of(r.desired)
    local there = entry(r)
    -- An entry's number is its identity: an interrupted run may have written it already.
    local _, e = r:try(there and "ReplaceNetworkAclEntry" or "CreateNetworkAclEntry", params(r.desired))
    if e then
      r.id = nil
      error(e, 0)
    end
    r.attributes = { Id = r.id }
  end,
  read = function(r)
    local item, acl = entry(r)
    if not item then return nil end
    return {
      Id = r.id, NetworkAclId = acl, Egress = item.Egress or false, RuleNumber = item.RuleNumber,
      Protocol = math.tointeger(tonumber(item.Protocol)), RuleAction = item.RuleAction, CidrBlock = item.CidrBlock,
      Ipv6CidrBlock = item.Ipv6CidrBlock, PortRange = item.PortRange,
      Icmp = item.IcmpTypeCode and { Type = item.IcmpTypeCode.Type, Code = item.IcmpTypeCode.Code } or nil,
    }
  end,
  natural = function(r) return id_of(r.desired) end,
  puts = true,
  update = function(r) r:call("ReplaceNetworkAclEntry", params(r.desired)) end,
  delete = function(r)
    local acl, egress, number = parts(r)
    local _, e = r:try("DeleteNetworkAclEntry", { NetworkAclId = acl, Egress = egress, RuleNumber = number })
    if e and not e.code:match("NotFound") then error(e, 0) end
  end,
  seconds = { create = 1, delete = 1 },
}
