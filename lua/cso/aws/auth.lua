--- How a call says who makes it: a signature, a bearer token, or nothing. The model lists the ways
--- in its order; the first one that can be gone is taken.
local err = require "cso.std.err"

local auth = {}

local BEARER, NONE = "smithy.api#httpBearerAuth", "smithy.api#noAuth"

--- The way of an operation.
---@param S table
---@param op table
---@param has_token boolean?  whether there is a bearer token of this service
---@return "v4"|"bearer"|"none"
function auth.kind(S, op, has_token)
  if op.authtype == "none" then return "none" end
  local meta = S:metadata()
  if op.authtype == "bearer" or meta.signatureVersion == "bearer" then return "bearer" end
  local schemes = op.auth or meta.auth
  if not schemes then return "v4" end
  if schemes[1] == NONE then return "none" end
  for _, scheme in ipairs(schemes) do
    -- A token of the service is there because somebody wants it used.
    if scheme == BEARER and (has_token or #schemes == 1) then return "bearer" end
  end
  return "v4"
end

--- The environment variable that holds a service's bearer token.
---@param S table
---@return string
function auth.variable(S)
  local meta = S:metadata()
  local name = meta.signingName or meta.endpointPrefix or S.name
  return "AWS_BEARER_TOKEN_" .. name:gsub("[%- ]", "_"):upper()
end

local function is_here(host)
  local name = host:gsub(":%d+$", "")
  return name == "localhost" or name == "[::1]" or name:find("^127%.") ~= nil
end

--- Adds a bearer token to a prepared request. Whoever reads it can use it, so it never travels in
--- the open.
---@param prepared table  changed in place
---@param token string
---@return true? ok
---@return cso.Err? err  class config
function auth.add_token(prepared, token)
  if prepared.scheme ~= "https" and not is_here(prepared.host) then
    return nil, err.new { code = "TokenInTheOpen", class = "config",
      message = ("a bearer token must not be sent to %s without TLS"):format(prepared.host),
      hint = "use an https endpoint" }
  end
  if token:find("[^\33-\126]") then
    return nil, err.new { code = "InvalidToken", class = "credentials",
      message = "the bearer token holds blanks or control characters" }
  end
  prepared.headers[#prepared.headers + 1] = { "Authorization", "Bearer " .. token }
  return true
end

return auth
