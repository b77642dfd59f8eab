--- Networks, what stands in them and what guards them.
local words = require "spec.scenario.random.kinds.words"

local mark, marked, tagged, port, zone = words.mark, words.marked, words.tagged, words.port, words.zone

local function net(vpc) return ("10.%d."):format((vpc.n * 2 + vpc.f % 2) % 250) end

local K = {}

K.vpc = { type = "aws.EC2.VPC", out = "VpcId",
  touch = { "ec2.CreateTags", "Resources={VpcId}", "Tags.0.Key=Mark", "Tags.0.Value=other" },
  place = "ec2/Vpc", seen = function(row)
  return tagged(row) and row.CidrBlock .. " " .. tagged(row)
end, text = function(r)
  return ('CidrBlock = "%s0.0/16", EnableDnsHostnames = %s, %s'):format(net(r), r.v % 2 == 1, mark(r))
end, want = function(r) return net(r) .. "0.0/16 " .. marked(r) end }

K.subnet = { type = "aws.EC2.Subnet", out = "SubnetId",
  uses = { vpc = "vpc" }, place = "ec2/Subnet", seen = function(row)
  return tagged(row) and ("%s %s %s %s"):format(row.AvailabilityZone, row.CidrBlock, row.MapPublicIpOnLaunch, tagged(row))
end, text = function(r, by)
  return ('VpcId = %s, AvailabilityZone = "%s", CidrBlock = "%s%d.0/24", MapPublicIpOnLaunch = %s, %s'):format(
    by.vpc.var, zone(r.f), net(by.vpc), r.n % 250, r.v % 2 == 1, mark(r))
end, want = function(r, by)
  return ("%s %s%d.0/24 %s %s"):format(zone(r.f), net(by.vpc), r.n % 250, r.v % 2 == 1, marked(r))
end }

