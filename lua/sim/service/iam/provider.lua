--- OpenID Connect providers and server certificates.
local base = require "sim.service.iam.base"

local provider = {}

local function need(ctx, arn)
  local row = ctx:table("Provider"):get(arn)
  if not row then ctx:fail("NoSuchEntity", ("OpenIDConnect Provider not found for arn %s"):format(arn)) end
  return row
end

function provider.CreateOpenIDConnectProvider(ctx, input)
  local host = input.Url:match("^https://(.+)$")
  if not host then ctx:fail("ValidationError", "Invalid Open ID Connect Provider URL") end
  local arn = ctx:arn("oidc-provider/" .. host)
  if ctx:table("Provider"):get(arn) then
    ctx:fail("EntityAlreadyExists", "Provider with url " .. input.Url .. " already exists.")
  end
  local row = { Url = host, ClientIDList = input.ClientIDList or {}, ThumbprintList = input.ThumbprintList or {},
    CreateDate = ctx.now, _arn = arn }
  base.add_tags(ctx, row, input.Tags)
  ctx:table("Provider"):put(arn, row)
  return { OpenIDConnectProviderArn = arn, Tags = row.Tags }
end

function provider.GetOpenIDConnectProvider(ctx, input) return need(ctx, input.OpenIDConnectProviderArn) end

function provider.ListOpenIDConnectProviders(ctx)
  local list = {}
  for i, row in ipairs(ctx:table("Provider"):list()) do list[i] = { Arn = row._arn } end
  return { OpenIDConnectProviderList = list }
end

function provider.UpdateOpenIDConnectProviderThumbprint(ctx, input)
  local row = need(ctx, input.OpenIDConnectProviderArn)
  row.ThumbprintList = input.ThumbprintList
  ctx:table("Provider"):put(row._arn, row)
  return {}
end

function provider.DeleteOpenIDConnectProvider(ctx, input)
  ctx:table("Provider"):delete(need(ctx, input.OpenIDConnectProviderArn)._arn)
  return {}
end

return provider
