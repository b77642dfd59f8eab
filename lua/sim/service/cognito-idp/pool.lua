--- User pools. An update replaces every setting: what it leaves out goes back to its default.
local base = require "sim.service.cognito-idp.base"
local tagging = require "sim.help.tagging"
local tags = require "sim.help.tags"

local pool = {}

local settings = { "Policies", "DeletionProtection", "LambdaConfig", "AutoVerifiedAttributes", "SmsVerificationMessage",
  "EmailVerificationMessage", "EmailVerificationSubject", "VerificationMessageTemplate", "SmsAuthenticationMessage",
  "UserAttributeUpdateSettings", "MfaConfiguration", "DeviceConfiguration", "EmailConfiguration", "SmsConfiguration",
  "AdminCreateUserConfig", "UserPoolAddOns", "AccountRecoverySetting", "UserPoolTier" }
local fixed = { "AliasAttributes", "UsernameAttributes", "UsernameConfiguration" }

local standard = { "profile", "address", "birthdate", "gender", "preferred_username", "updated_at", "website",
  "picture", "identities",
  "sub", "phone_number", "phone_number_verified", "zoneinfo", "locale", "email", "email_verified", "given_name", "family_name",
  "middle_name", "name", "nickname" }
local types = { updated_at = "Number", email_verified = "Boolean", phone_number_verified = "Boolean" }

