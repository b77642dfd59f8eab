--- What has a public address comes after its network's way to the internet: EC2 and ELB refuse it
--- before the gateway is attached, and no property names that. Here the network leads from one to the other.
local OPENS, NETWORK = "AWS::EC2::VPCGatewayAttachment", "AWS::EC2::VPC"

local function faces_the_internet(p) return p.Scheme ~= "internal" end

-- Whether what is declared wants the gateway.
local PUBLIC = {
  ["AWS::EC2::EIP"] = function(p) return p.InstanceId ~= nil end,
  ["AWS::EC2::EIPAssociation"] = function() return true end,
  ["AWS::EC2::NatGateway"] = function(p) return p.ConnectivityType ~= "private" end,
  ["AWS::EC2::Route"] = function(p) return p.GatewayId ~= nil end,
  ["AWS::ElasticLoadBalancing::LoadBalancer"] = faces_the_internet,
  ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = faces_the_internet,
}

-- Everything that a node needs, directly or through others.
local function needs_of(work, address)
  local seen, stack = {}, { address }
  while #stack > 0 do
    local node = work.nodes[table.remove(stack)]
    for _, need in ipairs(node and node.depends or {}) do
      if not seen[need] then
        seen[need] = true
        stack[#stack + 1] = need
      end
    end
  end
  return seen
end

local function with(list, address)
  local out = table.move(list, 1, #list, 1, {})
  out[#out + 1] = address
  table.sort(out)
  return out
end

-- The ways to the internet that are declared, each with the networks that it opens.
local function ways(work)
  local list
  for _, address in ipairs(work.addresses) do
    local node = work.nodes[address]
    if node and node.type == OPENS and not node.orphan and node.decl.properties.InternetGatewayId ~= nil then
      for _, need in ipairs(node.depends) do
        if work.nodes[need] and work.nodes[need].type == NETWORK then
          list = list or {}
          list[#list + 1] = { address = address, network = need }
        end
      end
    end
  end
  return list
end

return function(work)
  local open = ways(work)
  for _, address in ipairs(open and work.addresses or {}) do
    local node = work.nodes[address]
    local public = node and not node.orphan and PUBLIC[node.type]
    if public and public(node.decl.properties) then
      local needs = needs_of(work, address)
      for _, way in ipairs(open) do
        if needs[way.network] and not needs[way.address] and not needs_of(work, way.address)[address] then
          node.depends, node.implied = with(node.depends, way.address), true
        end
      end
    end
  end
  return true
end
