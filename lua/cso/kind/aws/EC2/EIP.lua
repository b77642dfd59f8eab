local kind = require "cso.kind.declare"

local function take_off(r)
  local out = r:try("DescribeAddresses", { AllocationIds = { r.id } })
  local there = out and out.Addresses[1]
  if not there or not there.AssociationId then return end
  local _, e = r:try("DisassociateAddress", { AssociationId = there.AssociationId })
  if e and not e.code:match("NotFound") then error(e, 0) end
end

return kind "AWS::EC2::EIP" {
  service = "ec2", id = "AllocationId", tag_type = "elastic-ip",
  create = { "AllocateAddress", id = "AllocationId", tags = "TagSpecifications", skip = { "InstanceId" } },
  read = { "DescribeAddresses", filter = "allocation-id", list = "Addresses[]", key = "AllocationId" },
  update = {
    InstanceId = function(r, instance)
      if instance then
        r:call("AssociateAddress", { AllocationId = r.id, InstanceId = instance, AllowReassociation = true })
      else
        take_off(r)
      end
    end,
  },
  removes = { "InstanceId" },
  delete = { "ReleaseAddress", by = "AllocationId",
    retry = { "InvalidIPAddress.InUse", "AuthFailure", "InvalidAddress.Locked" },
    -- An address that stands on an instance is not released before it is taken off.
    with = function(_, r) if r.desired.InstanceId then take_off(r) end end },
  foretell = { delete = function(d) return { d.InstanceId and "DisassociateAddress" } end },
  seconds = { create = 1, delete = 1 },
}
