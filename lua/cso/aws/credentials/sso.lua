--- Keys of a single sign-on session, from the token that a login left in the cache.
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local keys = require "cso.aws.credentials.keys"
local scalar = require "cso.aws.protocol.scalar"

local function blank(v) return v == nil or v == "" end

--- The settings of a profile joined with those of its sso-session.
---@param ctx table
---@param profile table
---@param source string
---@return table? settings
---@return cso.Err? err
local function settings(ctx, profile, source)
  local merged = deep.copy(profile)
  if blank(profile.sso_session) then return merged end
  local session = ctx.config.sso_sessions[profile.sso_session]
  if not session then
    return nil, keys.fail(source, ("there is no [sso-session %s]"):format(profile.sso_session))
  end
  for _, key in ipairs { "sso_start_url", "sso_region" } do
    if not blank(profile[key]) and not blank(session[key]) and profile[key] ~= session[key] then
      return nil, keys.fail(source, ("%s differs between the profile and its sso-session"):format(key))
    end
    merged[key] = not blank(session[key]) and session[key] or profile[key]
  end
  merged.sso_registration_scopes = session.sso_registration_scopes
  return merged
end

--- Where a login keeps its token.
---@param ctx table
---@param seed string  the session's name, or the start URL
---@return string
local function file_of(ctx, seed)
  return ("%s/.aws/sso/cache/%s.json"):format(ctx.config.env.HOME or "", hash.sha1_hex(seed))
end

local function expiry(token)
  return scalar.read_time((tostring(token.expiresAt):gsub("UTC$", "Z")))
end

local function text(v) return type(v) == "string" and v ~= "" and v or nil end

-- A session's token is renewed ahead of its end when the login left what that takes.
local function renewed(ctx, token, region, now, file)
  if not (text(token.refreshToken) and text(token.clientId) and text(token.clientSecret)) then return nil end
  local registration = text(token.registrationExpiresAt) and scalar.read_time(token.registrationExpiresAt)
  if registration and registration <= now then return nil end
  local answer = ctx.client("sso-oidc", region):call("CreateToken", {
    clientId = token.clientId, clientSecret = token.clientSecret, grantType = "refresh_token",
    refreshToken = token.refreshToken })
  if not answer then return nil end
  -- The old refresh token may have ended with this call: the next run needs the new one.
  if ctx.write then
    local kept = deep.copy(token)
    kept.accessToken = answer.accessToken
    kept.refreshToken = answer.refreshToken or token.refreshToken
    kept.expiresAt = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(now + (answer.expiresIn or 0)))
    ctx.write(file, json.encode(kept))
  end
  return answer.accessToken
end

-- The token that a login left, renewed where it has to be: ahead of its end, or when it was refused.
local function access_of(ctx, profile, s, name, source, refused)
  local seed = blank(profile.sso_session) and s.sso_start_url or profile.sso_session
  local file = file_of(ctx, seed)
  local cached = ctx.read_file(file)
  local token = cached and json.decode(cached)
  local hint = ("run: csorun login --profile %s"):format(name)
  if type(token) ~= "table" or type(token.accessToken) ~= "string" then
    return nil, keys.fail(source, "there is no login token", hint)
  end
  local now, expires = ctx.clock(), expiry(token)
  local good = token.accessToken ~= refused and expires
  if good and expires > now + 15 * 60 then return token.accessToken, nil, hint end
  local access = renewed(ctx, token, s.sso_region, now, file) or (good and expires > now and token.accessToken)
  if not access then return nil, keys.fail(source, "the login token has expired", hint) end
  return access, nil, hint
end

--- The profile's token itself, for services that take bearer tokens.
---@param ctx table as for `load`
---@return string? token
---@return cso.Err? err
local function token_of(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local profile = ctx.config:profile(name) or {}
  local source = "single sign-on of profile " .. name
  if blank(profile.sso_session) then
    return nil, keys.fail(source, "a bearer token is wanted and the profile has no sso_session")
  end
  local s, e = settings(ctx, profile, source)
  if not s then return nil, e end
  local access
  access, e = access_of(ctx, profile, s, name, source)
  return access, e
end

--- @param ctx table { config, profile?, read_file, write?, clock, client = fn(service, region) -> client }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local profile = ctx.config:profile(name) or {}
  if blank(profile.sso_session) and blank(profile.sso_start_url) then
    return nil, ("profile %s has no sso settings"):format(name)
  end
  local source = "single sign-on of profile " .. name
  local s, e = settings(ctx, profile, source)
  if not s then return nil, nil, e end
  for _, key in ipairs { "sso_account_id", "sso_role_name", "sso_start_url", "sso_region" } do
    if blank(s[key]) then return nil, nil, keys.fail(source, key .. " is missing") end
  end
  local access, lacking, hint = access_of(ctx, profile, s, name, source)
  if not access then return nil, nil, lacking end
  local function ask()
    return ctx.client("sso", s.sso_region):call("GetRoleCredentials", {
      roleName = s.sso_role_name, accountId = s.sso_account_id, accessToken = access })
  end
  local answer, fault = ask()
  if not answer and fault.code == "UnauthorizedException" then
    local other = access_of(ctx, profile, s, name, source, access)
    if other then
      access = other
      answer, fault = ask()
    end
  end
  if not answer then
    local bad = keys.fail(source, ("%s: %s"):format(fault.code or "failed", fault.message), hint)
    bad.cause = fault
    return nil, nil, bad
  end
  local c = answer.roleCredentials or {}
  local found, bad = keys.checked {
    access_key = c.accessKeyId, secret_key = c.secretAccessKey, token = c.sessionToken,
    expires = c.expiration and c.expiration / 1000, account = s.sso_account_id, source = source,
  }
  return found, nil, bad
end

return { name = "single sign-on", load = load, settings = settings, file = file_of, token = token_of }