K.gateway = { type = "aws.EC2.InternetGateway", counts = true,
  place = "ec2/InternetGateway", fixed = true, text = mark,
  seen = function(row) return ("%s attached %d"):format(tagged(row), #(row.Attachments or {})) end,
  want = function(r, _, model) return ("%s attached %d"):format(marked(r), #model:users(r.n, "attachment")) end }

K.attachment = { type = "aws.EC2.VPCGatewayAttachment", uses = { vpc = "vpc", gateway = "gateway" }, fixed = true,
  still = true, alone = { { "vpc" }, { "gateway" } },
  text = function(_, by) return ("VpcId = %s, InternetGatewayId = %s"):format(by.vpc.var, by.gateway.var) end }

K.table = { type = "aws.EC2.RouteTable", out = "RouteTableId", counts = true,
  uses = { vpc = "vpc" }, place = "ec2/RouteTable", fixed = true,
  text = function(r, by) return ("VpcId = %s, %s"):format(by.vpc.var, mark(r)) end,
  seen = function(row)
    return tagged(row) and ("%s routes %d associations %d"):format(tagged(row), #row.Routes, #row.Associations)
  end,
  want = function(r, _, model)
    return ("%s routes %d associations %d"):format(marked(r), 1 + #model:users(r.n, "route"), #model:users(r.n, "association"))
  end }

K.route = { type = "aws.EC2.Route", uses = { table = "table", attachment = "attachment" }, after = "attachment",
  same = { table = "vpc", attachment = "vpc" }, still = true,
  text = function(r, by, model)
    return ('RouteTableId = %s, DestinationCidrBlock = "172.%d.%d.0/24", GatewayId = %s'):format(by.table.var,
      r.f % 200, r.n % 250, model:at(by.attachment.uses.gateway).var)
  end }

K.association = { type = "aws.EC2.SubnetRouteTableAssociation", uses = { table = "table", subnet = "subnet" },
  same = { table = "vpc", subnet = "vpc" }, alone = { { "subnet" } }, fixed = true, still = true,
  text = function(_, by) return ("RouteTableId = %s, SubnetId = %s"):format(by.table.var, by.subnet.var) end }

K.group = { type = "aws.EC2.SecurityGroup", out = "GroupId",
  beside = true,
  uses = { vpc = "vpc" }, place = "ec2/SecurityGroup",
  text = function(r, by)
    return ('VpcId = %s, GroupDescription = "d%d", %s'):format(by.vpc.var, r.f, mark(r))
  end,
  seen = function(row) return tagged(row) and ("d %s %s"):format(row.Description, tagged(row)) end,
  want = function(r) return ("d d%d %s"):format(r.f, marked(r)) end }

K.guard = { type = "aws.EC2.SecurityGroup",
  beside = true,
  uses = { vpc = "vpc", group = "group" }, same = { vpc = true, group = "vpc" },
  holds = { group = true }, place = "ec2/SecurityGroupRule",
  text = function(r, by)
    return ([[VpcId = %s, GroupDescription = "%d", SecurityGroupIngress = {
    { IpProtocol = "tcp", FromPort = %d, ToPort = %d, SourceSecurityGroupId = %s } }]]):format(by.vpc.var, r.f, port(r),
      port(r), by.group.var)
  end,
  seen = function(row) return row.FromPort ~= -1 and tostring(row.FromPort) or nil end,
  want = function(r) return tostring(port(r)) end }

K.ingress = { type = "aws.EC2.SecurityGroupIngress",
  gone = { "ec2.RevokeSecurityGroupIngress", "GroupId={GroupId}", "SecurityGroupRuleIds={SecurityGroupRuleId}" },
  uses = { group = "group" }, place = "ec2/SecurityGroupRule", still = true,
  text = function(r, by)
    return ('GroupId = %s, IpProtocol = "tcp", FromPort = %d, ToPort = %d, CidrIp = "10.0.0.0/8"'):format(by.group.var,
      port { n = r.n, v = r.f }, port { n = r.n, v = r.f })
  end,
  want = function(r) return tostring(port { n = r.n, v = r.f }) end }

K.address = { type = "aws.EC2.EIP",
  id = "{AllocationId}",
  place = "ec2/Address", seen = tagged, want = marked, fixed = true, free = true,
  text = function(r) return 'Domain = "vpc", ' .. mark(r) end }

K.volume = { type = "aws.EC2.Volume",
  id = "{VolumeId}", beside = true,
  place = "ec2/Volume", free = true,
  text = function(r) return ('AvailabilityZone = "%s", Size = 8, VolumeType = "gp3", %s'):format(zone(r.f), mark(r)) end,
  seen = function(row) return tagged(row) and row.AvailabilityZone .. " " .. tagged(row) end,
  want = function(r) return zone(r.f) .. " " .. marked(r) end }

K.instance = { type = "aws.EC2.Instance",
  gone = { "ec2.TerminateInstances", "InstanceIds={InstanceId}" },
  uses = { subnet = "subnet", group = "group" }, fixed = true,
  holds = { group = true },
  same = { subnet = "vpc", group = "vpc" }, place = "ec2/Instance", text = function(r, by)
    return ('ImageId = image, InstanceType = "t3.small", SubnetId = %s, SecurityGroupIds = { %s }, %s'):format(
      by.subnet.var, by.group.var, mark(r))
  end, seen = tagged, want = marked }

K.subnet.gone, K.subnet.touch = words.by_hand("SubnetId", "DeleteSubnet")
K.gateway.gone, K.gateway.touch = words.by_hand("InternetGatewayId", "DeleteInternetGateway")
K.table.gone, K.table.touch = words.by_hand("RouteTableId", "DeleteRouteTable")
K.group.gone, K.group.touch = words.by_hand("GroupId", "DeleteSecurityGroup")
K.address.gone, K.address.touch = words.by_hand("AllocationId", "ReleaseAddress")
K.volume.gone, K.volume.touch = words.by_hand("VolumeId", "DeleteVolume")

return K
