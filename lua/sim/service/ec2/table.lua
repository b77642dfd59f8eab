--- Route tables as data: the main one of a VPC, which table a subnet uses.
local base = require "sim.service.ec2.base"

local rtb = {}

--- Makes a route table with its local routes.
---@param ctx sim.Context
---@param vpc table
---@param tags table[]
---@return table row
function rtb.new(ctx, vpc, tags)
  local id = ctx.ids:ec2("rtb")
  local row = { RouteTableId = id, VpcId = vpc.VpcId, OwnerId = ctx.account, Associations = {},
    PropagatingVgws = {}, Routes = {}, Tags = tags }
  for i, a in ipairs(vpc.CidrBlockAssociationSet) do
    row.Routes[i] = { DestinationCidrBlock = a.CidrBlock, GatewayId = "local", Origin = "CreateRouteTable",
      State = "active" }
  end
  for _, a in ipairs(vpc.Ipv6CidrBlockAssociationSet) do
    table.insert(row.Routes, { DestinationIpv6CidrBlock = a.Ipv6CidrBlock, GatewayId = "local",
      Origin = "CreateRouteTable", State = "active" })
  end
  return base.save(ctx, "rtb", id, row)
end

--- Makes the main route table of a new VPC.
function rtb.main(ctx, vpc)
  local row = rtb.new(ctx, vpc, {})
  row.Associations[1] = { Main = true, RouteTableAssociationId = "rtbassoc-0" .. ctx.ids:hex(16),
    RouteTableId = row.RouteTableId, AssociationState = { State = "associated" } }
  base.save(ctx, "rtb", row.RouteTableId, row)
end

--- True for the main table of a VPC.
---@param row table
---@return boolean
function rtb.is_main(row)
  for _, a in ipairs(row.Associations) do if a.Main then return true end end
  return false
end

--- The table that a subnet uses: its own, else the main one.
---@param ctx sim.Context
---@param subnet table
---@return table row
function rtb.of(ctx, subnet)
  local main
  for _, row in ipairs(base.all(ctx, "rtb"):by("VpcId", subnet.VpcId)) do
    for _, a in ipairs(row.Associations) do
      if a.SubnetId == subnet.SubnetId then return row end
      if a.Main then main = row end
    end
  end
  return main
end

return rtb
