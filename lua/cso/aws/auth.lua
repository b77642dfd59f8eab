--- How a call says who makes it: a signature, a bearer token, or nothing. The model lists the ways
--- in its order; the first one that can be gone is taken.
local err = require "cso.std.err"
local loopback = require "cso.std.loopback"

local auth = {}

-- What models and endpoints call the ways, and what they are called here.
local ways = {
  ["smithy.api#httpBearerAuth"] = "bearer", ["smithy.api#noAuth"] = "none",
  ["aws.auth#sigv4"] = "v4", ["aws.auth#sigv4a"] = "v4a",
  sigv4 = "v4", sigv4a = "v4a", httpBearerAuth = "bearer", noAuth = "none",
  ["sigv4-s3express"] = "v4-s3express",
}

--- The list of a setting such as "sigv4a, httpBearerAuth" in our words; what is unknown is left out.
---@param text string?  auth_scheme_preference
---@return string[]? ways  nil: nobody said
function auth.preference(text)
  if not text then return nil end
  local out = {}
  for name in text:gmatch("[^,%s]+") do
    local way = ways[name] or ways["aws.auth#" .. name] or ways["smithy.api#" .. name]
    if way then out[#out + 1] = way end
  end
  return out
end

-- The first of the preferred ways that is offered.
local function preferred(offered, preference)
  for _, way in ipairs(preference or {}) do
    if offered[way] then return way end
  end
end

--- The way of an operation.
---@param S table
---@param op table
---@param has_token boolean?  whether there is a bearer token of this service
---@param preference string[]?  from auth.preference
---@return "v4"|"v4a"|"v2"|"bearer"|"none"
function auth.kind(S, op, has_token, preference)
  if op.authtype == "none" then return "none" end
  local meta = S:metadata()
  if op.authtype == "bearer" or meta.signatureVersion == "bearer" then return "bearer" end
  local schemes = op.auth or meta.auth
  if not schemes then return meta.signatureVersion == "v2" and "v2" or "v4" end
  local offered = {}
  for _, scheme in ipairs(schemes) do offered[ways[scheme] or scheme] = true end
  if offered.bearer and not has_token and #schemes > 1 then offered.bearer = nil end
  local wanted = preferred(offered, preference)
  if wanted then return wanted end
  if ways[schemes[1]] == "none" then return "none" end
  -- A token of the service is there because somebody wants it used.
  if offered.bearer then return "bearer" end
  -- Where both kinds of signature are good the symmetric one is: it costs a tenth.
  return not offered.v4 and offered.v4a and "v4a" or "v4"
end

--- Which of an endpoint's ways to sign is used.
---@param schemes { name: string }[]?  an endpoint's authSchemes
---@param preference string[]?
---@return table? scheme  empty where the endpoint names none
---@return string way  "" for none; without a scheme the name of one that nobody here can go
function auth.scheme(schemes, preference)
  local offered, first = {}, nil
  for _, scheme in ipairs(schemes or {}) do
    local way = ways[scheme.name] or ways[scheme.name:gsub("^.*#", "")]
    if way and not offered[way] then
      offered[way], first = scheme, first or way
    end
  end
  if not first then
    if schemes and schemes[1] then return nil, schemes[1].name end
    return {}, ""
  end
  local way = preferred(offered, preference) or offered.v4 and "v4" or first
  return offered[way], way
end

--- The environment variable that holds a service's bearer token.
---@param S table
---@return string
function auth.variable(S)
  local meta = S:metadata()
  local name = meta.signingName or meta.endpointPrefix or S.name
  return "AWS_BEARER_TOKEN_" .. name:gsub("[%- ]", "_"):upper()
end

--- Adds a bearer token to a prepared request. Whoever reads it can use it, so it never travels in
--- the open.
---@param prepared table  changed in place
---@param token string
---@return true? ok
---@return cso.Err? err  class config
function auth.add_token(prepared, token)
  if prepared.scheme ~= "https" and not loopback(prepared.host) then
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
