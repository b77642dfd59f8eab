--- User pools.
local deep = require "cso.std.deep"

local pool = {}

local function all(ctx) return ctx:table("UserPool") end

--- The pool of an id, or the error.
---@param ctx sim.Context
---@param id string
---@return table row
function pool.find(ctx, id)
  local row = all(ctx):get(id)
  if not row then ctx:fail("ResourceNotFoundException", ("User pool %s does not exist."):format(id)) end
  return row
end

--- Stores a pool again.
---@param ctx sim.Context
---@param row table
function pool.save(ctx, row)
  row.LastModifiedDate = ctx.now
  return all(ctx):put(row.Id, row)
end

local password = { MinimumLength = 8, RequireUppercase = true, RequireLowercase = true, RequireNumbers = true,
  RequireSymbols = true, TemporaryPasswordValidityDays = 7 }

-- What a pool has where nothing was said; an update that leaves a member out goes back to it.
local function defaults()
  return { DeletionProtection = "INACTIVE", LambdaConfig = {}, MfaConfiguration = "OFF", UserPoolTier = "ESSENTIALS",
    EmailConfiguration = { EmailSendingAccount = "COGNITO_DEFAULT" },
    VerificationMessageTemplate = { DefaultEmailOption = "CONFIRM_WITH_CODE" },
    AdminCreateUserConfig = { AllowAdminCreateUserOnly = false, UnusedAccountValidityDays = 7 },
    AccountRecoverySetting = { RecoveryMechanisms = { { Priority = 1, Name = "verified_email" },
      { Priority = 2, Name = "verified_phone_number" } } },
    Policies = { PasswordPolicy = deep.copy(password), SignInPolicy = { AllowedFirstAuthFactors = { "PASSWORD" } } } }
end

-- The attributes that every pool has; a pool's own come after them as custom ones.
local standard = { "profile", "address", "birthdate", "gender", "preferred_username", "updated_at", "website", "picture",
  "identities", "sub", "phone_number", "phone_number_verified", "zoneinfo", "locale", "email", "email_verified",
  "given_name", "family_name", "middle_name", "name", "nickname" }
local kinds = { updated_at = "Number", phone_number_verified = "Boolean", email_verified = "Boolean" }

