--- Signs a person in: shows a code that is confirmed in a browser, waits for that, and leaves the
--- token where every AWS tool looks for it.
local err = require "cso.std.err"
local json = require "cso.std.json"
local keys = require "cso.aws.credentials.keys"
local sso = require "cso.aws.credentials.sso"

local DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
local SCOPE = "sso:account:access"

local function iso(time) return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(time)) end

local function scopes(text)
  local list = {}
  for scope in (text or SCOPE):gmatch("[^%s,]+") do list[#list + 1] = scope end
  return list
end

local function words(e) return ("%s: %s"):format(e.code or "failed", e.message or "") end

-- Asks until somebody has confirmed, refused, or the code is too old.
local function token_of(ctx, client, registration, device, source)
  local interval = device.interval and device.interval > 0 and device.interval or 5
  local deadline = ctx.clock() + (device.expiresIn or 600)
  while ctx.clock() < deadline do
    ctx.sleep(interval)
    local token, e = client:call("CreateToken", { clientId = registration.clientId,
      clientSecret = registration.clientSecret, grantType = DEVICE, deviceCode = device.deviceCode })
    if token then return token end
    if e.code == "SlowDownException" then
      interval = interval + 5
    elseif e.code == "ExpiredTokenException" then
      break
    elseif e.code ~= "AuthorizationPendingException" then
      return nil, keys.fail(source, words(e))
    end
  end
  return nil, keys.fail(source, "nobody confirmed the code in time", "run csorun login again")
end

--- Signs in for the profile of a configuration.
---@param ctx table  { config, clock, sleep, client = fn(service, region), write = fn(path, text) -> true | nil, err }
---@param show fun(device: { uri: string, code: string, address: string })
---@return { file: string, expires: number, start_url: string }? login
---@return cso.Err? err  class config (no sso settings) or credentials
return function(ctx, show)
  local name = ctx.config.profile_name
  local profile = ctx.config:profile(name) or {}
  local source = "single sign-on of profile " .. name
  local settings, e = sso.settings(ctx, profile, source)
  if not settings then return nil, e end
  local url, region = settings.sso_start_url, settings.sso_region
  if not url or url == "" or not region or region == "" then
    return nil, err.new { code = "NoSignOn", class = "config",
      message = ("profile %s says neither where nor how to sign in"):format(name),
      hint = "it needs sso_session, or sso_start_url and sso_region; name another with --profile" }
  end
  local session = profile.sso_session
  if session == "" then session = nil end
  local client = ctx.client("sso-oidc", region)
  local registration, device, token
  registration, e = client:call("RegisterClient", { clientName = "csorun-" .. math.floor(ctx.clock()),
    clientType = "public", scopes = session and scopes(settings.sso_registration_scopes) or nil })
  if not registration then return nil, keys.fail(source, words(e)) end
  device, e = client:call("StartDeviceAuthorization", { clientId = registration.clientId,
    clientSecret = registration.clientSecret, startUrl = url })
  if not device then return nil, keys.fail(source, words(e)) end
  show { code = device.userCode, uri = device.verificationUri,
    address = device.verificationUriComplete or device.verificationUri }
  token, e = token_of(ctx, client, registration, device, source)
  if not token then return nil, e end
  local expires = ctx.clock() + (token.expiresIn or 0)
  local file = sso.file(ctx, session or url)
  local written
  written, e = ctx.write(file, json.encode {
    startUrl = url, region = region, accessToken = token.accessToken, expiresAt = iso(expires),
    -- What it takes to renew a session's token without asking again.
    refreshToken = session and token.refreshToken or nil,
    clientId = session and registration.clientId or nil,
    clientSecret = session and registration.clientSecret or nil,
    registrationExpiresAt = session and registration.clientSecretExpiresAt
      and iso(registration.clientSecretExpiresAt) or nil,
  })
  if not written then return nil, e end
  return { file = file, expires = expires, start_url = url }
end
