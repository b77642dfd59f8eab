--- App clients of a user pool.
local deep = require "cso.std.deep"
local pool = require "sim.service.cognito-idp.pool"

local client = {}

local function all(ctx) return ctx:table("Client") end

local function find(ctx, input)
  pool.find(ctx, input.UserPoolId)
  local row = all(ctx):get(input.UserPoolId .. "|" .. input.ClientId)
  if not row then
    ctx:fail("ResourceNotFoundException", ("User pool client %s does not exist."):format(input.ClientId))
  end
  return row
end

local members = { "RefreshTokenValidity", "AccessTokenValidity", "IdTokenValidity", "TokenValidityUnits", "ReadAttributes",
  "WriteAttributes", "ExplicitAuthFlows", "SupportedIdentityProviders", "CallbackURLs", "LogoutURLs", "DefaultRedirectURI",
  "AllowedOAuthFlows", "AllowedOAuthScopes", "AllowedOAuthFlowsUserPoolClient", "AnalyticsConfiguration",
  "PreventUserExistenceErrors", "EnableTokenRevocation", "EnablePropagateAdditionalUserContextData",
  "AuthSessionValidity", "RefreshTokenRotation" }

local defaults = { RefreshTokenValidity = 30, AllowedOAuthFlowsUserPoolClient = false, EnableTokenRevocation = true,
  EnablePropagateAdditionalUserContextData = false, AuthSessionValidity = 3, TokenValidityUnits = {} }

local scopes = { phone = true, email = true, openid = true, profile = true, ["aws.cognito.signin.user.admin"] = true }

local function check(ctx, input)
  local flows, urls = input.AllowedOAuthFlows or {}, input.CallbackURLs or {}
  for _, flow in ipairs(flows) do
    if (flow == "code" or flow == "implicit") and not urls[1] then
      ctx:fail("InvalidOAuthFlowException", flow .. " flow needs at least one callback URL.")
    end
    if flow == "client_credentials" and #flows > 1 then
      ctx:fail("InvalidOAuthFlowException", "client_credentials flow can not be selected along with code flow or implicit flow.")
    end
  end
  for _, s in ipairs(input.AllowedOAuthScopes or {}) do
    if not scopes[s] and not s:find("/", 1, true) then
      ctx:fail("ScopeDoesNotExistException", ("Scope %s does not exist."):format(s))
    end
  end
  for _, list in ipairs { urls, input.LogoutURLs or {} } do
    for _, url in ipairs(list) do
      if not url:find("^https://") and not url:find("^http://localhost") and url:find("^http:") then
        ctx:fail("InvalidParameterException", url .. " cannot use the HTTP protocol.")
      end
      if url:find("#", 1, true) then ctx:fail("InvalidParameterException", url .. " cannot have a fragment.") end
    end
  end
  if input.DefaultRedirectURI then
    local known = false
    for _, url in ipairs(urls) do known = known or url == input.DefaultRedirectURI end
    if not known then ctx:fail("InvalidParameterException", "The default redirect URI must be in the callback URLs list.") end
  end
end

-- An update that leaves a member out resets it.
local function apply(ctx, row, input)
  check(ctx, input)
  for _, name in ipairs(members) do
    local v = input[name]
    if v == nil then v = deep.copy(defaults[name]) end
    row[name] = v
  end
  row.LastModifiedDate = ctx.now
  return all(ctx):put(row._id, row)
end

function client.CreateUserPoolClient(ctx, input)
  local owner = pool.find(ctx, input.UserPoolId)
  check(ctx, input)
  local id = ctx.ids:text(26)
  local row = { ClientId = id, UserPoolId = owner.Id, ClientName = input.ClientName, CreationDate = ctx.now,
    _id = owner.Id .. "|" .. id }
  if input.GenerateSecret then row._secret = ctx.ids:text(26) .. ctx.ids:text(25) end
  apply(ctx, row, input)
  return client.DescribeUserPoolClient(ctx, { UserPoolId = owner.Id, ClientId = id })
end

function client.DescribeUserPoolClient(ctx, input)
  local out = {}
  for k, v in next, find(ctx, input) do out[k] = v end
  out.ClientSecret = out._secret
  return { UserPoolClient = out }
end

function client.UpdateUserPoolClient(ctx, input)
  local row = find(ctx, input)
  check(ctx, input)
  if input.ClientName then row.ClientName = input.ClientName end
  apply(ctx, row, input)
  return client.DescribeUserPoolClient(ctx, input)
end

function client.DeleteUserPoolClient(ctx, input)
  all(ctx):delete(find(ctx, input)._id)
  return {}
end

function client.ListUserPoolClients(ctx, input)
  local owner = pool.find(ctx, input.UserPoolId)
  local page, token = ctx:page(all(ctx):by("UserPoolId", owner.Id), input.NextToken, input.MaxResults, 60,
    "InvalidParameterException")
  return { UserPoolClients = page, NextToken = token }
end

return client
