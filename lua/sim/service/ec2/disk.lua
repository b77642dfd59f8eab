--- Volumes as rows: made by CreateVolume and by launching an instance.
local base = require "sim.service.ec2.base"

local disk = {}

-- Per type: smallest and largest GiB, default and largest IOPS, IOPS per GiB, throughput.
local limits = {
  gp3 = { 1, 65536, 3000, 80000, 500, 125, 2000 },
  gp2 = { 1, 16384 }, io1 = { 4, 16384, nil, 64000, 50 }, io2 = { 4, 65536, nil, 256000, 1000 },
  st1 = { 125, 16384 }, sc1 = { 125, 16384 }, standard = { 1, 1024 },
}

local function refuse(ctx, text, ...)
  ctx:fail("InvalidParameterValue", text:format(...))
end

--- Checks and completes size, type, IOPS and throughput.
---@param ctx sim.Context
---@param spec table { VolumeType, Size, Iops, Throughput, SnapshotId }
---@return table
function disk.check(ctx, spec)
  local kind = spec.VolumeType or "gp2"
  local l = limits[kind]
  if not l then refuse(ctx, "Volume type %s is not known.", kind) end
  local size = spec.Size
  if not size and spec.SnapshotId then size = 8 end
  if not size then ctx:fail("MissingParameter", "The request must contain the parameter size/snapshot") end
  if size < l[1] or size > l[2] then
    refuse(ctx, "Volume of %dGiB is %s the limit for volume type %s (%d to %d GiB).", size,
      size < l[1] and "smaller than" or "larger than", kind, l[1], l[2])
  end
  local iops = spec.Iops
  if iops and not l[4] then
    ctx:fail("InvalidParameterCombination", ("The parameter iops is not supported for %s volumes."):format(kind))
  end
  if (kind == "io1" or kind == "io2") and not iops then
    ctx:fail("MissingParameter", ("The request must contain the parameter iops for %s volumes."):format(kind))
  end
  if iops and (iops > l[4] or iops < 100 or iops > math.max(size * l[5], l[3] or 100)) then
    refuse(ctx, "Volume iops of %d is not possible for a %s volume of %dGiB.", iops, kind, size)
  end
  if kind == "gp3" and iops and iops < 3000 then
    refuse(ctx, "Volume iops of %d is too low; minimum is 3000.", iops)
  end
  if spec.Throughput and kind ~= "gp3" then
    ctx:fail("InvalidParameterCombination", ("The parameter throughput is not supported for %s volumes."):format(kind))
  end
  if spec.Throughput and (spec.Throughput < l[6] or spec.Throughput > l[7]) then
    refuse(ctx, "Throughput (MiBps) of %d is outside %d to %d.", spec.Throughput, l[6], l[7])
  end
  if kind == "gp2" then iops = math.max(100, math.min(16000, size * 3)) end
  return { VolumeType = kind, Size = size, Iops = iops or l[3],
    Throughput = kind == "gp3" and (spec.Throughput or 125) or nil }
end

--- Makes a volume.
---@param ctx sim.Context
---@param spec table checked facts plus AvailabilityZone, AvailabilityZoneId, Encrypted, KmsKeyId, SnapshotId, Tags
---@return table row
function disk.create(ctx, spec)
  local id = ctx.ids:ec2("vol")
  local key = spec.KmsKeyId
  if spec.Encrypted and not key then key = ctx:arn("key/" .. ctx.ids:uuid(), "kms") end
  local row = { VolumeId = id, AvailabilityZone = spec.AvailabilityZone, AvailabilityZoneId = spec.AvailabilityZoneId,
    Size = spec.Size, VolumeType = spec.VolumeType, Iops = spec.Iops, Throughput = spec.Throughput,
    Encrypted = spec.Encrypted or key ~= nil, KmsKeyId = key, SnapshotId = spec.SnapshotId or "", Attachments = {},
    MultiAttachEnabled = spec.MultiAttachEnabled or false, CreateTime = ctx.now, Tags = spec.Tags or {} }
  ctx:phases(row, "creating", 5, "available")
  return base.save(ctx, "vol", id, row)
end

--- Attaches a volume to an instance.
---@param ctx sim.Context
---@param row table
---@param instance table
---@param device string
---@param delete boolean goes with the instance
function disk.attach(ctx, row, instance, device, delete)
  row.Attachments = { { VolumeId = row.VolumeId, InstanceId = instance.InstanceId, Device = device,
    State = "attached", AttachTime = ctx.now, DeleteOnTermination = delete } }
  row._phases = { { "in-use" } }
  base.save(ctx, "vol", row.VolumeId, row)
  instance.BlockDeviceMappings = instance.BlockDeviceMappings or {}
  table.insert(instance.BlockDeviceMappings, { DeviceName = device, Ebs = { VolumeId = row.VolumeId,
    Status = "attached", AttachTime = ctx.now, DeleteOnTermination = delete } })
  base.save(ctx, "i", instance.InstanceId, instance)
end

--- Detaches a volume from whatever it is attached to.
---@param ctx sim.Context
---@param row table
function disk.detach(ctx, row)
  local a = row.Attachments[1]
  local instance = a and base.all(ctx, "i"):get(a.InstanceId)
  if instance then
    local keep = {}
    for _, m in ipairs(instance.BlockDeviceMappings) do
      if m.Ebs.VolumeId ~= row.VolumeId then keep[#keep + 1] = m end
    end
    instance.BlockDeviceMappings = keep
    base.save(ctx, "i", instance.InstanceId, instance)
  end
  row.Attachments = {}
  row._phases = { { "available" } }
  base.save(ctx, "vol", row.VolumeId, row)
end

return disk
