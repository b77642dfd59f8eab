--- A role assumed with a token file (EKS, GitHub's OIDC and the like). The call is unsigned.
local keys = require "cso.aws.credentials.keys"

local function blank(v) return v == nil or v == "" end

--- @param ctx table { config, profile?, sts, clock, read_file }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local profile = ctx.config:profile(name) or {}
  local use_env = not ctx.profile and not ctx.config.explicit_profile
  local function setting(variable, key)
    local v = use_env and ctx.config:variable(variable) or profile[key]
    return not blank(v) and v or nil
  end
  local file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file")
  if not file then return nil, "no web identity token file is set" end
  local source = "web identity"
  local role = setting("AWS_ROLE_ARN", "role_arn")
  if not role then
    return nil, nil, keys.fail(source, "a token file is set, but no role", "set AWS_ROLE_ARN")
  end
  local token = ctx.read_file(file)
  if not token then return nil, nil, keys.fail(source, "cannot read the token file " .. file) end
  local answer, e = ctx.sts(nil):call("AssumeRoleWithWebIdentity", {
    RoleArn = role, WebIdentityToken = (token:gsub("%s+$", "")),
    RoleSessionName = setting("AWS_ROLE_SESSION_NAME", "role_session_name")
      or keys.session_name(ctx.clock()),
  }, { repeatable = true })
  if not answer then
    local fault = keys.fail(source, ("%s: %s"):format(e.code or "failed", e.message))
    fault.cause = e
    return nil, nil, fault
  end
  local found, bad = keys.of_role(answer, role, source)
  return found, nil, bad
end

return { name = "web identity", load = load }
