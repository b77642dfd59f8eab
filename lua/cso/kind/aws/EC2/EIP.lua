local kind = require "cso.kind.declare"

return kind "AWS::EC2::EIP" {
  service = "ec2", id = "AllocationId", tag_type = "elastic-ip",
  create = { "AllocateAddress", id = "AllocationId", tags = "TagSpecifications", skip = { "InstanceId" } },
  read = { "DescribeAddresses", filter = "allocation-id", list = "Addresses[]", key = "AllocationId" },
  update = {
    InstanceId = function(r, instance)
      if instance then
        r:call("AssociateAddress", { AllocationId = r.id, InstanceId = instance, AllowReassociation = true })
      elseif r.current.AssociationId then
        r:call("DisassociateAddress", { AssociationId = r.current.AssociationId })
      end
    end,
  },
  delete = { "ReleaseAddress", by = "AllocationId",
    retry = { "InvalidIPAddress.InUse", "AuthFailure", "InvalidAddress.Locked" } },
  seconds = { create = 1, delete = 1 },
}
