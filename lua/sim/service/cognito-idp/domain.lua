--- Domains of the hosted sign-in pages. A prefix is unique in its region over all accounts.
local pool = require "sim.service.cognito-idp.pool"

local domain = {}

local function all(ctx) return ctx:table("Domain") end

local function taken(ctx) return ctx:shared("Domain/" .. ctx.region) end

local function find(ctx, input)
  pool.find(ctx, input.UserPoolId)
  local row = all(ctx):get(input.Domain)
  if not row or row.UserPoolId ~= input.UserPoolId then
    ctx:fail("InvalidParameterException", "No such domain or user pool exists.")
  end
  return row
end

function domain.CreateUserPoolDomain(ctx, input)
  local owner = pool.find(ctx, input.UserPoolId)
  local name, custom = input.Domain, input.CustomDomainConfig
  if not custom and (name:find("aws", 1, true) or name:find("amazon", 1, true) or name:find("cognito", 1, true)) then
    ctx:fail("InvalidParameterException", "Domain cannot contain reserved word: aws, amazon or cognito")
  end
  if all(ctx):has("UserPoolId", owner.Id) then
    ctx:fail("InvalidParameterException", "The user pool already has a domain.")
  end
  if taken(ctx):get(name) then ctx:fail("InvalidParameterException", "Domain already associated with another user pool.") end
  taken(ctx):put(name, { Domain = name, account = ctx.account, _ended = true })
  local front = custom and ("d" .. ctx.ids:text(13) .. ".cloudfront.net") or nil
  local row = { Domain = name, UserPoolId = owner.Id, AWSAccountId = ctx.account, CustomDomainConfig = custom,
    ManagedLoginVersion = input.ManagedLoginVersion or 1, S3Bucket = "aws-cognito-prod-" .. ctx.region .. "-assets",
    CloudFrontDistribution = front or ("d" .. ctx.ids:text(13) .. ".cloudfront.net"), Version = ctx.ids:text(14, "0123456789") }
  ctx:phases(row, "CREATING", custom and 300 or 5, "ACTIVE")
  all(ctx):put(name, row)
  return { CloudFrontDomain = front, ManagedLoginVersion = row.ManagedLoginVersion }
end

--- An unknown domain is described as an empty one.
function domain.DescribeUserPoolDomain(ctx, input)
  local row = all(ctx):get(input.Domain)
  if not row then return { DomainDescription = {} } end
  row.Status = ctx:state(row)
  return { DomainDescription = row }
end

function domain.UpdateUserPoolDomain(ctx, input)
  local row = find(ctx, input)
  if input.CustomDomainConfig then row.CustomDomainConfig = input.CustomDomainConfig end
  if input.ManagedLoginVersion then row.ManagedLoginVersion = input.ManagedLoginVersion end
  all(ctx):put(row.Domain, row)
  return { ManagedLoginVersion = row.ManagedLoginVersion,
    CloudFrontDomain = row.CustomDomainConfig and row.CloudFrontDistribution }
end

function domain.DeleteUserPoolDomain(ctx, input)
  local row = find(ctx, input)
  all(ctx):delete(row.Domain)
  taken(ctx):delete(row.Domain)
  return {}
end

return domain
