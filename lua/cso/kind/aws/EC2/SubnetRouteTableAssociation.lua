local kind = require "cso.kind.declare"

local function association(r, filter, value)
  local out = r:call("DescribeRouteTables", { Filters = { { Name = filter, Values = { value } } } })
  for _, route_table in ipairs(out.RouteTables) do
    for _, a in ipairs(route_table.Associations or {}) do
      local live = not a.AssociationState or a.AssociationState.State ~= "disassociated"
      if live and (a.RouteTableAssociationId == value or a.SubnetId == value) then return a end
    end
  end
end

return kind "AWS::EC2::SubnetRouteTableAssociation" {
  service = "ec2", claims = { "SubnetId" }, id = "Id",
  create = { "AssociateRouteTable", id = "AssociationId", bare = true },
  read = function(r)
    local a = association(r, "association.route-table-association-id", r.id)
    return a and { Id = a.RouteTableAssociationId, RouteTableId = a.RouteTableId, SubnetId = a.SubnetId }
  end,
  delete = { "DisassociateRouteTable", by = "AssociationId" },
  find = function(r)
    local a = association(r, "association.subnet-id", r.desired.SubnetId)
    return a and a.RouteTableId == r.desired.RouteTableId and a.RouteTableAssociationId or nil
  end,
  seconds = { create = 1, delete = 1 },
}