local function schema(wanted)
  local list, at = {}, {}
  for i, name in ipairs(standard) do
    list[i] = { Name = name, AttributeDataType = kinds[name] or "String", DeveloperOnlyAttribute = false,
      Mutable = name ~= "sub", Required = name == "sub" }
    if not kinds[name] then
      list[i].StringAttributeConstraints = { MinLength = name == "sub" and "1" or "0", MaxLength = "2048" }
    end
    at[name] = i
  end
  for _, a in ipairs(wanted or {}) do
    local entry = deep.copy(a)
    entry.AttributeDataType = entry.AttributeDataType or "String"
    if entry.Mutable == nil then entry.Mutable = true end
    entry.Required, entry.DeveloperOnlyAttribute = entry.Required or false, entry.DeveloperOnlyAttribute or false
    if at[a.Name] then list[at[a.Name]] = deep.merge(list[at[a.Name]], entry) else
      entry.Name = "custom:" .. tostring(a.Name)
      list[#list + 1] = entry
    end
  end
  return list
end

local function check(ctx, input)
  local p = input.Policies and input.Policies.PasswordPolicy
  if p and p.MinimumLength and (p.MinimumLength < 6 or p.MinimumLength > 99) then
    ctx:fail("InvalidParameterException", "Value at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: "
      .. "Member must have value between 6 and 99")
  end
  if input.AliasAttributes and input.UsernameAttributes and input.AliasAttributes[1] and input.UsernameAttributes[1] then
    ctx:fail("InvalidParameterException", "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
  end
end

local members = { "LambdaConfig", "AutoVerifiedAttributes", "SmsVerificationMessage", "EmailVerificationMessage",
  "EmailVerificationSubject", "VerificationMessageTemplate", "SmsAuthenticationMessage", "UserAttributeUpdateSettings",
  "MfaConfiguration", "DeviceConfiguration", "EmailConfiguration", "SmsConfiguration", "AdminCreateUserConfig",
  "UserPoolAddOns", "AccountRecoverySetting", "UserPoolTier", "DeletionProtection" }

local function apply(row, input)
  local base = defaults()
  for _, name in ipairs(members) do row[name] = input[name] ~= nil and input[name] or base[name] end
  row.Policies = base.Policies
  if input.Policies then
    for name, v in next, input.Policies do row.Policies[name] = deep.merge(base.Policies[name] or {}, v) end
  end
  if row.AdminCreateUserConfig.UnusedAccountValidityDays == nil then
    row.AdminCreateUserConfig.UnusedAccountValidityDays = row.Policies.PasswordPolicy.TemporaryPasswordValidityDays
  end
end

function pool.CreateUserPool(ctx, input)
  check(ctx, input)
  local id = ctx.region .. "_" .. ctx.ids:text(9, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
  local row = { Id = id, Name = input.PoolName, Arn = ctx:arn("userpool/" .. id), CreationDate = ctx.now,
    EstimatedNumberOfUsers = 0, UserPoolTags = input.UserPoolTags or {}, AliasAttributes = input.AliasAttributes,
    UsernameAttributes = input.UsernameAttributes, UsernameConfiguration = input.UsernameConfiguration,
    SchemaAttributes = schema(input.Schema) }
  apply(row, input)
  return { UserPool = pool.save(ctx, row) }
end

function pool.DescribeUserPool(ctx, input)
  local row = pool.find(ctx, input.UserPoolId)
  row.Domain = nil
  local domain = ctx:table("Domain"):one("UserPoolId", row.Id)
  if domain then row[domain.CustomDomainConfig and "CustomDomain" or "Domain"] = domain.Domain end
  row.EstimatedNumberOfUsers = #ctx:table("User"):by("UserPoolId", row.Id)
  return { UserPool = row }
end

function pool.UpdateUserPool(ctx, input)
  local row = pool.find(ctx, input.UserPoolId)
  check(ctx, input)
  apply(row, input)
  if input.PoolName then row.Name = input.PoolName end
  if input.UserPoolTags then row.UserPoolTags = input.UserPoolTags end
  pool.save(ctx, row)
  return {}
end

function pool.DeleteUserPool(ctx, input)
  local row = pool.find(ctx, input.UserPoolId)
  if row.DeletionProtection == "ACTIVE" then
    ctx:fail("InvalidParameterException", "The user pool cannot be deleted because deletion protection is activated. "
      .. "Deletion protection must be inactivated first.")
  end
  if ctx:table("Domain"):has("UserPoolId", row.Id) then
    ctx:fail("InvalidParameterException", "User pool cannot be deleted. It has a domain configured that should be deleted "
      .. "first.")
  end
  for _, name in ipairs { "Client", "Group", "User" } do
    for _, child in ipairs(ctx:table(name):by("UserPoolId", row.Id)) do ctx:table(name):delete(child._id) end
  end
  all(ctx):delete(row.Id)
  return {}
end

function pool.ListUserPools(ctx, input)
  local page, token = ctx:page(all(ctx):list(), input.NextToken, input.MaxResults, 60, "InvalidParameterException")
  return { UserPools = page, NextToken = token }
end

function pool.GetUserPoolMfaConfig(ctx, input)
  local row = pool.find(ctx, input.UserPoolId)
  local out = deep.copy(row._mfa or {})
  out.MfaConfiguration = row.MfaConfiguration
  return out
end

function pool.SetUserPoolMfaConfig(ctx, input)
  local row = pool.find(ctx, input.UserPoolId)
  row._mfa = { SmsMfaConfiguration = input.SmsMfaConfiguration, EmailMfaConfiguration = input.EmailMfaConfiguration,
    SoftwareTokenMfaConfiguration = input.SoftwareTokenMfaConfiguration, WebAuthnConfiguration = input.WebAuthnConfiguration }
  row.MfaConfiguration = input.MfaConfiguration or row.MfaConfiguration
  pool.save(ctx, row)
  return pool.GetUserPoolMfaConfig(ctx, input)
end

return pool
