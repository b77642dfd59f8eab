-- The lives of the kinds that tell, watch and let in: Logs, SNS, CloudWatch, Cognito.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
]]

local GROUP, TOPIC, ALARM = { "Logs.LogGroup.main" }, { "SNS.Topic.main" }, { "CloudWatch.Alarm.main" }
local SUB, POOL, CLIENT = { "SNS.Subscription.main" }, { "Cognito.UserPool.main" }, { "Cognito.UserPoolClient.main" }

describe("the life of", function()
  life.of { name = "Logs LogGroup", playbook = HEAD .. [[
local key = cso.aws.KMS.Key "main" {}
cso.aws.Logs.LogGroup "main" { LogGroupName = "/life/main", RetentionInDays = 30, KmsKeyId = key.Arn, Tags = { Name = "one" } }
]], edits = {
    { from = "RetentionInDays = 30", to = "RetentionInDays = 90", update = GROUP },
    { from = " RetentionInDays = 90,", to = "", update = GROUP },
    { from = " KmsKeyId = key.Arn,", to = "", update = GROUP },
    { from = ', Tags = { Name', to = ', KmsKeyId = key.Arn, Tags = { Name', update = GROUP },
    { from = 'Name = "one"', to = 'Name = "two", More = "x"', update = GROUP },
    { from = ', More = "x"', to = "", update = GROUP },
    { from = "/life/main", to = "/life/second", replace = GROUP },
  } }

  life.of { name = "SNS Topic and Subscription", playbook = HEAD .. [[
local topic = cso.aws.SNS.Topic "main" { TopicName = "main", DisplayName = "one", KmsMasterKeyId = "alias/aws/sns",
  SignatureVersion = "2", TracingConfig = "Active", Tags = { Name = "one" } }
local other = cso.aws.SNS.Topic "other" { TopicName = "other" }
cso.aws.SNS.Subscription "main" { TopicArn = topic, Protocol = "sqs", Endpoint = "arn:aws:sqs:eu-west-2:123456789012:queue",
  RawMessageDelivery = true, FilterPolicy = { kind = { "a" } } }
]], edits = {
    { from = 'DisplayName = "one"', to = 'DisplayName = "two"', update = TOPIC },
    { from = ' DisplayName = "two",', to = "", update = TOPIC },
    { from = ' KmsMasterKeyId = "alias/aws/sns",', to = "", update = TOPIC },
    { from = 'SignatureVersion = "2", ', to = "", update = TOPIC },
    { from = 'TracingConfig = "Active"', to = 'TracingConfig = "PassThrough"', update = TOPIC },
    { from = 'Name = "one"', to = 'Name = "two"', update = TOPIC },
    { from = "RawMessageDelivery = true", to = "RawMessageDelivery = false", update = SUB },
    { from = '{ "a" }', to = '{ "a", "b" }', update = SUB },
    { from = ', FilterPolicy = { kind = { "a", "b" } }', to = "", update = SUB },
    { from = "123456789012:queue", to = "123456789012:queue2", replace = SUB },
    { from = "TopicArn = topic", to = "TopicArn = other", replace = SUB },
  } }

  life.of { name = "CloudWatch Alarm", playbook = HEAD .. [[
local topic = cso.aws.SNS.Topic "main" {}
cso.aws.CloudWatch.Alarm "main" { AlarmName = "main", AlarmDescription = "one", Namespace = "AWS/EC2", MetricName = "CPUUtilization",
  Statistic = "Average", Period = 300, EvaluationPeriods = 2, DatapointsToAlarm = 2, Threshold = 80,
  ComparisonOperator = "GreaterThanThreshold", TreatMissingData = "breaching", ActionsEnabled = true, AlarmActions = { topic },
  OKActions = { topic }, Dimensions = { { Name = "InstanceId", Value = "i-1" } }, Tags = { Name = "one" } }
]], edits = {
    { from = "Threshold = 80", to = "Threshold = 90.5", update = ALARM },
    { from = 'AlarmDescription = "one"', to = 'AlarmDescription = "two"', update = ALARM },
    { from = ' AlarmDescription = "two",', to = "", update = ALARM },
    { from = "Period = 300", to = "Period = 60", update = ALARM },
    { from = "EvaluationPeriods = 2", to = "EvaluationPeriods = 3", update = ALARM },
    { from = " DatapointsToAlarm = 2,", to = "", update = ALARM },
    { from = '"breaching"', to = '"ignore"', update = ALARM },
    { from = ' TreatMissingData = "ignore",', to = "", update = ALARM },
    { from = "ActionsEnabled = true", to = "ActionsEnabled = false", update = ALARM },
    { from = "ActionsEnabled = false, ", to = "", update = ALARM },
    { from = "\n  OKActions = { topic },", to = "", update = ALARM },
    { from = '"i-1"', to = '"i-2"', update = ALARM },
    { from = 'Name = "one"', to = 'Name = "two"', update = ALARM },
    { from = 'AlarmName = "main"', to = 'AlarmName = "second"', replace = ALARM },
  } }

  life.of { name = "Cognito UserPool, UserPoolClient and UserPoolDomain in full", playbook = HEAD .. [[
local pool = cso.aws.Cognito.UserPool "main" { UserPoolName = "main", AutoVerifiedAttributes = { "email" },
  UsernameAttributes = { "email" }, MfaConfiguration = "OFF", DeletionProtection = "INACTIVE",
  Policies = { PasswordPolicy = { MinimumLength = 12, RequireLowercase = true, RequireNumbers = true, RequireSymbols = false,
    RequireUppercase = true, TemporaryPasswordValidityDays = 7 } },
  AccountRecoverySetting = { RecoveryMechanisms = { { Name = "verified_email", Priority = 1 } } },
  AdminCreateUserConfig = { AllowAdminCreateUserOnly = true }, UserPoolTags = { Name = "one" } }
cso.aws.Cognito.UserPoolClient "main" { UserPoolId = pool, ClientName = "main", GenerateSecret = true,
  CallbackURLs = { "https://example.com/a" }, AllowedOAuthFlows = { "code" }, AllowedOAuthFlowsUserPoolClient = true,
  AllowedOAuthScopes = { "openid", "email" }, SupportedIdentityProviders = { "COGNITO" }, AccessTokenValidity = 60,
  TokenValidityUnits = { AccessToken = "minutes" }, ExplicitAuthFlows = { "ALLOW_REFRESH_TOKEN_AUTH" } }
cso.aws.Cognito.UserPoolDomain "main" { UserPoolId = pool, Domain = "life-main" }
]], edits = {
    { from = "MinimumLength = 12", to = "MinimumLength = 14", update = POOL },
    { from = 'DeletionProtection = "INACTIVE"', to = 'DeletionProtection = "ACTIVE"', update = POOL },
    { from = ' DeletionProtection = "ACTIVE",', to = "", update = POOL },
    { from = "AllowAdminCreateUserOnly = true", to = "AllowAdminCreateUserOnly = false", update = POOL },
    { from = ', AutoVerifiedAttributes = { "email" }', to = "", update = POOL },
    { from = 'Name = "one"', to = 'Name = "two"', update = POOL },
    { from = '"https://example.com/a"', to = '"https://example.com/a", "https://example.com/b"', update = CLIENT },
    { from = '"openid", "email"', to = '"email", "openid", "profile"', update = CLIENT },
    { from = "AccessTokenValidity = 60", to = "AccessTokenValidity = 30", update = CLIENT },
    { from = 'ClientName = "main"', to = 'ClientName = "web"', update = CLIENT },
    { from = '{ "code" }', to = '{ "implicit" }', update = CLIENT },
    { from = "GenerateSecret = true", to = "GenerateSecret = false", replace = CLIENT },
    { from = '"life-main"', to = '"life-second"', replace = { "Cognito.UserPoolDomain.main" } },
    { from = 'UsernameAttributes = { "email" }', to = 'UsernameAttributes = { "phone_number" }',
      replace = { "Cognito.UserPool.main", "Cognito.UserPoolClient.main", "Cognito.UserPoolDomain.main" } },
  } }
end)
