local kind = require "cso.kind.declare"
local shape = require "cso.kind.shape"
local deep = require "cso.std.deep"

local function difference(want, have)
  local index, out = {}, {}
  for _, v in ipairs(have or {}) do index[v] = true end
  for _, v in ipairs(want or {}) do
    if not index[v] then out[#out + 1] = v end
  end
  return #out > 0 and out or nil
end

--- ModifyVpcEndpoint takes what to add and what to remove, not the result.
local lists = {
  SubnetIds = { "AddSubnetIds", "RemoveSubnetIds" },
  RouteTableIds = { "AddRouteTableIds", "RemoveRouteTableIds" },
  SecurityGroupIds = { "AddSecurityGroupIds", "RemoveSecurityGroupIds" },
}

local function update(r, set)
  local p = { VpcEndpointId = r.id }
  for property, members in pairs(lists) do
    if set[property] then
      p[members[1]] = difference(r.desired[property], r.current[property])
      p[members[2]] = difference(r.current[property], r.desired[property])
    end
  end
  if set.PrivateDnsEnabled then p.PrivateDnsEnabled = r.desired.PrivateDnsEnabled end
  if set.PolicyDocument then
    p.PolicyDocument = shape.document(r.desired.PolicyDocument)
  end
  if set.DnsOptions then p.DnsOptions = r.desired.DnsOptions end
  if set.IpAddressType then p.IpAddressType = r.desired.IpAddressType end
  if #deep.keys(p) > 1 then r:call("ModifyVpcEndpoint", p) end
  if set.Tags then require("cso.kind.write").update_tags(r.kind, r) end
end

return kind "AWS::EC2::VPCEndpoint" {
  service = "ec2", id = "VpcEndpointId", tag_type = "vpc-endpoint",
  create = { "CreateVpcEndpoint", take = "VpcEndpoint", tags = "TagSpecifications", bare = true },
  read = {
    "DescribeVpcEndpoints", by = "VpcEndpointIds", list = "VpcEndpoints[]", key = "VpcEndpointId", batch = 100,
    gone_when = { State = { "deleted", "Deleted" } },
    failed_when = { State = { "failed", "Failed", "expired", "Expired" } }, failed_why = "LastError.Message",
    shape = function(model, raw)
      model.Id = raw.VpcEndpointId
      local groups, names = {}, {}
      for i, g in ipairs(raw.Groups or {}) do groups[i] = g.GroupId end
      for i, d in ipairs(raw.DnsEntries or {}) do names[i] = ("%s:%s"):format(d.HostedZoneId or "", d.DnsName or "") end
      model.SecurityGroupIds, model.DnsEntries = groups, names
      return model
    end,
  },
  update = update,
  fixed = { "VpcId", "ServiceName", "VpcEndpointType" },
  sets = { "SubnetIds", "RouteTableIds", "SecurityGroupIds" },
  delete = { "DeleteVpcEndpoints", by = "VpcEndpointIds" },
  gone = true,
  ready = { state = "State", ok = { "available", "Available" }, bad = { "failed", "Failed", "rejected", "Rejected" },
    reason = "LastError.Message" },
  seconds = { create = 60, delete = 60 },
}
