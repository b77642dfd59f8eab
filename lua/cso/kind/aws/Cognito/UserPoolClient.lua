local kind = require "cso.kind.declare"
local value = require "cso.std.value"
local write = require "cso.kind.write"

--- The id is "<pool>|<client>"; the attributes are the two.
local function parts(r)
  return r.id:match("^(.-)|(.+)$")
end

return kind "AWS::Cognito::UserPoolClient" {
  service = "cognito-idp", id = "ClientKey", name = { "ClientName", max = 128, shared = true },
  create = { "CreateUserPoolClient", take = "UserPoolClient", bare = true,
    id = function(_, raw) return raw.UserPoolId .. "|" .. raw.ClientId end },
  read = function(r)
    local pool, client = parts(r)
    local out, e = r:try("DescribeUserPoolClient", { UserPoolId = pool, ClientId = client })
    if not out then
      if e.code == "ResourceNotFoundException" then return nil end
      error(e, 0)
    end
    local raw, model = out.UserPoolClient, {}
    for k, v in pairs(raw) do model[k] = v end
    model.GenerateSecret = raw.ClientSecret ~= nil
    if raw.ClientSecret then
      model.ClientSecret = value.secret(raw.ClientSecret, { origin = { address = r.address, path = "ClientSecret" } })
    end
    model.Name = raw.ClientName
    return model
  end,
  -- An update that leaves a member out resets it, so every declared one is sent again.
  update = function(r)
    local pool, client = parts(r)
    local params = write.params(r, { "UpdateUserPoolClient" }, r.desired)
    params.UserPoolId, params.ClientId = pool, client
    r:call("UpdateUserPoolClient", params)
  end,
  fixed = { "UserPoolId", "GenerateSecret" },
  sets = { "CallbackURLs", "LogoutURLs", "AllowedOAuthFlows", "AllowedOAuthScopes", "ExplicitAuthFlows",
    "SupportedIdentityProviders", "ReadAttributes", "WriteAttributes" },
  removes = "all",
  find = function(r)
    local token
    repeat
      local out = r:call("ListUserPoolClients", { UserPoolId = r.desired.UserPoolId, MaxResults = 60, NextToken = token })
      for _, c in ipairs(out.UserPoolClients) do
        if c.ClientName == r.desired.ClientName then return c.UserPoolId .. "|" .. c.ClientId end
      end
      token = out.NextToken
    until not token
  end,
  delete = function(r)
    local pool, client = parts(r)
    local _, e = r:try("DeleteUserPoolClient", { UserPoolId = pool, ClientId = client })
    if e and e.code ~= "ResourceNotFoundException" then error(e, 0) end
  end,
  seconds = { create = 1, delete = 1 },
}
