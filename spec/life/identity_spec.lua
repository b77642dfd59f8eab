-- The lives of identities, keys, secrets and parameters.
local life = require "spec.life.harness"

local BASE = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local IAM = cso.aws.IAM
local function trust(service)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = "sts:AssumeRole",
    Principal = { Service = service .. ".amazonaws.com" } } } }
end
local function allow(action)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = { action }, Resource = "*" } } }
end
]]

describe("the life of", function()
  life.of { name = "IAM Role", playbook = BASE .. [[
IAM.Role "app" { RoleName = "life-app", Description = "one", MaxSessionDuration = 3600,
  AssumeRolePolicyDocument = trust "ec2", Tags = { Name = "r" },
  ManagedPolicyArns = { "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" },
  Policies = { { PolicyName = "read", PolicyDocument = allow "s3:GetObject" } } }
]], edits = {
    { from = 'Description = "one"', to = 'Description = "two"', update = { "IAM.Role.app" } },
    { from = "MaxSessionDuration = 3600", to = "MaxSessionDuration = 7200", update = { "IAM.Role.app" } },
    { from = 'trust "ec2"', to = 'trust "lambda"', update = { "IAM.Role.app" } },
    { from = "AmazonSSMManagedInstanceCore", to = "CloudWatchAgentServerPolicy", update = { "IAM.Role.app" } },
    { from = "s3:GetObject", to = "s3:PutObject", update = { "IAM.Role.app" } },
    { from = 'Name = "r"', to = 'Name = "s"', update = { "IAM.Role.app" } },
    { from = '"life-app"', to = '"life-web"', replace = { "IAM.Role.app" } },
  } }

  life.of { name = "IAM RolePolicy, ManagedPolicy and InstanceProfile", playbook = BASE .. [[
local role = IAM.Role "app" { AssumeRolePolicyDocument = trust "ec2" }
local other = IAM.Role "other" { AssumeRolePolicyDocument = trust "ec2" }
IAM.RolePolicy "inline" { RoleName = role, PolicyName = "inline", PolicyDocument = allow "s3:ListBucket" }
IAM.ManagedPolicy "shared" { ManagedPolicyName = "life-shared", PolicyDocument = allow "ec2:DescribeVpcs",
  Roles = { role } }
IAM.InstanceProfile "app" { InstanceProfileName = "life-app", Roles = { role } }
]], edits = {
    { from = "s3:ListBucket", to = "s3:GetObject", update = { "IAM.RolePolicy.inline" } },
    { from = "ec2:DescribeVpcs", to = "ec2:DescribeSubnets", update = { "IAM.ManagedPolicy.shared" } },
    { from = "  Roles = { role } }", to = "  Roles = { role, other } }", update = { "IAM.ManagedPolicy.shared" } },
    { from = '"life-app", Roles = { role }', to = '"life-app", Roles = { other }',
      update = { "IAM.InstanceProfile.app" } },
  } }

  life.of { name = "KMS Key and Alias", playbook = [[
local cso = require "cso"
local KMS = cso.aws.KMS
local key = KMS.Key "main" { Description = "one", EnableKeyRotation = false, PendingWindowInDays = 7,
  Tags = { Name = "k" } }
local second = KMS.Key "second" { Description = "second", PendingWindowInDays = 7 }
KMS.Alias "main" { AliasName = "alias/life", TargetKeyId = key }
]], edits = {
    { from = '"one"', to = '"two"', update = { "KMS.Key.main" } },
    { from = "EnableKeyRotation = false", to = "EnableKeyRotation = true", update = { "KMS.Key.main" } },
    { from = 'Name = "k"', to = 'Name = "l"', update = { "KMS.Key.main" } },
    { from = "TargetKeyId = key", to = "TargetKeyId = second", update = { "KMS.Alias.main" } },
    { from = '"alias/life"', to = '"alias/life-2"', replace = { "KMS.Alias.main" } },
  } }

  life.of { name = "SecretsManager Secret", playbook = [[
local cso = require "cso"
local password = cso.random.password "db" { length = 24 }
cso.aws.SecretsManager.Secret "db" { Name = "life/db", Description = "one", SecretString = password.value,
  Tags = { Name = "s" } }
cso.aws.SecretsManager.Secret "made" { Name = "life/made", GenerateSecretString = { PasswordLength = 20,
  SecretStringTemplate = '{"user":"app"}', GenerateStringKey = "password" } }
]], edits = {
    { from = '"one"', to = '"two"', update = { "SecretsManager.Secret.db" } },
    { from = 'Name = "s"', to = 'Name = "t"', update = { "SecretsManager.Secret.db" } },
    { from = '"life/made"', to = '"life/other"', replace = { "SecretsManager.Secret.made" } },
  } }

  life.of { name = "SSM Parameter", playbook = [[
local cso = require "cso"
cso.aws.SSM.Parameter "agent" { Name = "/life/agent", Type = "String", Value = "one", Description = "first",
  Tags = { Name = "p" } }
]], edits = {
    { from = '"one"', to = '"two"', update = { "SSM.Parameter.agent" } },
    { from = '"first"', to = '"second"', update = { "SSM.Parameter.agent" } },
    { from = 'Name = "p"', to = 'Name = "q"', update = { "SSM.Parameter.agent" } },
    { from = '"/life/agent"', to = '"/life/other"', replace = { "SSM.Parameter.agent" } },
  } }
end)
