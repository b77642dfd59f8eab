--- Keys: life, policy, rotation, tags.
local base = require "sim.service.kms.base"
local json = require "cso.std.json"
local tagging = require "sim.help.tagging"
local tags = require "sim.help.tags"

local key = {}

local usage_of = { HMAC = "GENERATE_VERIFY_MAC" }

local function check_policy(ctx, text, bypass)
  local tree = json.decode(text)
  if type(tree) ~= "table" or type(tree.Statement) ~= "table" then
    ctx:fail("MalformedPolicyDocumentException",
      "Policy contains a statement with one or more invalid principals or syntax errors.")
  end
  local list = #tree.Statement > 0 and tree.Statement or { tree.Statement }
  for _, s in ipairs(list) do
    if s.Principal == nil then ctx:fail("MalformedPolicyDocumentException", "The policy has a statement without a principal.") end
  end
  -- A key that nobody may manage any more is refused unless the caller insists.
  local open
  for _, s in ipairs(list) do
    local who = json.encode(s.Principal)
    local what = json.encode(s.Action or "")
    if s.Effect == "Allow" and (what:match("kms:%*") or what:match("kms:PutKeyPolicy") or what:match('"%*"'))
      and (who:match(ctx.account) or who:match('%*')) then open = true end
  end
  if not open and not bypass then
    ctx:fail("MalformedPolicyDocumentException", "The new key policy will not allow you to update the key policy in the future.")
  end
  return text
end

local TAG_RULE = { code = "TagException", too_many = "LimitExceededException", key = "TagKey", value = "TagValue" }

local function metadata(row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  out.CustomerMasterKeySpec = row.KeySpec
  if row.KeyUsage == "ENCRYPT_DECRYPT" then
    out.EncryptionAlgorithms = { row.KeySpec == "SYMMETRIC_DEFAULT" and "SYMMETRIC_DEFAULT" or "RSAES_OAEP_SHA_256" }
  end
  return out
end

function key.CreateKey(ctx, input)
  local spec = input.KeySpec or input.CustomerMasterKeySpec or "SYMMETRIC_DEFAULT"
  local usage = input.KeyUsage or (spec == "SYMMETRIC_DEFAULT" and "ENCRYPT_DECRYPT") or usage_of[spec:match("^%u+")]
  if not usage then ctx:fail("ValidationException",
    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.") end
  local policy = input.Policy and check_policy(ctx, input.Policy, input.BypassPolicyLockoutSafetyCheck) or base.policy(ctx)
  local own_tags = tags.check(ctx, input.Tags, TAG_RULE)
  local id = ctx.ids:uuid()
  if input.MultiRegion then id = "mrk-" .. id:gsub("-", "") end
  local external = input.Origin == "EXTERNAL"
  local row = { KeyId = id, AWSAccountId = ctx.account, Arn = ctx:arn("key/" .. id), CreationDate = ctx.now,
    Enabled = not external, Description = input.Description or "", KeyUsage = usage, KeySpec = spec,
    KeyState = external and "PendingImport" or "Enabled", Origin = input.Origin or "AWS_KMS", KeyManager = "CUSTOMER",
    MultiRegion = input.MultiRegion or false, _policy = policy, _tags = own_tags }
  base.save(ctx, row)
  return { KeyMetadata = metadata(row) }
end

function key.DescribeKey(ctx, input) return { KeyMetadata = metadata(base.need(ctx, input.KeyId)) } end

function key.ListKeys(ctx, input)
  local list = {}
  for i, row in ipairs(ctx:table("Key"):list()) do list[i] = { KeyId = row.KeyId, KeyArn = row.Arn } end
  local page, marker = ctx:page(list, input.Marker, input.Limit, 100, "InvalidMarkerException")
  return { Keys = page, NextMarker = marker, Truncated = marker ~= nil }
end

function key.UpdateKeyDescription(ctx, input)
  local row = base.alive(ctx, input.KeyId)
  row.Description = input.Description
  base.save(ctx, row)
  return {}
end

function key.PutKeyPolicy(ctx, input)
  local row = base.alive(ctx, input.KeyId)
  row._policy = check_policy(ctx, input.Policy, input.BypassPolicyLockoutSafetyCheck)
  base.save(ctx, row)
  return {}
end

function key.GetKeyPolicy(ctx, input)
  return { Policy = base.need(ctx, input.KeyId)._policy, PolicyName = "default" }
end

function key.ListKeyPolicies(ctx, input)
  base.need(ctx, input.KeyId)
  return { PolicyNames = { "default" }, Truncated = false }
end

local function enabled(on)
  return function(ctx, input)
    local row = base.alive(ctx, input.KeyId)
    row.Enabled, row.KeyState = on, on and "Enabled" or "Disabled"
    base.save(ctx, row)
    return {}
  end
end
key.EnableKey, key.DisableKey = enabled(true), enabled(false)

function key.EnableKeyRotation(ctx, input)
  local row = base.alive(ctx, input.KeyId)
  if row.KeySpec ~= "SYMMETRIC_DEFAULT" then
    ctx:fail("UnsupportedOperationException", "Automatic key rotation is supported on symmetric encryption keys only.")
  end
  row._rotation, row._period = true, input.RotationPeriodInDays or row._period or 365
  base.save(ctx, row)
  return {}
end

function key.DisableKeyRotation(ctx, input)
  local row = base.alive(ctx, input.KeyId)
  row._rotation = false
  base.save(ctx, row)
  return {}
end

function key.GetKeyRotationStatus(ctx, input)
  local row = base.need(ctx, input.KeyId)
  local on = row._rotation or false
  return { KeyRotationEnabled = on, KeyId = row.Arn, RotationPeriodInDays = on and (row._period or 365) or nil,
    NextRotationDate = on and row.CreationDate + (row._period or 365) * 86400 or nil }
end

function key.ScheduleKeyDeletion(ctx, input)
  local row = base.alive(ctx, input.KeyId)
  local days = input.PendingWindowInDays or 30
  if days < 7 or days > 30 then ctx:fail("ValidationException", "PendingWindowInDays must be between 7 and 30.") end
  row.KeyState, row.Enabled, row.DeletionDate = "PendingDeletion", false, ctx.now + days * 86400
  row._gone = row.DeletionDate
  base.save(ctx, row)
  return { KeyId = row.Arn, DeletionDate = row.DeletionDate, KeyState = "PendingDeletion", PendingWindowInDays = days }
end

function key.CancelKeyDeletion(ctx, input)
  local row = base.need(ctx, input.KeyId)
  if row.KeyState ~= "PendingDeletion" then
    ctx:fail("KMSInvalidStateException", ("%s is not pending deletion."):format(row.Arn))
  end
  row.KeyState, row.DeletionDate, row._gone = "Disabled", nil, nil
  base.save(ctx, row)
  return { KeyId = row.Arn }
end

key.TagResource, key.UntagResource = tagging { at = "_tags", save = base.save, rule = TAG_RULE,
  find = function(ctx, input) return base.alive(ctx, input.KeyId) end }

function key.ListResourceTags(ctx, input)
  local page, marker = ctx:page(base.need(ctx, input.KeyId)._tags or {}, input.Marker, input.Limit, 50, "InvalidMarkerException")
  return { Tags = page, NextMarker = marker, Truncated = marker ~= nil }
end

function key.ListGrants(ctx, input)
  base.need(ctx, input.KeyId)
  return { Grants = {}, Truncated = false }
end

return key
