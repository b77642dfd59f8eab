--- Long-lived keys of a profile in the shared files.
local keys = require "cso.aws.credentials.keys"

local function blank(v) return v == nil or v == "" end

--- @param ctx table { config, profile = name? }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local profile = ctx.config:profile(name)
  if not profile then return nil, ("there is no profile %s"):format(name) end
  local access, secret = profile.aws_access_key_id, profile.aws_secret_access_key
  if blank(access) and blank(secret) then
    return nil, ("profile %s has no aws_access_key_id"):format(name)
  end
  if blank(access) or blank(secret) then
    return nil, nil, keys.fail("profile " .. name, (blank(access) and "aws_access_key_id"
      or "aws_secret_access_key") .. " is missing beside its other half")
  end
  local found, bad = keys.written({
    access_key = access, secret_key = secret, token = profile.aws_session_token,
    account = profile.aws_account_id, source = "profile " .. name,
  }, { access_key = "aws_access_key_id", secret_key = "aws_secret_access_key", token = "aws_session_token" })
  return found, nil, bad
end

return { name = "config file", load = load }
