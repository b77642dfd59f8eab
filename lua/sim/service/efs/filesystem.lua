--- File systems.
local base = require "sim.service.efs.base"
local key = require "sim.help.key"
local tags = require "sim.help.tags"

local filesystem = {}

local function check_throughput(ctx, mode, amount)
  if mode == "provisioned" and not amount then
    base.fail(ctx, "BadRequest", "ProvisionedThroughputInMibps must be specified when ThroughputMode is provisioned.")
  elseif mode ~= "provisioned" and amount then
    base.fail(ctx, "BadRequest", "ProvisionedThroughputInMibps can be specified only when ThroughputMode is provisioned.")
  end
end

local function zone(ctx, name)
  if not name then return nil end
  if name:sub(1, #ctx.region) ~= ctx.region or not name:match("%l$") then
    base.fail(ctx, "UnsupportedAvailabilityZone", ("The Availability Zone %s is not supported."):format(name))
  end
  return name
end

function filesystem.CreateFileSystem(ctx, input)
  for _, row in ipairs(ctx:table("FileSystem"):by("CreationToken", input.CreationToken)) do
    base.fail(ctx, "FileSystemAlreadyExists", ("File system '%s' already exists with creation token '%s'"):format(
      row.FileSystemId, input.CreationToken), { FileSystemId = row.FileSystemId })
  end
  local mode = input.ThroughputMode or "bursting"
  check_throughput(ctx, mode, input.ProvisionedThroughputInMibps)
  if input.KmsKeyId and not input.Encrypted then
    base.fail(ctx, "BadRequest", "KmsKeyId can be specified only when Encrypted is true.")
  end
  if input.PerformanceMode == "maxIO" and (mode == "elastic" or input.AvailabilityZoneName) then
    base.fail(ctx, "BadRequest", "The maxIO performance mode is not supported for elastic throughput or One Zone file systems.")
  end
  local place = zone(ctx, input.AvailabilityZoneName)
  local list = tags.check(ctx, input.Tags, { code = "BadRequest" })
  local kms = input.Encrypted and key.arn(ctx, input.KmsKeyId or "alias/aws/elasticfilesystem", "BadRequest") or nil
  local id = ctx.ids:ec2("fs")
  local row = ctx:phases({ OwnerId = ctx.account, CreationToken = input.CreationToken, FileSystemId = id,
    FileSystemArn = ctx:arn("file-system/" .. id), CreationTime = ctx.now, PerformanceMode = input.PerformanceMode
      or "generalPurpose",
    Encrypted = input.Encrypted or false, KmsKeyId = kms, ThroughputMode = mode,
    ProvisionedThroughputInMibps = input.ProvisionedThroughputInMibps, AvailabilityZoneName = place, Tags = list,
    FileSystemProtection = { ReplicationOverwriteProtection = "ENABLED" }, _lifecycle = {},
    _backup = (input.Backup or place and input.Backup ~= false) and "ENABLED" or "DISABLED" }, "creating", 8, "available")
  base.save(ctx, "FileSystem", row)
  return base.view(ctx, row)
end

function filesystem.DescribeFileSystems(ctx, input)
  local rows
  if input.FileSystemId then
    rows = { base.need(ctx, "FileSystem", input.FileSystemId) }
  else
    rows = ctx:table("FileSystem"):list(function(row)
      return not input.CreationToken or row.CreationToken == input.CreationToken
    end)
  end
  local page, marker = base.page(ctx, rows, input.Marker, input.MaxItems)
  return { FileSystems = page, NextMarker = marker, Marker = input.Marker }
end

function filesystem.UpdateFileSystem(ctx, input)
  local row = base.available(ctx, input.FileSystemId)
  local mode = input.ThroughputMode or row.ThroughputMode
  local amount = input.ProvisionedThroughputInMibps or mode == "provisioned" and row.ProvisionedThroughputInMibps or nil
  check_throughput(ctx, mode, amount)
  row.ThroughputMode, row.ProvisionedThroughputInMibps = mode, amount
  ctx:phases(row, "updating", 10, "available")
  base.save(ctx, "FileSystem", row)
  return base.view(ctx, row)
end

function filesystem.UpdateFileSystemProtection(ctx, input)
  local row = base.available(ctx, input.FileSystemId)
  local wanted = input.ReplicationOverwriteProtection
  if wanted == "REPLICATING" then base.fail(ctx, "BadRequest", "REPLICATING can't be set.") end
  row.FileSystemProtection = { ReplicationOverwriteProtection = wanted
    or row.FileSystemProtection.ReplicationOverwriteProtection }
  base.save(ctx, "FileSystem", row)
  return row.FileSystemProtection
end

function filesystem.DeleteFileSystem(ctx, input)
  local row = base.need(ctx, "FileSystem", input.FileSystemId)
  if ctx:table("MountTarget"):one("FileSystemId", row.FileSystemId) then
    base.fail(ctx, "FileSystemInUse", ("Cannot delete file system %s: it has mount targets."):format(row.FileSystemId))
  end
  for _, point in ipairs(ctx:table("AccessPoint"):by("FileSystemId", row.FileSystemId)) do
    ctx:table("AccessPoint"):delete(point.AccessPointId)
  end
  base.remove(ctx, "FileSystem", row, 8)
  return {}
end

return filesystem
