--- Volumes and snapshots.
local base = require "sim.service.ec2.base"
local disk = require "sim.service.ec2.disk"
local regions = require "sim.data.regions"

local volume = {}

function volume.CreateVolume(ctx, input)
  local wanted = input.AvailabilityZone or input.AvailabilityZoneId
  if not wanted then ctx:fail("MissingParameter", "The request must contain the parameter zone") end
  local zone = regions.zone(ctx.region, wanted)
  if not zone then
    ctx:fail("InvalidZone.NotFound", ("The zone '%s' does not exist."):format(wanted))
  end
  local snapshot = input.SnapshotId and base.find(ctx, "snap", input.SnapshotId)
  local spec = disk.check(ctx, { VolumeType = input.VolumeType, Size = input.Size or snapshot and snapshot.VolumeSize,
    Iops = input.Iops, Throughput = input.Throughput, SnapshotId = input.SnapshotId })
  spec.AvailabilityZone, spec.AvailabilityZoneId = zone.name, zone.id
  spec.Encrypted, spec.KmsKeyId, spec.SnapshotId = input.Encrypted, input.KmsKeyId, input.SnapshotId
  spec.MultiAttachEnabled = input.MultiAttachEnabled
  spec.Tags = base.tags(ctx, input, "volume")
  local row = disk.create(ctx, spec)
  row.State = "creating"
  return row
end

volume.DescribeVolumes = base.describe { kind = "vol", ids = "VolumeIds", out = "Volumes", filters = {
  ["attachment.attach-time"] = "Attachments.AttachTime", ["attachment.device"] = "Attachments.Device",
  ["attachment.delete-on-termination"] = "Attachments.DeleteOnTermination",
  ["attachment.instance-id"] = "Attachments.InstanceId", ["attachment.status"] = "Attachments.State",
  ["availability-zone"] = "AvailabilityZone", encrypted = "Encrypted", size = "Size", ["snapshot-id"] = "SnapshotId",
  status = "State", ["volume-id"] = "VolumeId", ["volume-type"] = "VolumeType",
  ["multi-attach-enabled"] = "MultiAttachEnabled", ["create-time"] = "CreateTime" } }

function volume.DeleteVolume(ctx, input)
  local row = base.find(ctx, "vol", input.VolumeId)
  local a = row.Attachments[1]
  if a then
    ctx:fail("VolumeInUse", ("Volume %s is currently attached to %s"):format(row.VolumeId, a.InstanceId))
  end
  base.all(ctx, "vol"):delete(row.VolumeId)
  return {}
end

local function attachment(row, instance_id, device, state, at)
  return { VolumeId = row.VolumeId, InstanceId = instance_id, Device = device, State = state, AttachTime = at,
    DeleteOnTermination = false }
end

function volume.AttachVolume(ctx, input)
  local row = base.fresh(ctx, base.find(ctx, "vol", input.VolumeId))
  local instance = base.fresh(ctx, base.find(ctx, "i", input.InstanceId))
  local state = instance.State.Name
  if state ~= "running" and state ~= "stopped" and state ~= "pending" then
    ctx:fail("IncorrectState", ("Instance '%s' is not 'running'."):format(instance.InstanceId))
  end
  if row.State == "in-use" then
    ctx:fail("VolumeInUse", ("%s is already attached to an instance"):format(row.VolumeId))
  elseif row.State ~= "available" then
    ctx:fail("IncorrectState", ("Volume '%s' is not 'available'."):format(row.VolumeId))
  end
  if row.AvailabilityZone ~= instance.Placement.AvailabilityZone then
    ctx:fail("InvalidVolume.ZoneMismatch", ("The volume '%s' is not in the same availability zone as instance '%s'")
      :format(row.VolumeId, instance.InstanceId))
  end
  for _, m in ipairs(instance.BlockDeviceMappings) do
    if m.DeviceName == input.Device then
      ctx:fail("InvalidParameterValue", ("Invalid value '%s' for unixDevice. Attachment point %s is already in use")
        :format(input.Device, input.Device))
    end
  end
  disk.attach(ctx, row, instance, input.Device, false)
  return attachment(row, instance.InstanceId, input.Device, "attaching", ctx.now)
end

function volume.DetachVolume(ctx, input)
  local row = base.find(ctx, "vol", input.VolumeId)
  local a = row.Attachments[1]
  if not a or (input.InstanceId and a.InstanceId ~= input.InstanceId) then
    ctx:fail("IncorrectState", ("Volume '%s' is in the 'available' state."):format(row.VolumeId))
  end
  disk.detach(ctx, row)
  return attachment(row, a.InstanceId, a.Device, "detaching", a.AttachTime)
end

