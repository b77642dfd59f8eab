local kind = require "cso.kind.declare"
local read = require "cso.kind.read"

local GONE = { disassociated = true, failed = true }

local function associations(vpc)
  local out = {}
  for _, a in ipairs(vpc.CidrBlockAssociationSet or {}) do
    out[#out + 1] = { id = a.AssociationId, state = a.CidrBlockState.State, block = a.CidrBlock, property = "CidrBlock" }
  end
  for _, a in ipairs(vpc.Ipv6CidrBlockAssociationSet or {}) do
    out[#out + 1] = { id = a.AssociationId, state = a.Ipv6CidrBlockState.State, block = a.Ipv6CidrBlock, six = true,
      property = "Ipv6CidrBlock" }
  end
  return out
end

local function look(r, vpc_id)
  local out, e = r:try("DescribeVpcs", { VpcIds = { vpc_id } })
  if not out and not read.is_gone(e) then error(e, 0) end
  local vpc = out and out.Vpcs[1]
  return vpc and associations(vpc) or {}
end

local function associated(r)
  for _, a in ipairs(look(r, r.desired.VpcId)) do
    if a.id == r.id and not GONE[a.state] then return a end
  end
end

return kind "AWS::EC2::VPCCidrBlock" {
  service = "ec2", id = "Id", claims = { "VpcId", "CidrBlock", "Ipv6CidrBlock" },
  create = { "AssociateVpcCidrBlock", id = function(_, _, out)
    return (out.CidrBlockAssociation or out.Ipv6CidrBlockAssociation).AssociationId
  end },
  -- Nothing of a block says more of it than the block itself: how it was asked for is not shown.
  read = function(r)
    local a = associated(r)
    if not a then return nil end
    local model = { Id = r.id }
    for k, v in pairs(r.desired) do model[k] = v end
    if model[a.property] then model[a.property] = a.block end
    return model
  end,
  find = function(r)
    for _, a in ipairs(look(r, r.desired.VpcId)) do
      local wanted = r.desired[a.property]
      local any = a.six and r.desired.AmazonProvidedIpv6CidrBlock
      if not GONE[a.state] and (wanted == a.block or any) then return a.id end
    end
  end,
  -- The subnets in it may be going at the same time.
  delete = { "DisassociateVpcCidrBlock", by = "AssociationId", retry = { "InvalidCidrBlock.InUse", "DependencyViolation" },
    gone = { "InvalidVpcCidrBlockAssociationID.NotFound" }, expect = 30 },
  gone = true,
  ready = function(r)
    r:poll("waiting for associated", function()
      local a = associated(r)
      return a and a.state == "associated"
    end, 5)
  end,
  use = "ready",
  seconds = { create = 3, delete = 3 },
}
