--- Backup vaults: their key, policy, notifications, lock.
local base = require "sim.service.backup.base"
local json = require "cso.std.json"
local key = require "sim.help.key"
local tags = require "sim.help.tags"

local vault = {}

local function save(ctx, row) ctx:table("BackupVault"):put(row.BackupVaultName, row) end

function vault.CreateBackupVault(ctx, input)
  local name = input.BackupVaultName
  if not name:match("^[%w_-]+$") or #name < 2 or #name > 50 then
    base.invalid(ctx, "The backup vault's name is not valid: " .. name)
  end
  local old = ctx:table("BackupVault"):get(name)
  if old then
    if input.CreatorRequestId and old.CreatorRequestId == input.CreatorRequestId then return old end
    ctx:fail("AlreadyExistsException", "Backup vault with the same name already exists", nil,
      { Arn = old.BackupVaultArn, CreatorRequestId = old.CreatorRequestId })
  end
  local kms = key.arn(ctx, input.EncryptionKeyArn or "alias/aws/backup", "InvalidParameterValueException")
  local row = { BackupVaultName = name, BackupVaultArn = ctx:arn("backup-vault:" .. name), CreationDate = ctx.now,
    VaultType = "BACKUP_VAULT",
    VaultState = "AVAILABLE", EncryptionKeyArn = kms, CreatorRequestId = input.CreatorRequestId, NumberOfRecoveryPoints = 0,
    Locked = false, _tags = tags.merge_map(ctx, nil, input.BackupVaultTags, "InvalidParameterValueException") }
  save(ctx, row)
  return row
end

function vault.DescribeBackupVault(ctx, input) return base.vault(ctx, input.BackupVaultName) end

function vault.ListBackupVaults(ctx, input)
  local list = ctx:table("BackupVault"):list()
  table.sort(list, function(a, b) return a.BackupVaultName < b.BackupVaultName end)
  return base.page(ctx, list, input, "BackupVaultList")
end

function vault.DeleteBackupVault(ctx, input)
  local row = base.vault(ctx, input.BackupVaultName)
  ctx:table("BackupVault"):delete(row.BackupVaultName)
  return {}
end

function vault.ListRecoveryPointsByBackupVault(ctx, input)
  base.vault(ctx, input.BackupVaultName)
  return { RecoveryPoints = {} }
end

function vault.PutBackupVaultAccessPolicy(ctx, input)
  local row = base.vault(ctx, input.BackupVaultName)
  local tree = json.decode(input.Policy or "")
  if type(tree) ~= "table" or type(tree.Statement) ~= "table" then base.invalid(ctx, "The specified policy cannot be parsed.") end
  row._policy = input.Policy
  save(ctx, row)
  return {}
end

function vault.GetBackupVaultAccessPolicy(ctx, input)
  local row = base.vault(ctx, input.BackupVaultName)
  if not row._policy then ctx:fail("ResourceNotFoundException", "Backup vault has no access policy") end
  return { BackupVaultName = row.BackupVaultName, BackupVaultArn = row.BackupVaultArn, Policy = row._policy }
end

function vault.PutBackupVaultNotifications(ctx, input)
  local row = base.vault(ctx, input.BackupVaultName)
  if not ctx:of("sns"):table("Topic"):get(input.SNSTopicArn) then
    base.invalid(ctx, ("The topic %s does not exist."):format(input.SNSTopicArn))
  end
  row._notifications = { SNSTopicArn = input.SNSTopicArn, BackupVaultEvents = input.BackupVaultEvents }
  save(ctx, row)
  return {}
end

function vault.GetBackupVaultNotifications(ctx, input)
  local row = base.vault(ctx, input.BackupVaultName)
  local n = row._notifications
  if not n then ctx:fail("ResourceNotFoundException", "Backup vault has no notifications") end
  return { BackupVaultName = row.BackupVaultName, BackupVaultArn = row.BackupVaultArn, SNSTopicArn = n.SNSTopicArn,
    BackupVaultEvents = n.BackupVaultEvents }
end

local function clear(field)
  return function(ctx, input)
    local row = base.vault(ctx, input.BackupVaultName)
    row[field] = nil
    save(ctx, row)
    return {}
  end
end
vault.DeleteBackupVaultAccessPolicy, vault.DeleteBackupVaultNotifications = clear("_policy"), clear("_notifications")

function vault.PutBackupVaultLockConfiguration(ctx, input)
  local row = base.vault(ctx, input.BackupVaultName)
  local low, high, days = input.MinRetentionDays, input.MaxRetentionDays, input.ChangeableForDays
  if row.LockDate and row.LockDate <= ctx.now then
    ctx:fail("InvalidRequestException", "The vault lock configuration can no longer be changed.")
  end
  if days and days < 3 then base.invalid(ctx, "ChangeableForDays must be at least 3.") end
  if low and high and low > high then base.invalid(ctx, "MinRetentionDays must not exceed MaxRetentionDays.") end
  row.Locked, row.MinRetentionDays, row.MaxRetentionDays = true, low, high
  row.LockDate = days and ctx.now + days * 86400
  save(ctx, row)
  return {}
end

function vault.DeleteBackupVaultLockConfiguration(ctx, input)
  local row = base.vault(ctx, input.BackupVaultName)
  if row.LockDate and row.LockDate <= ctx.now then
    ctx:fail("InvalidRequestException", "The vault lock configuration can no longer be changed.")
  end
  row.Locked, row.MinRetentionDays, row.MaxRetentionDays, row.LockDate = false, nil, nil, nil
  save(ctx, row)
  return {}
end

return vault
