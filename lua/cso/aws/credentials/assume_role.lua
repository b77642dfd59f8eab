--- A role assumed with the keys of another profile or source, as a profile says.
local files = require "cso.aws.credentials.files"
local keys = require "cso.aws.credentials.keys"

local sources = {
  Environment = "cso.aws.credentials.env",
  Ec2InstanceMetadata = "cso.aws.credentials.imds",
  EcsContainer = "cso.aws.credentials.container",
}

local function blank(v) return v == nil or v == "" end

local assume

local function from_source(ctx, profile, name, source)
  local file = sources[profile.credential_source]
  if not file then
    return nil, keys.fail(source, ("credential_source %s is not one of Environment, "
      .. "Ec2InstanceMetadata, EcsContainer"):format(profile.credential_source))
  end
  local found, why, e = require(file).load(ctx)
  if found then return found end
  return nil, e or keys.fail(source, ("credential_source of profile %s: %s"):format(name, why))
end

local function from_profile(ctx, profile, name, source, seen)
  local base = profile.source_profile
  local target = ctx.config:profile(base)
  if not target then
    return nil, keys.fail(source, ("source_profile %s does not exist"):format(base))
  end
  local circle = ("the source profiles of %s form a circle"):format(name)
  if base ~= name and seen[base] then return nil, keys.fail(source, circle) end
  local inner = setmetatable({ profile = base }, { __index = ctx })
  -- Keys in the source profile end the chain, even when it also names a role.
  local found, why, e = files.load(inner)
  if found or e then return found, e end
  if base == name then return nil, keys.fail(source, circle) end
  if not blank(target.role_arn) and blank(target.web_identity_token_file) then
    return assume(inner, base, target, seen)
  end
  for _, file in ipairs { "web_identity", "sso", "login", "process" } do
    found, _, e = require("cso.aws.credentials." .. file).load(inner)
    if found or e then return found, e end
  end
  return nil, keys.fail(source, why)
end

function assume(ctx, name, profile, seen)
  local source = "role of profile " .. name
  seen[name] = true
  local has_profile, has_source = not blank(profile.source_profile),
    not blank(profile.credential_source)
  if has_profile == has_source then
    return nil, keys.fail(source, has_profile
      and "both source_profile and credential_source are set; keep one"
      or "role_arn needs source_profile or credential_source beside it")
  end
  local base, e
  if has_profile then
    base, e = from_profile(ctx, profile, name, source, seen)
  else
    base, e = from_source(ctx, profile, name, source)
  end
  if not base then return nil, e end
  local seconds = profile.duration_seconds
  if not blank(seconds) and not math.tointeger(tonumber(seconds)) then
    return nil, keys.fail(source, ("duration_seconds is %s, and no whole number"):format(seconds))
  end
  local params = {
    RoleArn = profile.role_arn,
    RoleSessionName = not blank(profile.role_session_name) and profile.role_session_name
      or keys.session_name(ctx.clock()),
    ExternalId = not blank(profile.external_id) and profile.external_id or nil,
    DurationSeconds = not blank(seconds) and math.tointeger(tonumber(seconds)) or nil,
  }
  if not blank(profile.mfa_serial) then
    if not ctx.ask then
      return nil, keys.fail(source, "the role wants an MFA code and there is nobody to ask",
        "assume the role beforehand and hand over its keys in the environment")
    end
    local code = ctx.ask(profile.mfa_serial)
    if blank(code) then return nil, keys.fail(source, "the role wants an MFA code and none was given") end
    params.SerialNumber, params.TokenCode = profile.mfa_serial, code
  end
  local answer
  answer, e = ctx.sts(base):call("AssumeRole", params, { repeatable = true })
  if not answer then
    local fault = keys.fail(source, ("%s: %s"):format(e.code or "failed", e.message))
    fault.cause = e
    return nil, fault
  end
  return keys.of_role(answer, profile.role_arn, source)
end

--- @param ctx table { config, profile?, sts = fn(keys) -> client, clock, ask? }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local profile = ctx.config:profile(name) or {}
  if blank(profile.role_arn) or not blank(profile.web_identity_token_file) then
    return nil, ("profile %s has no role_arn with a source"):format(name)
  end
  local found, e = assume(ctx, name, profile, {})
  return found, nil, e
end

return { name = "assumed role", load = load }
