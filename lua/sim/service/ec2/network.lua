--- Operations on network interfaces.
local base = require "sim.service.ec2.base"
local interface = require "sim.service.ec2.interface"

local network = {}

function network.CreateNetworkInterface(ctx, input)
  local tags = base.tags(ctx, input, "network-interface")
  base.quota(ctx, base.all(ctx, "eni").count, "Network interfaces per Region", "NetworkInterfaceLimitExceeded")
  local address = input.PrivateIpAddress
  for _, a in ipairs(input.PrivateIpAddresses or {}) do
    if a.Primary or not address then address = a.PrivateIpAddress end
  end
  local row = interface.create(ctx, { subnet = input.SubnetId, groups = input.Groups, description = input.Description,
    address = address, type = input.InterfaceType, tags = tags, extra = input.SecondaryPrivateIpAddressCount })
  return { NetworkInterface = row, ClientToken = input.ClientToken }
end

function network.DeleteNetworkInterface(ctx, input)
  local row = base.find(ctx, "eni", input.NetworkInterfaceId)
  if row.Attachment then
    ctx:fail("InvalidParameterValue", ("Network interface '%s' is currently in use."):format(row.NetworkInterfaceId))
  end
  interface.release(ctx, row.NetworkInterfaceId)
  return {}
end

network.DescribeNetworkInterfaces = base.describe { kind = "eni", ids = "NetworkInterfaceIds",
  out = "NetworkInterfaces", filters = {
    ["addresses.private-ip-address"] = "PrivateIpAddresses.PrivateIpAddress",
    ["association.allocation-id"] = "Association.AllocationId", ["association.public-ip"] = "Association.PublicIp",
    ["association.association-id"] = "Association.AssociationId",
    ["attachment.attachment-id"] = "Attachment.AttachmentId", ["attachment.instance-id"] = "Attachment.InstanceId",
    ["attachment.status"] = "Attachment.Status", ["attachment.device-index"] = "Attachment.DeviceIndex",
    ["attachment.delete-on-termination"] = "Attachment.DeleteOnTermination",
    ["availability-zone"] = "AvailabilityZone", description = "Description", ["group-id"] = "Groups.GroupId",
    ["group-name"] = "Groups.GroupName", ["interface-type"] = "InterfaceType", ["mac-address"] = "MacAddress",
    ["network-interface-id"] = "NetworkInterfaceId", ["owner-id"] = "OwnerId",
    ["private-dns-name"] = "PrivateDnsName", ["private-ip-address"] = "PrivateIpAddress",
    ["requester-id"] = "RequesterId", ["requester-managed"] = "RequesterManaged",
    ["source-dest-check"] = "SourceDestCheck", status = "Status", ["subnet-id"] = "SubnetId", ["vpc-id"] = "VpcId" } }

function network.ModifyNetworkInterfaceAttribute(ctx, input)
  local row = base.find(ctx, "eni", input.NetworkInterfaceId)
  if input.Groups and input.Groups[1] then row.Groups = interface.groups(ctx, row.VpcId, input.Groups) end
  if input.Description then row.Description = input.Description.Value end
  if input.SourceDestCheck then row.SourceDestCheck = input.SourceDestCheck.Value end
  if input.Attachment then
    if not row.Attachment or row.Attachment.AttachmentId ~= input.Attachment.AttachmentId then
      ctx:fail("InvalidAttachmentID.NotFound", ("The attachment ID '%s' does not exist")
        :format(tostring(input.Attachment.AttachmentId)))
    end
    row.Attachment.DeleteOnTermination = input.Attachment.DeleteOnTermination
  end
  base.save(ctx, "eni", row.NetworkInterfaceId, row)
  return {}
end

function network.DescribeNetworkInterfaceAttribute(ctx, input)
  local row = base.find(ctx, "eni", input.NetworkInterfaceId)
  local out = { NetworkInterfaceId = row.NetworkInterfaceId }
  local what = input.Attribute or "description"
  if what == "description" then out.Description = { Value = row.Description }
  elseif what == "groupSet" then out.Groups = row.Groups
  elseif what == "sourceDestCheck" then out.SourceDestCheck = { Value = row.SourceDestCheck }
  elseif what == "attachment" then out.Attachment = row.Attachment end
  return out
end

function network.AttachNetworkInterface(ctx, input)
  local row = base.find(ctx, "eni", input.NetworkInterfaceId)
  local instance = base.find(ctx, "i", input.InstanceId)
  if row.Attachment then
    ctx:fail("InvalidNetworkInterface.InUse", ("Network interface '%s' is currently in use.")
      :format(row.NetworkInterfaceId))
  end
  if row.AvailabilityZone ~= instance.Placement.AvailabilityZone then
    ctx:fail("InvalidParameterCombination", "The interface and the instance are in different Availability Zones")
  end
  interface.attach(ctx, row, { InstanceId = instance.InstanceId, InstanceOwnerId = ctx.account,
    DeviceIndex = input.DeviceIndex, NetworkCardIndex = input.NetworkCardIndex or 0, DeleteOnTermination = false })
  table.insert(instance._interfaces, row.NetworkInterfaceId)
  base.save(ctx, "i", instance.InstanceId, instance)
  return { AttachmentId = row.Attachment.AttachmentId, NetworkCardIndex = 0 }
end

function network.DetachNetworkInterface(ctx, input)
  for _, row in ipairs(base.all(ctx, "eni"):list()) do
    if row.Attachment and row.Attachment.AttachmentId == input.AttachmentId then
      if row.Attachment.DeviceIndex == 0 or row.RequesterManaged then
        ctx:fail("OperationNotPermitted", "The network interface at device index 0 cannot be detached.")
      end
      local instance = base.all(ctx, "i"):get(row.Attachment.InstanceId)
      if instance then
        instance._interfaces = base.without(instance._interfaces, row.NetworkInterfaceId)
        base.save(ctx, "i", instance.InstanceId, instance)
      end
      row.Attachment, row.Status = nil, "available"
      base.save(ctx, "eni", row.NetworkInterfaceId, row)
      return {}
    end
  end
  ctx:fail("InvalidAttachmentID.NotFound", ("The attachment ID '%s' does not exist"):format(input.AttachmentId))
end

return network
