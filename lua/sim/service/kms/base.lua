--- Finding a key by any of the names KMS takes for it.
local base = {}

local function alias_target(ctx, name)
  local row = ctx:table("Alias"):get(name)
  if row then return row.TargetKeyId end
  -- Aliases of services exist in every account; their key is made when it is first asked for.
  local service = name:match("^alias/aws/([%w/_-]+)$")
  if not service then return nil end
  local id = ctx.ids:uuid()
  ctx:table("Key"):put(id, { KeyId = id, _policy = base.policy(ctx), KeyManager = "AWS", Description =
    "Default key that protects my " .. service .. " data when no other key is defined", Enabled = true,
    KeyState = "Enabled", KeyUsage = "ENCRYPT_DECRYPT", KeySpec = "SYMMETRIC_DEFAULT", Origin = "AWS_KMS",
    CreationDate = ctx.now, MultiRegion = false, Arn = ctx:arn("key/" .. id), _rotation = true, AWSAccountId = ctx.account })
  ctx:table("Alias"):put(name, { AliasName = name, AliasArn = ctx:arn(name), TargetKeyId = id, CreationDate = ctx.now,
    LastUpdatedDate = ctx.now })
  return id
end

--- The policy that a key gets when none is given.
function base.policy(ctx)
  return ('{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow",'
    .. '"Principal":{"AWS":"arn:%s:iam::%s:root"},"Action":"kms:*","Resource":"*"}]}'):format(ctx.partition, ctx.account)
end

--- The key's row; ends the request when there is none.
---@param ctx sim.Context
---@param name string   id, ARN, alias or alias ARN
function base.need(ctx, name)
  local id = name
  if name:match(":alias/") then id = name:match(":(alias/.+)$") end
  if id:match("^alias/") then
    local target = alias_target(ctx, id)
    if not target then
      ctx:fail("NotFoundException", ("Alias %s is not found."):format(ctx:arn(id)))
    end
    id = target
  end
  id = id:match("key/(.+)$") or id
  local row = ctx:table("Key"):get(id)
  if not row then ctx:fail("NotFoundException", ("Key '%s' does not exist"):format(ctx:arn("key/" .. id))) end
  if row._gone and row._gone <= ctx.now then
    ctx:table("Key"):delete(id)
    ctx:fail("NotFoundException", ("Key '%s' does not exist"):format(row.Arn))
  end
  return row
end

--- The same for operations that a key which waits for its deletion refuses.
function base.alive(ctx, name)
  local row = base.need(ctx, name)
  if row.KeyState == "PendingDeletion" then
    ctx:fail("KMSInvalidStateException", ("%s is pending deletion."):format(row.Arn))
  end
  return row
end

function base.save(ctx, row) ctx:table("Key"):put(row.KeyId, row) end

return base
