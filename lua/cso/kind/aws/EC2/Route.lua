local kind = require "cso.kind.declare"

local destinations = { "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId" }
local targets = { "GatewayId", "NatGatewayId", "InstanceId", "NetworkInterfaceId", "VpcEndpointId", "TransitGatewayId",
  "VpcPeeringConnectionId", "EgressOnlyInternetGatewayId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn",
  "OdbNetworkArn" }

--- The id is "<route table>|<destination>".
local function destination(properties)
  for _, name in ipairs(destinations) do
    if properties[name] then return name, properties[name] end
  end
end

local function params(r)
  local p = { RouteTableId = r.desired.RouteTableId }
  local name, to = destination(r.desired)
  p[name] = to
  for _, target in ipairs(targets) do p[target] = r.desired[target] end
  return p
end

local function find_route(r)
  local id, to = r.id:match("^(.-)|(.+)$")
  local out = r:call("DescribeRouteTables", { Filters = { { Name = "route-table-id", Values = { id } } } })
  local found = out.RouteTables[1]
  for _, route in ipairs(found and found.Routes or {}) do
    if route.DestinationCidrBlock == to or route.DestinationIpv6CidrBlock == to or route.DestinationPrefixListId == to then
      return route, id
    end
  end
end

local function delete(r)
  local route, id = find_route(r)
  if not route then return end
  local p = { RouteTableId = id }
  local name, to = destination(route)
  p[name] = to
  local _, e = r:try("DeleteRoute", p)
  if e and e.code ~= "InvalidRoute.NotFound" then error(e, 0) end
end

local handles = { "RouteTableId" }
for _, list in ipairs { destinations, targets } do
  for _, name in ipairs(list) do handles[#handles + 1] = name end
end

return kind "AWS::EC2::Route" {
  service = "ec2", id = "Id", handles = handles,
  create = function(r)
    local _, to = destination(r.desired)
    if not to then r:fail("property", r.address .. " declares no destination", "set DestinationCidrBlock") end
    local _, e = r:try("CreateRoute", params(r))
    r.id = r.desired.RouteTableId .. "|" .. to
    -- The same route may stand there already: from a run that was interrupted.
    if e and e.code == "RouteAlreadyExists" and find_route(r) then r:call("ReplaceRoute", params(r))
    elseif e then
      r.id = nil
      error(e, 0)
    end
    r.attributes = { CidrBlock = to, RouteTableId = r.desired.RouteTableId }
  end,
  read = function(r)
    local route, id = find_route(r)
    if not route then return nil end
    local model = { RouteTableId = id }
    for _, name in ipairs(destinations) do model[name] = route[name] end
    for _, name in ipairs(targets) do model[name] = route[name] end
    -- The description shows an endpoint under the name of a gateway.
    if (model.GatewayId or ""):match("^vpce%-") then model.VpcEndpointId, model.GatewayId = model.GatewayId, nil end
    model.CidrBlock = route.DestinationCidrBlock or route.DestinationIpv6CidrBlock
    return model
  end,
  update = function(r) r:call("ReplaceRoute", params(r)) end,
  puts = true,
  natural = function(r)
    local _, to = destination(r.desired)
    return to and r.desired.RouteTableId .. "|" .. to
  end,
  delete = delete,
  seconds = { create = 1, delete = 1 },
}
