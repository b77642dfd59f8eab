--- Backup vaults, with their policy, notifications and lock.
local vault = {}

local function all(ctx) return ctx:table("BackupVault") end

local function find(ctx, name)
  local row = all(ctx):get(name)
  if not row then
    ctx:fail("ResourceNotFoundException", ("Backup vault %s was not found."):format(name))
  end
  return row
end

local function save(ctx, row)
  all(ctx):put(row.BackupVaultName, row)
  return {}
end

function vault.CreateBackupVault(ctx, input)
  local name = input.BackupVaultName
  if not name:match("^[%w_-]+$") or #name < 2 or #name > 50 then
    ctx:fail("InvalidParameterValueException", "A vault's name has 2 to 50 letters, digits, hyphens or underscores.")
  end
  if all(ctx):get(name) then
    ctx:fail("AlreadyExistsException", ("Backup vault with the same name already exists: %s"):format(name))
  end
  local row = { BackupVaultName = name, BackupVaultArn = ctx:arn("backup-vault:" .. name), CreationDate = ctx.now,
    EncryptionKeyArn = input.EncryptionKeyArn or ctx:arn("key/" .. ctx.ids:uuid(), "kms"), VaultType = "BACKUP_VAULT",
    VaultState = "AVAILABLE", NumberOfRecoveryPoints = 0, Locked = false, CreatorRequestId = input.CreatorRequestId,
    _tags = input.BackupVaultTags or {} }
  save(ctx, row)
  return row
end

function vault.DescribeBackupVault(ctx, input) return find(ctx, input.BackupVaultName) end

function vault.ListBackupVaults(ctx, input)
  local page, token = ctx:page(all(ctx):list(), input.NextToken, input.MaxResults, 1000)
  return { BackupVaultList = page, NextToken = token }
end

function vault.DeleteBackupVault(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  if row.Locked and row.LockDate and row.LockDate <= ctx.now then
    ctx:fail("InvalidRequestException", "A locked vault cannot be deleted.")
  end
  all(ctx):delete(row.BackupVaultName)
  return {}
end

function vault.PutBackupVaultAccessPolicy(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  row._policy = input.Policy
  return save(ctx, row)
end

function vault.GetBackupVaultAccessPolicy(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  if not row._policy then
    ctx:fail("ResourceNotFoundException", ("Backup vault %s has no access policy."):format(row.BackupVaultName))
  end
  return { BackupVaultName = row.BackupVaultName, BackupVaultArn = row.BackupVaultArn, Policy = row._policy }
end

function vault.DeleteBackupVaultAccessPolicy(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  row._policy = nil
  return save(ctx, row)
end

function vault.PutBackupVaultNotifications(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  row._topic, row._events = input.SNSTopicArn, input.BackupVaultEvents
  return save(ctx, row)
end

function vault.GetBackupVaultNotifications(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  if not row._topic then
    ctx:fail("ResourceNotFoundException", ("Backup vault %s has no notifications."):format(row.BackupVaultName))
  end
  return { BackupVaultName = row.BackupVaultName, BackupVaultArn = row.BackupVaultArn, SNSTopicArn = row._topic,
    BackupVaultEvents = row._events }
end

function vault.DeleteBackupVaultNotifications(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  row._topic, row._events = nil, nil
  return save(ctx, row)
end

function vault.PutBackupVaultLockConfiguration(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  row.Locked, row.MinRetentionDays, row.MaxRetentionDays = true, input.MinRetentionDays, input.MaxRetentionDays
  row.LockDate = input.ChangeableForDays and ctx.now + input.ChangeableForDays * 86400 or nil
  return save(ctx, row)
end

function vault.DeleteBackupVaultLockConfiguration(ctx, input)
  local row = find(ctx, input.BackupVaultName)
  if row.LockDate and row.LockDate <= ctx.now then
    ctx:fail("InvalidRequestException", "The lock can no longer be changed.")
  end
  row.Locked, row.MinRetentionDays, row.MaxRetentionDays, row.LockDate = false, nil, nil, nil
  return save(ctx, row)
end

return vault
