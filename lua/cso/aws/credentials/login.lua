--- Keys of a sign-in to the console (`login_session`), from what the login left in its cache;
--- renewed with the refresh token and a proof that we hold the login's private key.
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local keys = require "cso.aws.credentials.keys"
local scalar = require "cso.aws.protocol.scalar"
local x509 = require "cso.std.x509"

local AHEAD = 5 * 60

local function blank(v) return v == nil or v == "" end

local function url64(bytes)
  return (hash.base64_encode(bytes):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

--- The proof of possession (RFC 9449) for one request.
---@param key string PEM
---@param uri string
---@param id string
---@param now number epoch seconds
---@return string? proof
---@return cso.Err? err
local function proof(key, uri, id, now)
  local _, x, y = x509.es256(key, "")
  if not x then return nil, y end
  local head = json.encode { typ = "dpop+jwt", alg = "ES256",
    jwk = { kty = "EC", crv = "P-256", x = url64(x), y = url64(y) } }
  local claims = json.encode { htm = "POST", htu = uri, iat = math.floor(now), jti = id }
  local signed = url64(head) .. "." .. url64(claims)
  return signed .. "." .. url64((x509.es256(key, signed)))
end

local function cache_file(ctx, session)
  local folder = ctx.config:variable "AWS_LOGIN_CACHE_DIRECTORY"
    or (ctx.config.env.HOME or "") .. "/.aws/login/cache"
  return ("%s/%s.json"):format(folder, hash.sha256_hex((session:match("^%s*(.-)%s*$"))))
end

local function text(v) return type(v) == "string" and v ~= "" end

local function incomplete(token)
  for _, name in ipairs { "refreshToken", "dpopKey", "clientId" } do
    if not text(token[name]) then return name end
  end
  local access = token.accessToken
  if type(access) ~= "table" then return "accessToken" end
  for _, name in ipairs { "accessKeyId", "secretAccessKey", "sessionToken", "expiresAt" } do
    if not text(access[name]) then return "accessToken." .. name end
  end
end

local function renewed(ctx, token, file, source, hint)
  local client = ctx.client("signin", ctx.config:region() or "us-east-1")
  local uri = "https://signin.aws.amazon.com/v1/token"
  if client.endpoint then
    local op = client:operation("CreateOAuth2Token")
    local where, e = client:endpoint(op, {})
    if not where then return nil, e end
    uri = where.url:gsub("/$", "") .. op.http.requestUri
  end
  local header, why = proof(token.dpopKey, uri, (ctx.uuid or hash.uuid)(), ctx.clock())
  if not header then return nil, keys.fail(source, "the login's private key cannot be used: " .. why.message, hint) end
  local answer, e = client:call("CreateOAuth2Token", { tokenInput = { clientId = token.clientId,
    grantType = "refresh_token", refreshToken = token.refreshToken } }, { headers = { { "DPoP", header } } })
  local out = answer and answer.tokenOutput
  if not out or not out.accessToken then
    local fault = keys.fail(source, "the login cannot be renewed: " .. (e and e.message or "no token in the answer"), hint)
    fault.cause = e
    return nil, fault
  end
  local kept = deep.copy(token)
  kept.refreshToken = out.refreshToken or token.refreshToken
  kept.accessToken = { accessKeyId = out.accessToken.accessKeyId,
    secretAccessKey = out.accessToken.secretAccessKey, sessionToken = out.accessToken.sessionToken,
    accountId = token.accessToken.accountId,
    expiresAt = scalar.time(math.floor(ctx.clock()) + (out.expiresIn or 0), "iso8601") }
  -- The old refresh token has ended with this call: the next run needs the new one.
  if ctx.write then
    local done, bad = ctx.write(file, json.encode(kept))
    if not done then return nil, bad end
  end
  return kept
end

--- @param ctx table { config, profile?, read_file, write?, clock, client = fn(service, region), uuid? }
--- @return table? keys
--- @return string? why
--- @return cso.Err? err
local function load(ctx)
  local name = ctx.profile or ctx.config.profile_name
  local session = (ctx.config:profile(name) or {}).login_session
  if blank(session) then return nil, ("profile %s has no login_session"):format(name) end
  local source = "login session of profile " .. name
  local hint = "sign in again with: aws login --profile " .. name
  local file = cache_file(ctx, session)
  local cached = ctx.read_file(file)
  if not cached then return nil, nil, keys.fail(source, "nobody has signed in: there is no " .. file, hint) end
  local token = json.decode(cached)
  if type(token) ~= "table" then return nil, nil, keys.fail(source, file .. " is not JSON", hint) end
  local missing = incomplete(token)
  if missing then return nil, nil, keys.fail(source, ("%s lacks %s"):format(file, missing), hint) end
  local ends = scalar.read_time(token.accessToken.expiresAt)
  local now = ctx.clock()
  local refused = ctx.refused and ctx.refused.access_key == token.accessToken.accessKeyId
  if refused or not ends or ends - now <= AHEAD then
    local fresh, e = renewed(ctx, token, file, source, hint)
    if fresh then
      token = fresh
    elseif refused or not ends or ends <= now then
      return nil, nil, e
    end
  end
  local access = token.accessToken
  local found, bad = keys.checked {
    access_key = access.accessKeyId, secret_key = access.secretAccessKey, token = access.sessionToken,
    account = text(access.accountId) and access.accountId or nil, source = source,
    expires = scalar.read_time(access.expiresAt),
  }
  return found, nil, bad
end

return { name = "login session", load = load }
