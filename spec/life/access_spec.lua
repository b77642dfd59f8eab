-- The lives of user pools and of backups.
local life = require "spec.life.harness"

local BASE = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local Cognito, Backup, IAM = cso.aws.Cognito, cso.aws.Backup, cso.aws.IAM
]]

describe("the life of", function()
  life.of { name = "Cognito UserPool, UserPoolClient and UserPoolDomain", playbook = BASE .. [[
local pool = Cognito.UserPool "main" { UserPoolName = "life", MfaConfiguration = "OFF",
  AutoVerifiedAttributes = { "email" }, UsernameAttributes = { "email" },
  Policies = { PasswordPolicy = { MinimumLength = 12, RequireSymbols = false, RequireNumbers = true,
    RequireLowercase = true, RequireUppercase = true } },
  AdminCreateUserConfig = { AllowAdminCreateUserOnly = true } }
Cognito.UserPoolClient "web" { UserPoolId = pool, ClientName = "web", GenerateSecret = true,
  AllowedOAuthFlows = { "code" }, AllowedOAuthScopes = { "openid", "email" }, AllowedOAuthFlowsUserPoolClient = true,
  CallbackURLs = { "https://a.example/back" }, SupportedIdentityProviders = { "COGNITO" },
  ExplicitAuthFlows = { "ALLOW_REFRESH_TOKEN_AUTH" } }
Cognito.UserPoolDomain "web" { UserPoolId = pool, Domain = "life-portal" }
]], edits = {
    { from = "MinimumLength = 12", to = "MinimumLength = 14", update = { "Cognito.UserPool.main" } },
    { from = "AllowAdminCreateUserOnly = true", to = "AllowAdminCreateUserOnly = false",
      update = { "Cognito.UserPool.main" } },
    { from = "https://a.example/back", to = "https://b.example/back", update = { "Cognito.UserPoolClient.web" } },
    { from = '{ "openid", "email" }', to = '{ "openid" }', update = { "Cognito.UserPoolClient.web" } },
    { from = '"life-portal"', to = '"life-other"', replace = { "Cognito.UserPoolDomain.web" } },
  } }

  life.of { name = "Backup BackupVault, BackupPlan and BackupSelection", playbook = BASE .. [[
local role = IAM.Role "backup" { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "backup.amazonaws.com" } } } } }
local vault = Backup.BackupVault "main" { BackupVaultName = "life", BackupVaultTags = { Tier = "x" } }
local plan = Backup.BackupPlan "daily" { BackupPlan = { BackupPlanName = "daily", BackupPlanRule = { {
  RuleName = "daily", TargetBackupVault = vault, ScheduleExpression = "cron(0 3 * * ? *)",
  StartWindowMinutes = 60, CompletionWindowMinutes = 180, Lifecycle = { DeleteAfterDays = 30 } } } } }
Backup.BackupSelection "all" { BackupPlanId = plan, BackupSelection = { SelectionName = "all", IamRoleArn = role.Arn,
  Resources = { "arn:aws:rds:*:*:db:*" } } }
]], edits = {
    { from = 'Tier = "x"', to = 'Tier = "y"', update = { "Backup.BackupVault.main" } },
    { from = "DeleteAfterDays = 30", to = "DeleteAfterDays = 35", update = { "Backup.BackupPlan.daily" } },
    { from = "cron(0 3 * * ? *)", to = "cron(0 5 * * ? *)", update = { "Backup.BackupPlan.daily" } },
    { from = 'SelectionName = "all"', to = 'SelectionName = "most"', replace = { "Backup.BackupSelection.all" } },
  } }
end)
