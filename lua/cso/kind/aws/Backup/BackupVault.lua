local kind = require "cso.kind.declare"
local shape = require "cso.kind.shape"
local json = require "cso.std.json"

return kind "AWS::Backup::BackupVault" {
  service = "backup", id = "BackupVaultName",
  create = { "CreateBackupVault", tags = "BackupVaultTags", skip = { "LockConfiguration", "Notifications", "AccessPolicy" } },
  read = {
    "DescribeBackupVault", tags = "read",
    shape = function(model, _, r)
      if r.desired.AccessPolicy then
        local out = r:try("GetBackupVaultAccessPolicy", { BackupVaultName = r.id })
        model.AccessPolicy = out and out.Policy and json.decode(out.Policy)
      end
      if r.desired.Notifications then
        local out = r:try("GetBackupVaultNotifications", { BackupVaultName = r.id })
        model.Notifications = out and { SNSTopicArn = out.SNSTopicArn, BackupVaultEvents = out.BackupVaultEvents }
      end
      return model
    end,
  },
  update = {
    AccessPolicy = function(r, want)
      if not want then return r:call("DeleteBackupVaultAccessPolicy", { BackupVaultName = r.id }) end
      r:call("PutBackupVaultAccessPolicy", { BackupVaultName = r.id, Policy = shape.document(want) })
    end,
    Notifications = function(r, want)
      if not want then return r:call("DeleteBackupVaultNotifications", { BackupVaultName = r.id }) end
      r:call("PutBackupVaultNotifications", { BackupVaultName = r.id, SNSTopicArn = want.SNSTopicArn,
        BackupVaultEvents = want.BackupVaultEvents })
    end,
    LockConfiguration = function(r, want)
      if not want then return r:call("DeleteBackupVaultLockConfiguration", { BackupVaultName = r.id }) end
      r:call("PutBackupVaultLockConfiguration", { BackupVaultName = r.id, MinRetentionDays = want.MinRetentionDays,
        MaxRetentionDays = want.MaxRetentionDays, ChangeableForDays = want.ChangeableForDays })
    end,
  },
  write_only = { "LockConfiguration" },
  removes = { "AccessPolicy", "LockConfiguration", "Notifications" },
  tag_id = function(_, raw) return raw.BackupVaultArn end,
  natural = function(r) return r.desired.BackupVaultName end,
  delete = { "DeleteBackupVault" },
  seconds = { create = 1, delete = 1 },
}
