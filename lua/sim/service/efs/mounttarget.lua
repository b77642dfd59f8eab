--- Mount targets: one per zone, each an interface in a subnet.
local base = require "sim.service.efs.base"
local interface = require "sim.service.ec2.interface"

local mounttarget = {}

local function check_groups(ctx, groups, vpc)
  if #(groups or {}) > 5 then base.fail(ctx, "SecurityGroupLimitExceeded", "A mount target can have five security groups.") end
  for _, id in ipairs(groups or {}) do
    local row = ctx:of("ec2"):table("SecurityGroup"):get(id)
    if not row or row.VpcId ~= vpc then
      base.fail(ctx, "SecurityGroupNotFound", ("One of the security groups '%s' does not exist in VPC %s."):format(id, vpc))
    end
  end
end

local function check_siblings(ctx, fs, subnet)
  for _, other in ipairs(ctx:table("MountTarget"):by("FileSystemId", fs.FileSystemId)) do
    if other.VpcId ~= subnet.VpcId then
      base.fail(ctx, "MountTargetConflict",
        "requested subnet for new mount target is not in the same VPC as existing mount targets")
    elseif other.AvailabilityZoneName == subnet.AvailabilityZone then
      base.fail(ctx, "MountTargetConflict", "mount target already exists in this AZ")
    end
  end
  if fs.AvailabilityZoneName and fs.AvailabilityZoneName ~= subnet.AvailabilityZone then
    base.fail(ctx, "AvailabilityZonesMismatch", "The file system and the subnet are in different Availability Zones.")
  end
end

-- What EC2 says of addresses, in EFS's words.
local codes = { ["InvalidIPAddress.InUse"] = "IpAddressInUse", InvalidParameterValue = "BadRequest",
  InsufficientFreeAddressesInSubnet = "NoFreeAddressesInSubnet" }

function mounttarget.CreateMountTarget(ctx, input)
  local fs = base.available(ctx, input.FileSystemId)
  local ec2 = ctx:of("ec2")
  local subnet = ec2:table("Subnet"):get(input.SubnetId)
  if not subnet then base.fail(ctx, "SubnetNotFound", ("The subnet ID '%s' does not exist"):format(input.SubnetId)) end
  check_groups(ctx, input.SecurityGroups, subnet.VpcId)
  check_siblings(ctx, fs, subnet)
  local id = ctx.ids:ec2("fsmt")
  local ok, eni = pcall(interface.create, ec2, { subnet = input.SubnetId, groups = input.SecurityGroups,
    address = input.IpAddress, description = ("EFS mount target for %s (%s)"):format(fs.FileSystemId, id), type = "efs",
    requester = "amazon-efs" })
  if not ok then
    if type(eni) ~= "table" or not codes[eni.code] then error(eni, 0) end
    base.fail(ctx, codes[eni.code], eni.message)
  end
  interface.attach(ec2, eni, { InstanceOwnerId = "amazon-aws", DeviceIndex = 0, DeleteOnTermination = false })
  local row = ctx:phases({ OwnerId = ctx.account, MountTargetId = id, FileSystemId = fs.FileSystemId, SubnetId = subnet.SubnetId,
    IpAddress = eni.PrivateIpAddress, NetworkInterfaceId = eni.NetworkInterfaceId, AvailabilityZoneId = subnet.AvailabilityZoneId,
    AvailabilityZoneName = subnet.AvailabilityZone, VpcId = subnet.VpcId, _interface = eni.NetworkInterfaceId },
    "creating", 80, "available")
  base.save(ctx, "MountTarget", row)
  return base.view(ctx, row)
end

function mounttarget.DescribeMountTargets(ctx, input)
  local rows
  if input.MountTargetId then
    rows = { base.need(ctx, "MountTarget", input.MountTargetId) }
  elseif input.FileSystemId or input.AccessPointId then
    local id = input.FileSystemId or base.need(ctx, "AccessPoint", input.AccessPointId).FileSystemId
    rows = ctx:table("MountTarget"):by("FileSystemId", base.need(ctx, "FileSystem", id).FileSystemId)
  else
    base.fail(ctx, "BadRequest", "One of FileSystemId, MountTargetId or AccessPointId must be specified.")
  end
  local page, marker = base.page(ctx, rows, input.Marker, input.MaxItems)
  return { MountTargets = page, NextMarker = marker, Marker = input.Marker }
end

function mounttarget.DescribeMountTargetSecurityGroups(ctx, input)
  local row, list = base.need(ctx, "MountTarget", input.MountTargetId), {}
  local eni = ctx:of("ec2"):table("NetworkInterface"):get(row._interface)
  for i, g in ipairs(eni.Groups) do list[i] = g.GroupId end
  return { SecurityGroups = list }
end

function mounttarget.ModifyMountTargetSecurityGroups(ctx, input)
  local row = base.need(ctx, "MountTarget", input.MountTargetId)
  if ctx:state(row) == "deleting" then
    base.fail(ctx, "IncorrectMountTargetState", ("Mount target %s is being deleted."):format(row.MountTargetId))
  end
  check_groups(ctx, input.SecurityGroups, row.VpcId)
  local ec2 = ctx:of("ec2")
  local eni = ec2:table("NetworkInterface"):get(row._interface)
  eni.Groups = interface.groups(ec2, row.VpcId, input.SecurityGroups)
  ec2:table("NetworkInterface"):put(row._interface, eni)
  return {}
end

function mounttarget.DeleteMountTarget(ctx, input)
  base.remove(ctx, "MountTarget", base.need(ctx, "MountTarget", input.MountTargetId), 20)
  return {}
end

return mounttarget
