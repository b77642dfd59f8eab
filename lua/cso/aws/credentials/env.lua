--- Keys from the environment. Half a pair is an error, never a silent step to the next source.
local keys = require "cso.aws.credentials.keys"
local scalar = require "cso.aws.protocol.scalar"

local source = "environment"

--- @param ctx table { config }
--- @return table? keys
--- @return string? why not, when there is nothing here
--- @return cso.Err? err when there is something broken
local function load(ctx)
  local config = ctx.config
  local access, secret = config:variable "AWS_ACCESS_KEY_ID", config:variable "AWS_SECRET_ACCESS_KEY"
  if not access and not secret then return nil, "AWS_ACCESS_KEY_ID is not set" end
  if not access or not secret then
    local missing = access and "AWS_SECRET_ACCESS_KEY" or "AWS_ACCESS_KEY_ID"
    return nil, nil, keys.fail(source, missing .. " is missing beside its other half")
  end
  local expires = config:variable "AWS_CREDENTIAL_EXPIRATION"
  local found, bad = keys.written({
    access_key = access, secret_key = secret, source = source,
    token = config:variable "AWS_SECURITY_TOKEN" or config:variable "AWS_SESSION_TOKEN",
    account = config:variable "AWS_ACCOUNT_ID",
    expires = expires and scalar.read_time(expires),
  }, { access_key = "AWS_ACCESS_KEY_ID", secret_key = "AWS_SECRET_ACCESS_KEY", token = "AWS_SESSION_TOKEN" })
  return found, nil, bad
end

return { name = source, load = load }
