local kind = require "cso.kind.declare"

--- Every subnet always has exactly one association; "creating" one replaces what stands there and
--- gives it a new id, "deleting" it gives the subnet back to its VPC's default list.
local function of_subnet(r, subnet)
  local out = r:call("DescribeNetworkAcls", { Filters = { { Name = "association.subnet-id", Values = { subnet } } } })
  for _, acl in ipairs(out.NetworkAcls) do
    for _, a in ipairs(acl.Associations or {}) do
      if a.SubnetId == subnet then return a, acl end
    end
  end
end

local function replace(r, association, acl)
  return r:call("ReplaceNetworkAclAssociation", { AssociationId = association, NetworkAclId = acl }).NewAssociationId
end

return kind "AWS::EC2::SubnetNetworkAclAssociation" {
  service = "ec2", claims = { "SubnetId" }, id = "AssociationId", handles = { "SubnetId", "NetworkAclId" },
  create = function(r)
    local there = of_subnet(r, r.desired.SubnetId)
    if not there then r:fail("InvalidSubnetID.NotFound", r.desired.SubnetId .. " has no network ACL association") end
    local same = there.NetworkAclId == r.desired.NetworkAclId
    r.id = same and there.NetworkAclAssociationId or replace(r, there.NetworkAclAssociationId, r.desired.NetworkAclId)
    r.attributes = { AssociationId = r.id }
  end,
  read = function(r)
    local subnet = r.desired.SubnetId or r.attributes.SubnetId
    local there = of_subnet(r, subnet)
    if not there or there.NetworkAclAssociationId ~= r.id then return nil end
    return { AssociationId = r.id, SubnetId = subnet, NetworkAclId = there.NetworkAclId }
  end,
  delete = function(r)
    local there, acl = of_subnet(r, r.desired.SubnetId)
    if not there or there.NetworkAclAssociationId ~= r.id then return end
    local default = r:call("DescribeNetworkAcls", { Filters = {
      { Name = "vpc-id", Values = { acl.VpcId } }, { Name = "default", Values = { "true" } } } }).NetworkAcls[1]
    if default and default.NetworkAclId ~= there.NetworkAclId then replace(r, r.id, default.NetworkAclId) end
  end,
  find = function(r)
    local there = of_subnet(r, r.desired.SubnetId)
    return there and there.NetworkAclId == r.desired.NetworkAclId and there.NetworkAclAssociationId or nil
  end,
  seconds = { create = 1, delete = 1 },
}
