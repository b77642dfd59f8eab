--- Domains of the hosted pages: a prefix of Cognito's own, or a name with a certificate.
local base = require "sim.service.cognito-idp.base"

local domain = {}

local reserved = { "aws", "amazon", "cognito" }

local function check_name(ctx, input)
  local name, custom = input.Domain, input.CustomDomainConfig
  if custom then
    if not name:find(".", 1, true) then base.invalid(ctx, "Custom domain is not a valid subdomain: " .. name) end
    if not ctx:of("acm", "us-east-1"):table("Certificate"):get(custom.CertificateArn) then
      base.invalid(ctx, "Invalid certificate ARN, or it is not of us-east-1: " .. custom.CertificateArn)
    end
    return
  end
  if not name:match("^[%l%d][%l%d-]*$") or name:sub(-1) == "-" or #name > 63 then
    base.invalid(ctx, "Domain prefixes hold lower-case letters, digits and hyphens: " .. name)
  end
  for _, word in ipairs(reserved) do
    if name:find(word, 1, true) then base.invalid(ctx, "Domain cannot contain reserved word: " .. word) end
  end
end

local function find(ctx, name)
  local row = ctx:shared("Domain"):get(name)
  if row and row.AWSAccountId == ctx.account then return row end
end

local function need(ctx, input)
  local pool, row = base.pool(ctx, input.UserPoolId), find(ctx, input.Domain)
  if not row or row.UserPoolId ~= pool.Id then base.invalid(ctx, "No such domain or user pool exists.") end
  return row, pool
end

local function answer(row)
  return { ManagedLoginVersion = row.ManagedLoginVersion, CloudFrontDomain = row.CustomDomainConfig
    and row.CloudFrontDistribution or nil }
end

function domain.CreateUserPoolDomain(ctx, input)
  local pool = base.pool(ctx, input.UserPoolId)
  check_name(ctx, input)
  if ctx:shared("Domain"):get(input.Domain) then base.invalid(ctx, "Domain already associated with another user pool.") end
  local member = input.CustomDomainConfig and "CustomDomain" or "Domain"
  if pool[member] then base.invalid(ctx, "User pool already has a domain configured.") end
  local row = ctx:phases({ Domain = input.Domain, UserPoolId = pool.Id, AWSAccountId = ctx.account, Version = ctx.ids:hex(14),
    S3Bucket = "aws-cognito-prod-" .. ctx.region .. "-assets", CloudFrontDistribution = "d" .. ctx.ids:text(13)
      .. ".cloudfront.net",
    CustomDomainConfig = input.CustomDomainConfig, ManagedLoginVersion = input.ManagedLoginVersion or 1 },
    "CREATING", input.CustomDomainConfig and 300 or 10, "ACTIVE")
  ctx:shared("Domain"):put(input.Domain, row)
  pool[member] = input.Domain
  ctx:table("UserPool"):put(pool.Id, pool)
  return answer(row)
end

--- A domain that nobody has is described by nothing, not by an error.
function domain.DescribeUserPoolDomain(ctx, input)
  local row = find(ctx, input.Domain)
  return { DomainDescription = row and base.over(row, { Status = ctx:state(row) }) or {} }
end

function domain.UpdateUserPoolDomain(ctx, input)
  local row = need(ctx, input)
  if input.CustomDomainConfig then check_name(ctx, input) end
  row.CustomDomainConfig = input.CustomDomainConfig or row.CustomDomainConfig
  row.ManagedLoginVersion = input.ManagedLoginVersion or row.ManagedLoginVersion
  ctx:phases(row, "UPDATING", 10, "ACTIVE")
  ctx:shared("Domain"):put(row.Domain, row)
  return answer(row)
end

function domain.DeleteUserPoolDomain(ctx, input)
  local row, pool = need(ctx, input)
  pool[row.CustomDomainConfig and "CustomDomain" or "Domain"] = nil
  ctx:table("UserPool"):put(pool.Id, pool)
  ctx:shared("Domain"):delete(row.Domain)
  return {}
end

return domain