function volume.ModifyVolume(ctx, input)
  local row = base.find(ctx, "vol", input.VolumeId)
  if input.Size and input.Size < row.Size then
    ctx:fail("InvalidParameterValue", ("New size cannot be smaller than existing size"))
  end
  local last = row._modification
  if last and last.StartTime > ctx.now - 6 * 3600 and ctx.clock.latency == "realistic" then
    ctx:fail("VolumeModificationRateExceeded", ("You've reached the maximum modification rate per volume limit. Wait "
      .. "at least 6 hours between modifications per EBS volume."))
  end
  local kind = input.VolumeType or row.VolumeType
  local same = kind == row.VolumeType
  local spec = disk.check(ctx, { VolumeType = kind, Size = input.Size or row.Size,
    Iops = input.Iops or (same and kind ~= "gp2" and row.Iops or nil),
    Throughput = input.Throughput or (same and row.Throughput or nil) })
  row._modification = { VolumeId = row.VolumeId, OriginalSize = row.Size, OriginalIops = row.Iops,
    OriginalVolumeType = row.VolumeType, OriginalThroughput = row.Throughput, TargetSize = spec.Size,
    TargetIops = spec.Iops, TargetVolumeType = spec.VolumeType, TargetThroughput = spec.Throughput, StartTime = ctx.now,
    OriginalMultiAttachEnabled = false, TargetMultiAttachEnabled = false }
  row._optimized = ctx:after(60)
  for k, v in next, spec do row[k] = v end
  row.Throughput = spec.Throughput
  base.save(ctx, "vol", row.VolumeId, row)
  local m = row._modification
  m.ModificationState, m.Progress = "modifying", 0
  return { VolumeModification = m }
end

function volume.DescribeVolumesModifications(ctx, input)
  local list = {}
  for _, row in ipairs(base.all(ctx, "vol"):list()) do
    if row._modification and (not input.VolumeIds or not input.VolumeIds[1] or base.has(input.VolumeIds, row.VolumeId))
    then
      local m, done = row._modification, ctx:due(row._optimized)
      m.ModificationState, m.Progress = done and "completed" or "optimizing", done and 100 or 50
      m.EndTime = done and row._optimized or nil
      list[#list + 1] = m
    end
  end
  if input.VolumeIds and input.VolumeIds[1] and not list[1] then
    ctx:fail("InvalidVolumeModification.NotFound", ("Modification for volume '%s' does not exist.")
      :format(input.VolumeIds[1]))
  end
  return { VolumesModifications = list }
end

function volume.ModifyVolumeAttribute(ctx, input)
  local row = base.find(ctx, "vol", input.VolumeId)
  if input.AutoEnableIO then row._auto_enable_io = input.AutoEnableIO.Value end
  base.save(ctx, "vol", row.VolumeId, row)
  return {}
end

function volume.DescribeVolumeAttribute(ctx, input)
  local row = base.find(ctx, "vol", input.VolumeId)
  local out = { VolumeId = row.VolumeId }
  if input.Attribute == "autoEnableIO" then out.AutoEnableIO = { Value = row._auto_enable_io or false }
  else out.ProductCodes = {} end
  return out
end

function volume.DescribeVolumeStatus(ctx, input)
  local list = {}
  for _, row in ipairs(base.all(ctx, "vol"):list()) do
    if not input.VolumeIds or not input.VolumeIds[1] or base.has(input.VolumeIds, row.VolumeId) then
      list[#list + 1] = { VolumeId = row.VolumeId, AvailabilityZone = row.AvailabilityZone, Actions = {}, Events = {},
        VolumeStatus = { Status = "ok", Details = { { Name = "io-enabled", Status = "passed" } } } }
    end
  end
  return { VolumeStatuses = list }
end

function volume.CreateSnapshot(ctx, input)
  local from = base.find(ctx, "vol", input.VolumeId)
  local id = ctx.ids:ec2("snap")
  local row = { SnapshotId = id, VolumeId = from.VolumeId, VolumeSize = from.Size, StartTime = ctx.now, Progress = "100%",
    Description = input.Description or "", OwnerId = ctx.account, Encrypted = from.Encrypted, KmsKeyId = from.KmsKeyId,
    StorageTier = "standard", Tags = base.tags(ctx, input, "snapshot") }
  ctx:phases(row, "pending", 30, "completed")
  base.save(ctx, "snap", id, row)
  row.State = "pending"
  return row
end

volume.DescribeSnapshots = base.describe { kind = "snap", ids = "SnapshotIds", out = "Snapshots", filters = {
  ["snapshot-id"] = "SnapshotId", status = "State", ["volume-id"] = "VolumeId", ["owner-id"] = "OwnerId",
  ["volume-size"] = "VolumeSize", encrypted = "Encrypted", description = "Description" } }

function volume.DeleteSnapshot(ctx, input)
  base.find(ctx, "snap", input.SnapshotId)
  base.all(ctx, "snap"):delete(input.SnapshotId)
  return {}
end

return volume