local function schema(ctx, wanted)
  local list, at = {}, {}
  for i, name in ipairs(standard) do
    list[i] = { Name = name, AttributeDataType = types[name] or "String", DeveloperOnlyAttribute = false, Mutable = name ~= "sub",
      Required = name == "sub" }
    at[name] = i
  end
  for _, a in ipairs(wanted or {}) do
    local i = at[a.Name]
    if i then
      list[i] = base.over(list[i], a)
    else
      if a.Required then base.invalid(ctx, "Required custom attributes are not supported currently.") end
      local name = (a.DeveloperOnlyAttribute and "dev:" or "") .. "custom:" .. a.Name
      list[#list + 1] = base.over({ DeveloperOnlyAttribute = false, Mutable = true, Required = false }, a)
      list[#list].Name = name
    end
  end
  return list
end

local function check(ctx, input)
  local p = input.Policies and input.Policies.PasswordPolicy
  if p and p.MinimumLength and (p.MinimumLength < 6 or p.MinimumLength > 99) then
    base.invalid(ctx, "1 validation error detected: Value at 'policies.passwordPolicy.minimumLength' failed to "
      .. "satisfy constraint: "
      .. "Member must have value between 6 and 99")
  end
  if input.MfaConfiguration == "ON" and not input.SmsConfiguration and not input._token then
    base.invalid(ctx, "SMS configuration and Auto verification for phone_number are required when MFA is required/optional")
  end
  local mail = input.EmailConfiguration
  if mail and mail.EmailSendingAccount == "DEVELOPER" and not mail.SourceArn then
    base.invalid(ctx, "A SourceArn is required when EmailSendingAccount is DEVELOPER.")
  end
end

local function configure(row, input)
  for _, name in ipairs(settings) do row[name] = input[name] end
  row.Policies = {
    PasswordPolicy = base.over({ MinimumLength = 8, RequireUppercase = true, RequireLowercase = true, RequireNumbers = true,
      RequireSymbols = true, TemporaryPasswordValidityDays = 7 }, input.Policies and input.Policies.PasswordPolicy),
    SignInPolicy = input.Policies and input.Policies.SignInPolicy or { AllowedFirstAuthFactors = { "PASSWORD" } },
  }
  local given = input.Policies and input.Policies.PasswordPolicy
  if given then
    -- A policy that is given has no defaults but false.
    for _, name in ipairs { "RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols" } do
      row.Policies.PasswordPolicy[name] = given[name] or false
    end
  end
  row.DeletionProtection, row.MfaConfiguration = input.DeletionProtection or "INACTIVE", input.MfaConfiguration or "OFF"
  row.EmailConfiguration = base.over({ EmailSendingAccount = "COGNITO_DEFAULT" }, input.EmailConfiguration)
  row.VerificationMessageTemplate = base.over({ DefaultEmailOption = "CONFIRM_WITH_CODE" }, input.VerificationMessageTemplate)
  row.AdminCreateUserConfig = base.over({ AllowAdminCreateUserOnly = false, UnusedAccountValidityDays = 7 },
    input.AdminCreateUserConfig)
  row.AccountRecoverySetting = input.AccountRecoverySetting or { RecoveryMechanisms = { { Name = "verified_email", Priority = 1 },
    { Name = "verified_phone_number", Priority = 2 } } }
  row.LambdaConfig, row.UserPoolTier = input.LambdaConfig or {}, input.UserPoolTier or "ESSENTIALS"
end

function pool.CreateUserPool(ctx, input)
  check(ctx, input)
  local attributes = schema(ctx, input.Schema)
  local map = tags.merge_map(ctx, nil, input.UserPoolTags, "InvalidParameterException")
  local id = ctx.region .. "_" .. ctx.ids:text(9, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
  local row = { Id = id, Name = input.PoolName, Arn = ctx:arn("userpool/" .. id), CreationDate = ctx.now,
    LastModifiedDate = ctx.now,
    SchemaAttributes = attributes, EstimatedNumberOfUsers = 0, UserPoolTags = map }
  for _, name in ipairs(fixed) do row[name] = input[name] end
  configure(row, input)
  ctx:table("UserPool"):put(id, row)
  return { UserPool = row }
end

function pool.DescribeUserPool(ctx, input) return { UserPool = base.pool(ctx, input.UserPoolId) } end

function pool.UpdateUserPool(ctx, input)
  local row = base.pool(ctx, input.UserPoolId)
  input._token = row._mfa and row._mfa.SoftwareTokenMfaConfiguration
  check(ctx, input)
  configure(row, input)
  if input.UserPoolTags then row.UserPoolTags = tags.merge_map(ctx, nil, input.UserPoolTags, "InvalidParameterException") end
  row.Name, row.LastModifiedDate = input.PoolName or row.Name, ctx.now
  ctx:table("UserPool"):put(row.Id, row)
  return {}
end

function pool.ListUserPools(ctx, input) return base.page(ctx, ctx:table("UserPool"):list(), input, "UserPools") end

function pool.DeleteUserPool(ctx, input)
  local row = base.pool(ctx, input.UserPoolId)
  if row.DeletionProtection == "ACTIVE" then
    base.invalid(ctx, "The user pool cannot be deleted because deletion protection is activated. "
      .. "Deletion protection must be inactivated first.")
  end
  if row.Domain or row.CustomDomain then
    base.invalid(ctx, "User pool cannot be deleted. It has a domain configured that should be deleted first.")
  end
  for _, place in ipairs { "UserPoolClient", "Group", "User", "ResourceServer" } do
    local rows = ctx:table(place)
    for _, child in ipairs(rows:by("UserPoolId", row.Id)) do rows:delete(child._id) end
  end
  ctx:table("UserPool"):delete(row.Id)
  return {}
end

local mfa = { "SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration", "WebAuthnConfiguration" }

function pool.GetUserPoolMfaConfig(ctx, input)
  local row = base.pool(ctx, input.UserPoolId)
  return base.over(row._mfa or {}, { MfaConfiguration = row.MfaConfiguration })
end

function pool.SetUserPoolMfaConfig(ctx, input)
  local row = base.pool(ctx, input.UserPoolId)
  row._mfa = {}
  for _, name in ipairs(mfa) do row._mfa[name] = input[name] end
  if input.MfaConfiguration and input.MfaConfiguration ~= "OFF" and not next(row._mfa) then
    base.invalid(ctx, "Invalid MFA configuration given, can't turn on MFA and disable an MFA type.")
  end
  row.MfaConfiguration = input.MfaConfiguration or row.MfaConfiguration
  ctx:table("UserPool"):put(row.Id, row)
  return base.over(row._mfa, { MfaConfiguration = row.MfaConfiguration })
end

local function by_arn(ctx, arn)
  local id = arn:match(":userpool/(.+)$")
  if not id then base.invalid(ctx, "Invalid ARN: " .. arn) end
  return base.pool(ctx, id)
end

pool.TagResource, pool.UntagResource = tagging { at = "UserPoolTags", map = true, rule = { code = "InvalidParameterException" },
  find = function(ctx, input) return by_arn(ctx, input.ResourceArn) end,
  save = function(ctx, row) ctx:table("UserPool"):put(row.Id, row) end }

function pool.ListTagsForResource(ctx, input) return { Tags = by_arn(ctx, input.ResourceArn).UserPoolTags } end

return pool
