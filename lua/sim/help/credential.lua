--- Access keys that are born inside the world (IAM users' keys, assumed roles).
local credential = {}

local base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Makes an access key and lets the gate know it.
---@param ctx sim.Context
---@param fields { account: string, arn: string?, user_id: string?, prefix: string?, session_token: string?, expires: number?, bucket: string? }
---@return table credential { access_key, secret_key, … }
function credential.make(ctx, fields)
  local c = { access_key = (fields.prefix or "AKIA") .. ctx.ids:text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    secret_key = ctx.ids:text(20, base64) .. ctx.ids:text(20, base64), account = fields.account, arn = fields.arn,
    user_id = fields.user_id, session_token = fields.session_token, expires = fields.expires,
    bucket = fields.bucket }
  ctx.world.store:collection("all/global/sts/~Credential"):put(c.access_key, c)
  return c
end

--- Forgets an access key.
---@param ctx sim.Context
---@param access_key string
function credential.forget(ctx, access_key)
  ctx.world.store:collection("all/global/sts/~Credential"):delete(access_key)
end

--- Temporary credentials in STS's form.
---@param ctx sim.Context
---@param account string
---@param arn string?
---@param user_id string?
---@param seconds integer
---@param bucket string?  a directory bucket that they are good for alone
---@return table Credentials
function credential.temporary(ctx, account, arn, user_id, seconds, bucket)
  local c = credential.make(ctx, { account = account, arn = arn, user_id = user_id, prefix = "ASIA", bucket = bucket,
    session_token = ctx.ids:text(31, base64) .. ctx.ids:text(31, base64) .. ctx.ids:text(31, base64),
    expires = ctx.now + seconds })
  return { AccessKeyId = c.access_key, SecretAccessKey = c.secret_key, SessionToken = c.session_token,
    Expiration = c.expires }
end

return credential
