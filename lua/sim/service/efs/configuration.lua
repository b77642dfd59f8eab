--- A file system's policies: lifecycle, backup, resource policy, replication, preferences.
local base = require "sim.service.efs.base"
local json = require "cso.std.json"

local configuration = {}

function configuration.PutLifecycleConfiguration(ctx, input)
  local row, seen = base.available(ctx, input.FileSystemId), {}
  for _, policy in ipairs(input.LifecyclePolicies) do
    local n = 0
    for k in next, policy do
      n = n + 1
      if seen[k] then base.fail(ctx, "BadRequest", "One or more LifecyclePolicy objects specified are malformed.") end
      seen[k] = true
    end
    if n ~= 1 then base.fail(ctx, "BadRequest", "A LifecyclePolicy object holds one transition.") end
  end
  row._lifecycle = input.LifecyclePolicies
  base.save(ctx, "FileSystem", row)
  return { LifecyclePolicies = row._lifecycle }
end

function configuration.DescribeLifecycleConfiguration(ctx, input)
  return { LifecyclePolicies = base.need(ctx, "FileSystem", input.FileSystemId)._lifecycle }
end

function configuration.PutBackupPolicy(ctx, input)
  local row, status = base.available(ctx, input.FileSystemId), input.BackupPolicy.Status
  if status ~= "ENABLED" and status ~= "DISABLED" then
    base.fail(ctx, "ValidationException", "Status must be ENABLED or DISABLED.")
  end
  row._backup = status
  base.save(ctx, "FileSystem", row)
  return { BackupPolicy = { Status = status == "ENABLED" and "ENABLING" or "DISABLING" } }
end

function configuration.DescribeBackupPolicy(ctx, input)
  return { BackupPolicy = { Status = base.need(ctx, "FileSystem", input.FileSystemId)._backup } }
end

function configuration.PutFileSystemPolicy(ctx, input)
  local row = base.available(ctx, input.FileSystemId)
  local tree = json.decode(input.Policy)
  if type(tree) ~= "table" or type(tree.Statement) ~= "table" then
    base.fail(ctx, "InvalidPolicyException", "Policy document is malformed.")
  end
  row._policy = input.Policy
  base.save(ctx, "FileSystem", row)
  return { FileSystemId = row.FileSystemId, Policy = row._policy }
end

function configuration.DescribeFileSystemPolicy(ctx, input)
  local row = base.need(ctx, "FileSystem", input.FileSystemId)
  if not row._policy then
    base.fail(ctx, "PolicyNotFound", ("There is no policy for file system %s."):format(row.FileSystemId))
  end
  return { FileSystemId = row.FileSystemId, Policy = row._policy }
end

function configuration.DeleteFileSystemPolicy(ctx, input)
  local row = base.available(ctx, input.FileSystemId)
  row._policy = nil
  base.save(ctx, "FileSystem", row)
  return {}
end

function configuration.DescribeReplicationConfigurations(ctx, input)
  if input.FileSystemId then
    base.need(ctx, "FileSystem", input.FileSystemId)
    base.fail(ctx, "ReplicationNotFound", ("Replication configuration for file system %s not found."):format(input.FileSystemId))
  end
  return { Replications = {} }
end

function configuration.DescribeAccountPreferences()
  return { ResourceIdPreference = { ResourceIdType = "LONG_ID", Resources = { "FILE_SYSTEM", "MOUNT_TARGET" } } }
end

return configuration
