local compare = require "cso.kind.compare"
local kind = require "cso.kind.declare"
local find = require "cso.kind.find"
local shape = require "cso.kind.shape"
local tags = require "cso.kind.tags"
local json = require "cso.std.json"

--- One LifecyclePolicy holds one transition; their order means nothing.
local function transitions(list)
  local out = {}
  for _, p in ipairs(list or {}) do
    for k, v in pairs(p) do out[k] = v end
  end
  return out
end

--- A file system takes its settings only once it is available.
local function set(r, operation, params)
  params.FileSystemId = r.id
  r:poll("waiting for the file system to take settings", function()
    local out, e = r:try(operation, params)
    if out then return true end
    if e.code == "IncorrectFileSystemLifeCycleState" then return false end
    error(e, 0)
  end, 5)
end

return kind "AWS::EFS::FileSystem" {
  service = "efs", id = "FileSystemId",
  create = { "CreateFileSystem", tags = "Tags",
    skip = { "LifecyclePolicies", "FileSystemPolicy", "BackupPolicy", "FileSystemProtection", "ReplicationConfiguration" } },
  read = {
    "DescribeFileSystems", take = "FileSystems[0]", rename = { FileSystemArn = "Arn" },
      gone_when = { LifeCycleState = { "deleted" } },
    shape = function(model, _, r)
      local id = { FileSystemId = r.id }
      if r.desired.LifecyclePolicies then
        model.LifecyclePolicies = r:call("DescribeLifecycleConfiguration", id).LifecyclePolicies
      end
      if r.desired.BackupPolicy then
        local out = r:try("DescribeBackupPolicy", id)
        model.BackupPolicy = out and { Status = (out.BackupPolicy.Status or ""):gsub("ING$", "ED") }
      end
      if r.desired.FileSystemPolicy then
        local out = r:try("DescribeFileSystemPolicy", id)
        model.FileSystemPolicy = out and json.decode(out.Policy)
      end
      return model
    end,
  },
  update = {
    { "UpdateFileSystem", props = { "ThroughputMode", "ProvisionedThroughputInMibps" },
      always = { "ThroughputMode", "ProvisionedThroughputInMibps" } },
    LifecyclePolicies = function(r, want)
      set(r, "PutLifecycleConfiguration", { LifecyclePolicies = want or json.array {} })
    end,
    BackupPolicy = function(r, want)
      set(r, "PutBackupPolicy", { BackupPolicy = { Status = want and want.Status or "DISABLED" } })
    end,
    FileSystemPolicy = function(r, want)
      if want then
        set(r, "PutFileSystemPolicy", { Policy = shape.document(want),
          BypassPolicyLockoutSafetyCheck = r.desired.BypassPolicyLockoutSafetyCheck })
      else
        set(r, "DeleteFileSystemPolicy", {})
      end
    end,
    FileSystemProtection = function(r, want)
      if not want then return end
      set(r, "UpdateFileSystemProtection", { ReplicationOverwriteProtection = want.ReplicationOverwriteProtection })
    end,
  },
  same = {
    LifecyclePolicies = function(want, have)
      local a, b = transitions(want), transitions(have)
      for k, v in pairs(a) do if b[k] ~= v then return false end end
      for k in pairs(b) do if a[k] == nil then return false end end
      return true
    end,
    FileSystemPolicy = function(want, have) return compare.json(want, have) end,
  },
  removes = { "FileSystemPolicy" },
  defaults = { LifecyclePolicies = {}, ThroughputMode = "bursting", BackupPolicy = { Status = "DISABLED" },
    FileSystemProtection = { ReplicationOverwriteProtection = "ENABLED" } },
  find = function(r)
    -- Asked without a token, EFS lists everybody's.
    if not r.token then return nil end
    local token
    repeat
      local out = r:call("DescribeFileSystems", { Marker = token, CreationToken = r.token })
      for _, fs in ipairs(out.FileSystems) do
        local there = fs.LifeCycleState ~= "deleted" and fs.LifeCycleState ~= "deleting"
        if there and find.owned(r, tags.to_map(fs.Tags, true)) then return fs.FileSystemId end
      end
      token = out.NextMarker
    until not token or token == ""
  end,
  delete = { "DeleteFileSystem", retry = { "FileSystemInUse" }, expect = 60 },
  gone = true,
  ready = { state = "LifeCycleState", ok = { "available" }, bad = { "error" } },
  -- A mount target or an access point is refused until the file system is available.
  use = "ready",
  seconds = { create = 10, delete = 10 },
}
