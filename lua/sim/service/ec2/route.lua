--- Route tables, routes and associations.
local base = require "sim.service.ec2.base"
local ipv4 = require "sim.help.ipv4"
local rtb = require "sim.service.ec2.table"

local route = {}

function route.CreateRouteTable(ctx, input)
  local vpc = base.find(ctx, "vpc", input.VpcId)
  local tags = base.tags(ctx, input, "route-table")
  base.quota(ctx, #base.all(ctx, "rtb"):by("VpcId", vpc.VpcId), "Route tables per VPC", "RouteTableLimitExceeded")
  return { RouteTable = rtb.new(ctx, vpc, tags), ClientToken = input.ClientToken }
end

function route.DeleteRouteTable(ctx, input)
  local row = base.find(ctx, "rtb", input.RouteTableId)
  if row.Associations[1] then base.depends(ctx, "routeTable", row.RouteTableId) end
  base.all(ctx, "rtb"):delete(row.RouteTableId)
  return {}
end

-- Peering connections are made through Cloud Control.
local function peering(ctx, id)
  return ctx:of("cloudcontrol"):table("AWS::EC2::VPCPeeringConnection"):get(id)
end

-- Whether what a route points at still works.
local function state_of(ctx, r)
  if r.NatGatewayId then
    local nat = base.all(ctx, "nat"):get(r.NatGatewayId)
    local state = nat and base.fresh(ctx, nat).State
    if not nat or state == "deleted" or state == "failed" or state == "deleting" then return "blackhole" end
  elseif r.GatewayId and r.GatewayId:sub(1, 4) == "igw-" then
    local igw = base.all(ctx, "igw"):get(r.GatewayId)
    if not igw or not igw.Attachments[1] then return "blackhole" end
  elseif r.GatewayId and r.GatewayId:sub(1, 5) == "vpce-" then
    if not base.all(ctx, "vpce"):get(r.GatewayId) then return "blackhole" end
  elseif r.NetworkInterfaceId then
    if not base.all(ctx, "eni"):get(r.NetworkInterfaceId) then return "blackhole" end
  elseif r.VpcPeeringConnectionId and not peering(ctx, r.VpcPeeringConnectionId) then
    return "blackhole"
  end
  return "active"
end

route.DescribeRouteTables = base.describe { kind = "rtb", ids = "RouteTableIds", out = "RouteTables",
  view = function(ctx, row)
    -- A view of its own: one that is stale must not change what is stored.
    local routes = {}
    for i, r in ipairs(row.Routes) do
      local one = {}
      for k, v in pairs(r) do one[k] = v end
      one.State, routes[i] = state_of(ctx, r), one
    end
    local out = {}
    for k, v in pairs(row) do out[k] = v end
    out.Routes = routes
    return out
  end,
  filters = { ["association.gateway-id"] = "Associations.GatewayId",
    ["association.route-table-association-id"] = "Associations.RouteTableAssociationId",
    ["association.route-table-id"] = "Associations.RouteTableId", ["association.subnet-id"] = "Associations.SubnetId",
    ["association.main"] = "Associations.Main", ["owner-id"] = "OwnerId", ["route-table-id"] = "RouteTableId",
    ["route.destination-cidr-block"] = "Routes.DestinationCidrBlock",
    ["route.destination-ipv6-cidr-block"] = "Routes.DestinationIpv6CidrBlock",
    ["route.destination-prefix-list-id"] = "Routes.DestinationPrefixListId", ["route.gateway-id"] = "Routes.GatewayId",
    ["route.instance-id"] = "Routes.InstanceId", ["route.nat-gateway-id"] = "Routes.NatGatewayId",
    ["route.origin"] = "Routes.Origin", ["route.state"] = "Routes.State",
    ["route.vpc-peering-connection-id"] = "Routes.VpcPeeringConnectionId", ["vpc-id"] = "VpcId" } }

local destinations = { "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId" }
local targets = { "GatewayId", "NatGatewayId", "InstanceId", "NetworkInterfaceId", "VpcPeeringConnectionId",
  "TransitGatewayId", "EgressOnlyInternetGatewayId", "VpcEndpointId", "LocalGatewayId", "CarrierGatewayId",
  "CoreNetworkArn" }

local function destination(ctx, input)
  local name, value
  for _, d in ipairs(destinations) do
    if input[d] then
      if name then
        ctx:fail("InvalidParameterCombination", "Only one destination may be specified")
      end
      name, value = d, input[d]
    end
  end
  if not name then
    ctx:fail("MissingParameter", "The request must contain exactly one destination CIDR block or prefix list")
  end
  if name == "DestinationCidrBlock" then
    local cidr = ipv4.cidr(value)
    if not cidr then
      ctx:fail("InvalidParameterValue", ("Value (%s) for parameter destinationCidrBlock is invalid. "
        .. "This is not a valid CIDR block."):format(value))
    end
    value = cidr.text
  end
  return name, value
end

local function foreign(ctx, table_id, what, id)
  ctx:fail("InvalidParameterValue", ("route table %s and %s %s belong to different networks")
    :format(table_id, what, id))
end

-- Checks that a target exists and belongs to the table's VPC.
local check_target = {}

function check_target.GatewayId(ctx, row, id, out)
  if id:sub(1, 4) == "igw-" then
    local igw = base.find(ctx, "igw", id)
    if not igw.Attachments[1] or igw.Attachments[1].VpcId ~= row.VpcId then
      foreign(ctx, row.RouteTableId, "network gateway", id)
    end
  elseif id:sub(1, 4) ~= "vgw-" and id ~= "local" then
    ctx:fail("InvalidGatewayID.NotFound", ("The gateway ID '%s' does not exist"):format(id))
  end
  out.GatewayId = id
end

function check_target.NatGatewayId(ctx, row, id, out)
  local nat = base.find(ctx, "nat", id)
  if nat.VpcId ~= row.VpcId then foreign(ctx, row.RouteTableId, "NAT gateway", id) end
  local state = base.fresh(ctx, nat).State
  if state == "deleted" or state == "deleting" or state == "failed" then
    ctx:fail("InvalidNatGatewayID.NotFound", ("The natGateway ID '%s' does not exist"):format(id))
  end
  out.NatGatewayId = id
end

function check_target.InstanceId(ctx, _row, id, out)
  local instance = base.find(ctx, "i", id)
  if #instance._interfaces ~= 1 then
    ctx:fail("InvalidInstanceID", ("There are multiple interfaces attached to instance '%s'."):format(id))
  end
  out.InstanceId, out.InstanceOwnerId, out.NetworkInterfaceId = id, ctx.account, instance._interfaces[1]
end

function check_target.NetworkInterfaceId(ctx, row, id, out)
  local eni = base.find(ctx, "eni", id)
  if eni.VpcId ~= row.VpcId then foreign(ctx, row.RouteTableId, "interface", id) end
  out.NetworkInterfaceId = id
  out.InstanceId = eni.Attachment and eni.Attachment.InstanceId
end

function check_target.EgressOnlyInternetGatewayId(ctx, _row, id, out)
  base.find(ctx, "eigw", id)
  out.EgressOnlyInternetGatewayId = id
end

function check_target.VpcPeeringConnectionId(ctx, _row, id, out)
  if not peering(ctx, id) then base.find(ctx, "pcx", id) end
  out.VpcPeeringConnectionId = id
end

local function target(ctx, row, input, out)
  local name
  for _, t in ipairs(targets) do
    if input[t] then
      if name then
        ctx:fail("InvalidParameterCombination", "The request must contain exactly one target for the route")
      end
      name = t
    end
  end
  if not name then
    ctx:fail("MissingParameter", "The request must contain exactly one of gatewayId, natGatewayId, "
      .. "networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, "
      .. "localGatewayId, carrierGatewayId or instanceId")
  end
  if check_target[name] then
    check_target[name](ctx, row, input[name], out)
  else
    out[name] = input[name]
  end
end

local function position(row, name, value)
  for i, r in ipairs(row.Routes) do
    if r[name] == value then return i end
  end
end

function route.CreateRoute(ctx, input)
  local row = base.find(ctx, "rtb", input.RouteTableId)
  local name, value = destination(ctx, input)
  local new = { [name] = value, Origin = "CreateRoute", State = "active" }
  target(ctx, row, input, new)
  local at = position(row, name, value)
  if at then
    if row.Routes[at].GatewayId == "local" then
      ctx:fail("InvalidParameterValue", ("The destination CIDR block %s is equal to or more specific than one "
        .. "of this VPC's CIDR blocks. This route can target only an interface or an instance."):format(value))
    end
    ctx:fail("RouteAlreadyExists", ("The route identified by %s already exists."):format(value))
  end
  base.quota(ctx, #row.Routes, "Routes per route table", "RouteLimitExceeded")
  table.insert(row.Routes, new)
  base.save(ctx, "rtb", row.RouteTableId, row)
  return { Return = true }
end

local function existing(ctx, row, name, value)
  local at = position(row, name, value)
  if not at then
    ctx:fail("InvalidRoute.NotFound", ("no route with destination-cidr-block %s in route table %s")
      :format(value, row.RouteTableId))
  end
  return at
end

function route.ReplaceRoute(ctx, input)
  local row = base.find(ctx, "rtb", input.RouteTableId)
  local name, value = destination(ctx, input)
  local new = { [name] = value, Origin = "CreateRoute", State = "active" }
  target(ctx, row, input, new)
  row.Routes[existing(ctx, row, name, value)] = new
  base.save(ctx, "rtb", row.RouteTableId, row)
  return {}
end

function route.DeleteRoute(ctx, input)
  local row = base.find(ctx, "rtb", input.RouteTableId)
  local name, value = destination(ctx, input)
  local at = existing(ctx, row, name, value)
  if row.Routes[at].GatewayId == "local" then
    ctx:fail("InvalidParameterValue", ("cannot remove local route %s in route table %s")
      :format(value, row.RouteTableId))
  end
  table.remove(row.Routes, at)
  base.save(ctx, "rtb", row.RouteTableId, row)
  return {}
end

-- Finds an association by id: table, index.
local function association(ctx, id)
  for _, row in ipairs(base.all(ctx, "rtb"):list()) do
    for i, a in ipairs(row.Associations) do
      if a.RouteTableAssociationId == id then return row, i end
    end
  end
  ctx:fail("InvalidAssociationID.NotFound", ("The association ID '%s' does not exist"):format(id))
end

local function join(ctx, row, fields)
  fields.Main = fields.Main or false
  fields.RouteTableAssociationId = "rtbassoc-0" .. ctx.ids:hex(16)
  fields.RouteTableId = row.RouteTableId
  fields.AssociationState = { State = "associated" }
  table.insert(row.Associations, fields)
  base.save(ctx, "rtb", row.RouteTableId, row)
  return fields.RouteTableAssociationId, fields.AssociationState
end

function route.AssociateRouteTable(ctx, input)
  local row = base.find(ctx, "rtb", input.RouteTableId)
  if input.GatewayId then
    base.find(ctx, "igw", input.GatewayId)
    local id, state = join(ctx, row, { GatewayId = input.GatewayId })
    return { AssociationId = id, AssociationState = state }
  end
  local subnet = base.find(ctx, "subnet", input.SubnetId, "subnetId")
  if subnet.VpcId ~= row.VpcId then
    ctx:fail("InvalidParameterValue", ("Route table %s and subnet %s belong to different networks")
      :format(row.RouteTableId, subnet.SubnetId))
  end
  for _, other in ipairs(base.all(ctx, "rtb"):by("VpcId", row.VpcId)) do
    for _, a in ipairs(other.Associations) do
      if a.SubnetId == subnet.SubnetId then
        if other == row then
          return { AssociationId = a.RouteTableAssociationId, AssociationState = a.AssociationState }
        end
        ctx:fail("Resource.AlreadyAssociated", ("the specified association for route table %s conflicts with "
          .. "an existing association"):format(row.RouteTableId))
      end
    end
  end
  local id, state = join(ctx, row, { SubnetId = subnet.SubnetId })
  return { AssociationId = id, AssociationState = state }
end

function route.DisassociateRouteTable(ctx, input)
  local row, i = association(ctx, input.AssociationId)
  if row.Associations[i].Main then
    ctx:fail("InvalidParameterValue", ("cannot disassociate the main route table association %s")
      :format(input.AssociationId))
  end
  table.remove(row.Associations, i)
  base.save(ctx, "rtb", row.RouteTableId, row)
  return {}
end

function route.ReplaceRouteTableAssociation(ctx, input)
  local row, i = association(ctx, input.AssociationId)
  local into = base.find(ctx, "rtb", input.RouteTableId)
  local old = row.Associations[i]
  if into.VpcId ~= row.VpcId then
    ctx:fail("InvalidParameterValue", "The route tables belong to different networks")
  end
  table.remove(row.Associations, i)
  base.save(ctx, "rtb", row.RouteTableId, row)
  local id, state = join(ctx, into, { SubnetId = old.SubnetId, Main = old.Main })
  return { NewAssociationId = id, AssociationState = state }
end

return route
