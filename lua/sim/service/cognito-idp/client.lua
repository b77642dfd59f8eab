--- App clients of a pool.
local base = require "sim.service.cognito-idp.base"

local client = {}

local settings = { "ClientName", "RefreshTokenValidity", "AccessTokenValidity", "IdTokenValidity",
  "TokenValidityUnits", "ReadAttributes",
  "WriteAttributes", "ExplicitAuthFlows", "SupportedIdentityProviders", "CallbackURLs", "LogoutURLs", "DefaultRedirectURI",
  "AllowedOAuthFlows", "AllowedOAuthScopes", "AllowedOAuthFlowsUserPoolClient", "AnalyticsConfiguration",
  "PreventUserExistenceErrors", "EnableTokenRevocation", "EnablePropagateAdditionalUserContextData", "AuthSessionValidity",
  "RefreshTokenRotation" }

local scopes = { phone = true, email = true, openid = true, profile = true, ["aws.cognito.signin.user.admin"] = true }

local function need(ctx, input)
  base.pool(ctx, input.UserPoolId)
  local row = ctx:table("UserPoolClient"):get(input.ClientId)
  if not row or row.UserPoolId ~= input.UserPoolId then
    ctx:fail("ResourceNotFoundException", ("User pool client %s does not exist."):format(input.ClientId))
  end
  return row
end

local function check_urls(ctx, list)
  for _, url in ipairs(list or {}) do
    local fine = url:match("^https://") or url:match("^http://localhost") or url:match("^[%a][%w+.-]*://")
      and not url:match("^http://")
    if not fine or url:find("#", 1, true) then base.invalid(ctx, "Invalid callback or logout URL: " .. url) end
  end
end

local function check(ctx, input, secret)
  check_urls(ctx, input.CallbackURLs)
  check_urls(ctx, input.LogoutURLs)
  local flows = {}
  for _, f in ipairs(input.AllowedOAuthFlows or {}) do flows[f] = true end
  if flows.client_credentials and (flows.code or flows.implicit) then
    ctx:fail("InvalidOAuthFlowException", "client_credentials flow can not be selected along with code flow or implicit flow.")
  end
  if flows.client_credentials and not secret then
    ctx:fail("InvalidOAuthFlowException", "client_credentials flow can not be selected if client does not have a client secret.")
  end
  if next(flows) then
    if not input.AllowedOAuthFlowsUserPoolClient then
      base.invalid(ctx, "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is "
        .. "allowed to use OAuth flows.")
    end
    if #(input.AllowedOAuthScopes or {}) == 0 then
      base.invalid(ctx, "AllowedOAuthScopes are required with AllowedOAuthFlows.")
    end
    if (flows.code or flows.implicit) and #(input.CallbackURLs or {}) == 0 then
      base.invalid(ctx, "CallbackURLs are required with the code and implicit flows.")
    end
  end
  for _, s in ipairs(input.AllowedOAuthScopes or {}) do
    local server = s:match("^(.+)/[^/]+$")
    if not scopes[s] and not (server and ctx:table("ResourceServer"):get(input.UserPoolId .. "|" .. server)) then
      ctx:fail("ScopeDoesNotExistException", "Invalid scope requested: " .. s)
    end
  end
  for _, name in ipairs(input.SupportedIdentityProviders or {}) do
    if name ~= "COGNITO" then
      base.invalid(ctx, ("The provider %s does not exist for User Pool %s."):format(name, input.UserPoolId))
    end
  end
end

local function configure(row, input)
  for _, name in ipairs(settings) do
    if name ~= "ClientName" or input.ClientName then row[name] = input[name] end
  end
  row.RefreshTokenValidity, row.AuthSessionValidity = input.RefreshTokenValidity or 30, input.AuthSessionValidity or 3
  row.TokenValidityUnits = input.TokenValidityUnits or {}
  row.EnableTokenRevocation = input.EnableTokenRevocation ~= false
  row.EnablePropagateAdditionalUserContextData = input.EnablePropagateAdditionalUserContextData or false
  row.AllowedOAuthFlowsUserPoolClient = input.AllowedOAuthFlowsUserPoolClient or false
end

function client.CreateUserPoolClient(ctx, input)
  base.pool(ctx, input.UserPoolId)
  check(ctx, input, input.GenerateSecret)
  local id = ctx.ids:text(26)
  local row = { UserPoolId = input.UserPoolId, ClientId = id, CreationDate = ctx.now, LastModifiedDate = ctx.now, _id = id,
    _secret = input.GenerateSecret and ctx.ids:text(26) .. ctx.ids:text(25) or nil }
  configure(row, input)
  ctx:table("UserPoolClient"):put(id, row)
  return { UserPoolClient = base.over(row, { ClientSecret = row._secret }) }
end

function client.DescribeUserPoolClient(ctx, input)
  local row = need(ctx, input)
  return { UserPoolClient = base.over(row, { ClientSecret = row._secret }) }
end

function client.UpdateUserPoolClient(ctx, input)
  local row = need(ctx, input)
  check(ctx, input, row._secret)
  configure(row, input)
  row.LastModifiedDate = ctx.now
  ctx:table("UserPoolClient"):put(row.ClientId, row)
  return { UserPoolClient = base.over(row, { ClientSecret = row._secret }) }
end

function client.ListUserPoolClients(ctx, input)
  base.pool(ctx, input.UserPoolId)
  return base.page(ctx, ctx:table("UserPoolClient"):by("UserPoolId", input.UserPoolId), input, "UserPoolClients")
end

function client.DeleteUserPoolClient(ctx, input)
  ctx:table("UserPoolClient"):delete(need(ctx, input).ClientId)
  return {}
end

return client
