-- The lives of what keeps secrets: KMS, Secrets Manager, Systems Manager, certificates.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
]]

local KEY, SECRET, PARAMETER = { "KMS.Key.main" }, { "SecretsManager.Secret.main" }, { "SSM.Parameter.main" }

describe("the life of", function()
  life.of { name = "KMS Key", playbook = HEAD .. [[
cso.aws.KMS.Key "main" { Description = "one", Enabled = true, EnableKeyRotation = true, RotationPeriodInDays = 180,
  PendingWindowInDays = 7, KeySpec = "SYMMETRIC_DEFAULT", KeyUsage = "ENCRYPT_DECRYPT", MultiRegion = false,
  KeyPolicy = { Version = "2012-10-17", Statement = { { Sid = "root", Effect = "Allow",
    Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" } } }, Tags = { Name = "one" } }
]], edits = {
    { from = 'Description = "one"', to = 'Description = "two"', update = KEY },
    { from = 'Description = "two", ', to = "", update = KEY },
    { from = "RotationPeriodInDays = 180", to = "RotationPeriodInDays = 365", update = KEY },
    { from = "EnableKeyRotation = true, RotationPeriodInDays = 365", to = "EnableKeyRotation = false", update = KEY },
    { from = "EnableKeyRotation = false", to = "EnableKeyRotation = true", update = KEY },
    { from = " EnableKeyRotation = true,", to = "", update = KEY },
    { from = "Enabled = true", to = "Enabled = false", update = KEY },
    { from = "Enabled = false,", to = "", update = KEY },
    { from = "PendingWindowInDays = 7", to = "PendingWindowInDays = 8", update = KEY },
    { from = 'Sid = "root"', to = 'Sid = "owner"', update = KEY },
    { from = 'Name = "one"', to = 'Name = "two"', update = KEY },
    { from = "MultiRegion = false", to = "MultiRegion = true", replace = KEY },
  } }

  life.of { name = "KMS Alias", playbook = HEAD .. [[
local one = cso.aws.KMS.Key "one" {}
local two = cso.aws.KMS.Key "two" {}
cso.aws.KMS.Alias "main" { AliasName = "alias/life", TargetKeyId = one }
]], edits = {
    { from = "TargetKeyId = one", to = "TargetKeyId = two", update = { "KMS.Alias.main" } },
    { from = "TargetKeyId = two", to = "TargetKeyId = one.Arn", update = { "KMS.Alias.main" } },
    { from = "alias/life", to = "alias/life2", replace = { "KMS.Alias.main" } },
  } }

  life.of { name = "SecretsManager Secret in full", playbook = HEAD .. [[
local key = cso.aws.KMS.Key "main" {}
cso.aws.SecretsManager.Secret "main" { Name = "life/main", Description = "one", SecretString = "opensesame",
  KmsKeyId = key, Tags = { Name = "one" } }
]], edits = {
    { from = '"opensesame"', to = '"opensesame2"', update = SECRET },
    { from = 'Description = "one"', to = 'Description = "two"', update = SECRET },
    { from = ' Description = "two",', to = "", update = SECRET },
    { from = 'Name = "one"', to = 'Name = "two"', update = SECRET },
    { from = "\n  KmsKeyId = key,", to = "", update = SECRET },
    { from = '"life/main"', to = '"life/second"', replace = SECRET },
    -- Its first name is taken for as long as the old secret can be recovered: that one comes back.
    { from = '"life/second"', to = '"life/main"', replace = SECRET },
  } }

  life.of { name = "SecretsManager Secret that is made there", playbook = HEAD .. [[
cso.aws.SecretsManager.Secret "main" { Name = "life/main", GenerateSecretString = { PasswordLength = 20,
  ExcludePunctuation = true, GenerateStringKey = "password", SecretStringTemplate = '{"user":"a"}' } }
]], edits = {
    { from = "PasswordLength = 20", to = "PasswordLength = 30", replace = SECRET },
  } }

  life.of { name = "SSM Parameter in full", playbook = HEAD .. [[
cso.aws.SSM.Parameter "main" { Name = "/life/main", Type = "String", Value = "one", Description = "what it is",
  AllowedPattern = "[a-z,]+", Tier = "Standard", DataType = "text", Tags = { Name = "one" } }
]], edits = {
    { from = 'Value = "one"', to = 'Value = "two"', update = PARAMETER },
    { from = '"what it is"', to = '"what it was"', update = PARAMETER },
    { from = ' Description = "what it was",', to = "", update = PARAMETER },
    { from = '"[a-z,]+"', to = '"[a-z,0-9]+"', update = PARAMETER },
    { from = '"Standard"', to = '"Advanced"', update = PARAMETER },
    { from = 'Type = "String", Value = "two"', to = 'Type = "StringList", Value = "two,three"', replace = PARAMETER },
    { from = 'Name = "one"', to = 'Name = "two"', update = PARAMETER },
    { from = "/life/main", to = "/life/second", replace = PARAMETER },
  } }

  life.of { name = "SSM Parameter that is secret", playbook = HEAD .. [[
local password = cso.random.password "db" { length = 20 }
cso.aws.SSM.Parameter "main" { Name = "/life/password", Type = "String", Value = password.value }
cso.aws.SecretsManager.Secret "main" { Name = "password", SecretString = password.value }
]], edits = {
    { from = "length = 20", to = "length = 30", update = { "SSM.Parameter.main", "SecretsManager.Secret.main" },
      replace = { "random.password.db" } },
  } }

  life.of { name = "SSM Parameter that nobody can read", playbook = HEAD .. [[
local password = cso.random.password "db" { length = 20 }
local key = cso.aws.KMS.Key "k" { KeyPolicy = { Version = "2012-10-17", Statement = { { Effect = "Allow", Resource = "*",
  Action = "kms:*", Principal = { AWS = cso.fmt("arn:aws:iam::%s:root", cso.account().id) } } } } }
cso.aws.SSM.Parameter "main" { Name = "/life/password", Type = "SecureString", KeyId = key, Value = password.value,
  Description = "one", Tags = { Name = "one" } }
cso.aws.SSM.Parameter "other" { Name = "/life/token", Type = "SecureString", Value = cso.secret "token-of-1" }
cso.aws.SecretsManager.Secret "main" { Name = "password", SecretString = password.value }
]], edits = {
    { from = '"one"', to = '"two"', update = PARAMETER },
    { from = 'Name = "one"', to = 'Name = "two"', update = PARAMETER },
    { from = "token-of-1", to = "token-of-2", update = { "SSM.Parameter.other" } },
    { from = "KeyId = key, ", to = "", update = PARAMETER },
    { from = 'Type = "SecureString", Value = password', to = 'Type = "SecureString", KeyId = key, Value = password',
      update = PARAMETER },
    { from = "length = 20", to = "length = 30", update = { "SSM.Parameter.main", "SecretsManager.Secret.main" },
      replace = { "random.password.db" } },
  } }

  life.of { name = "CertificateManager Certificate", playbook = HEAD .. [[
local zone = cso.aws.Route53.HostedZone "main" { Name = "example.com" }
cso.aws.CertificateManager.Certificate "main" { DomainName = "www.example.com", ValidationMethod = "DNS",
  SubjectAlternativeNames = { "api.example.com" }, KeyAlgorithm = "RSA_2048",
  CertificateTransparencyLoggingPreference = "ENABLED",
  DomainValidationOptions = { { DomainName = "www.example.com", HostedZoneId = zone },
    { DomainName = "api.example.com", HostedZoneId = zone } }, Tags = { Name = "one" } }
]], edits = {
    { from = '"ENABLED"', to = '"DISABLED"', update = { "CertificateManager.Certificate.main" } },
    { from = 'Name = "one"', to = 'Name = "two"', update = { "CertificateManager.Certificate.main" } },
    { from = '{ "api.example.com" }', to = "{}", replace = { "CertificateManager.Certificate.main" } },
    { from = "RSA_2048", to = "EC_prime256v1", replace = { "CertificateManager.Certificate.main" } },
  } }

  life.of { name = "cso.tls.Authority, cso.tls.Certificate and cso.acm.Import", playbook = HEAD .. [[
local root = cso.tls.Authority "root" { CommonName = "root", Organization = "Life", Country = "GB", Bits = 2048,
  ValidityDays = 100 }
cso.aws.SecretsManager.Secret "root" { Name = "root", SecretString = root.KeyAndCertificatePem }
local web = cso.tls.Certificate "web" { Authority = root, CommonName = "web.example.com", DnsNames = { "web.example.com" },
  IpAddresses = { "10.0.0.1" }, ValidityDays = 90 }
cso.acm.Import "web" { CertificatePem = web.CertificatePem, PrivateKeyPem = web.PrivateKeyPem, ChainPem = web.ChainPem,
  Tags = { Name = "one" } }
]], edits = {
    { from = 'Name = "one"', to = 'Name = "two"', update = { "acm.Import.web" } },
    { from = "ValidityDays = 90", to = "ValidityDays = 80", replace = { "tls.Certificate.web" }, update = { "acm.Import.web" } },
    { from = "ValidityDays = 100", to = "ValidityDays = 200", replace = { "tls.Authority.root", "tls.Certificate.web" },
      update = { "acm.Import.web", "SecretsManager.Secret.root" } },
  } }
end)
