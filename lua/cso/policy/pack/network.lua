--- Who may come in, and who is told of it.
local ask = require "cso.policy.ask"
local reach = require "cso.policy.reach"

local GROUPS = { "EC2.SecurityGroup", "EC2.SecurityGroupIngress" }

-- A rule against letting the world in at some ports.
local function closed(id, severity, what, ports, hint)
  return { id = id, severity = severity, title = ("%s is not open to the world"):format(what), on = GROUPS,
    why = "Whatever listens there is tried by everybody within minutes.",
    hint = hint or "name the networks that need it, or reach it through SSM Session Manager",
    deny = function(r)
      return reach.ingress(r, function(rule)
        local from = reach.open_to(rule)
        if not from or reach.is_everything(rule) then return end -- what is open altogether, CSO-EC2-004 tells
        for _, port in ipairs(ports) do
          if reach.covers(rule, port) then return ("%s (port %d) is open to %s"):format(what, port, from) end
        end
      end)
    end,
    good = { ["EC2.SecurityGroup.a"] = { GroupDescription = "a", SecurityGroupIngress = {
      { IpProtocol = "tcp", FromPort = ports[1], ToPort = ports[1], CidrIp = "10.0.0.0/8" } } } },
    bad = { ["EC2.SecurityGroup.a"] = { GroupDescription = "a", SecurityGroupIngress = {
      { IpProtocol = "tcp", FromPort = ports[1], ToPort = ports[1], CidrIp = "0.0.0.0/0" } } } },
  }
end

return {
  closed("CSO-EC2-001", "critical", "SSH", { 22 }),
  closed("CSO-EC2-002", "critical", "RDP", { 3389 }),
  closed("CSO-EC2-003", "critical", "a database or queue",
    { 3306, 5432, 1433, 1521, 27017, 6379, 11211, 9200, 5601, 5672, 15671, 15672, 2049 },
    "let in the security group of those who use it"),
  {
    id = "CSO-EC2-004", severity = "critical", title = "No security group lets everything in", on = GROUPS,
    why = "A rule for all protocols and ports is no rule.", hint = "open the ports that are served, to those who use them",
    deny = function(r)
      return reach.ingress(r, function(rule)
        local from = reach.is_everything(rule) and reach.open_to(rule)
        return from and "everything is open to " .. from
      end)
    end,
    good = { ["EC2.SecurityGroupIngress.a"] = { IpProtocol = "tcp", FromPort = 443, ToPort = 443, CidrIp = "0.0.0.0/0" } },
    bad = { ["EC2.SecurityGroupIngress.a"] = { IpProtocol = "-1", CidrIpv6 = "::/0" } },
  },
  {
    id = "CSO-EC2-005", severity = "medium", title = "Network ACLs let nobody in at SSH and RDP", on = "EC2.NetworkAclEntry",
    why = "An ACL that lets everybody in at these ports protects from nothing.",
    hint = "allow the ports that are served",
    warn = function(r)
      if r.Egress == true or r.RuleAction ~= "allow" then return end
      if not reach.is_world(r.CidrBlock) and not reach.is_world(r.Ipv6CidrBlock) then return end
      local range = r.PortRange or {}
      if tostring(r.Protocol) == "-1" then return end -- the default, which leaves it to security groups
      for _, port in ipairs { 22, 3389 } do
        if (tonumber(range.From) or 0) <= port and port <= (tonumber(range.To) or 65535) then
          return ("port %d is open to the world"):format(port)
        end
      end
    end,
    good = { ["EC2.NetworkAclEntry.a"] = { RuleAction = "allow", Protocol = 6, CidrBlock = "0.0.0.0/0",
      PortRange = { From = 443, To = 443 } } },
    bad = { ["EC2.NetworkAclEntry.a"] = { RuleAction = "allow", Protocol = 6, CidrBlock = "0.0.0.0/0",
      PortRange = { From = 20, To = 25 } } },
  },
  {
    id = "CSO-EC2-006", severity = "medium", title = "Subnets hand out no public addresses", on = "EC2.Subnet",
    why = "Whatever is launched there can be reached from outside, whether that was meant or not.",
    hint = "leave MapPublicIpOnLaunch out; give public addresses to what needs one",
    warn = function(r) if r.MapPublicIpOnLaunch == true then return "every instance in it gets a public address" end end,
    fix = function() return { MapPublicIpOnLaunch = false } end,
    good = { ["EC2.Subnet.a"] = { CidrBlock = "10.0.0.0/24" } },
    bad = { ["EC2.Subnet.a"] = { CidrBlock = "10.0.0.0/24", MapPublicIpOnLaunch = true } },
  },
  {
    id = "CSO-EC2-007", severity = "medium", title = "Networks keep flow logs", on = "EC2.VPC",
    why = "After an incident nobody can tell who spoke to whom.", hint = "declare an EC2.FlowLog with ResourceId = the VPC",
    warn = function(r, plan)
      if #plan:users("EC2.FlowLog", r) == 0 then return "no flow log is declared for it" end
    end,
    good = { ["EC2.VPC.a"] = { CidrBlock = "10.0.0.0/16" },
      ["EC2.FlowLog.a"] = { ResourceType = "VPC", TrafficType = "ALL", needs = { "EC2.VPC.a" } } },
    bad = { ["EC2.VPC.a"] = { CidrBlock = "10.0.0.0/16" } },
  },
  {
    id = "CSO-EC2-008", severity = "high", title = "Prefix lists are somebody's networks", on = "EC2.PrefixList",
    why = "Every rule that names the list is open to everybody, and does not look like it.",
    hint = "list the networks that are meant",
    deny = function(r)
      return ask.first(r.Entries, function(entry)
        return reach.is_world(entry.Cidr) and "it holds " .. entry.Cidr
      end)
    end,
    good = { ["EC2.PrefixList.a"] = { AddressFamily = "IPv4", Entries = { { Cidr = "10.0.0.0/8" } } } },
    bad = { ["EC2.PrefixList.a"] = { AddressFamily = "IPv4", Entries = { { Cidr = "10.0.0.0/8" }, { Cidr = "0.0.0.0/0" } } } },
  },
}
