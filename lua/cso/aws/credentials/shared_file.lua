--- Long-lived keys of a profile in the credentials file. They go before what the profile's
--- login_session and credential_process say; the config file's keys come after those.
local files = require "cso.aws.credentials.files"

--- @param ctx table { config, profile? }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local own = ctx.config.shared and ctx.config.shared[name] or {}
  if own.aws_access_key_id or own.aws_secret_access_key then return files.load(ctx) end
  return nil, ("profile %s has no keys in %s"):format(name, ctx.config.credentials_path or "the file")
end

return { name = "credentials file", load = load }
