--- Who am I, and temporary credentials.
local credential = require "sim.help.credential"

local function assumed(ctx, role_arn, session, seconds)
  local account, role = role_arn:match("^arn:[%w-]+:iam::(%d+):role/(.+)$")
  if not account then
    ctx:fail("ValidationError", role_arn .. " is invalid")
  end
  local name = role:match("([^/]+)$")
  local user = { AssumedRoleId = ctx.ids:iam("AROA") .. ":" .. session,
    Arn = ("arn:%s:sts::%s:assumed-role/%s/%s"):format(ctx.partition, account, name, session) }
  local c = credential.temporary(ctx, account, user.Arn, user.AssumedRoleId, seconds)
  return { AssumedRoleUser = user, Credentials = c, PackedPolicySize = 0 }
end

return {
  GetCallerIdentity = function(ctx)
    local who = ctx.who
    return { Account = who.account, UserId = who.user_id or who.account,
      Arn = who.arn or ("arn:%s:iam::%s:root"):format(ctx.partition, who.account) }
  end,

  GetAccessKeyInfo = function(ctx, input)
    local c = ctx.world:credential(input.AccessKeyId)
    if not c then ctx:fail("ValidationError", "AccessKeyId is invalid") end
    return { Account = c.account }
  end,

  AssumeRole = function(ctx, input)
    return assumed(ctx, input.RoleArn, input.RoleSessionName, input.DurationSeconds or 3600)
  end,

  AssumeRoleWithWebIdentity = function(ctx, input)
    local out = assumed(ctx, input.RoleArn, input.RoleSessionName, input.DurationSeconds or 3600)
    out.Provider, out.Audience, out.SubjectFromWebIdentityToken = "localhost", "sts.amazonaws.com", "subject"
    return out
  end,

  GetSessionToken = function(ctx, input)
    local who = ctx.who
    return { Credentials = credential.temporary(ctx, who.account, who.arn, who.user_id, input.DurationSeconds or 43200) }
  end,
}
