-- The lives of IAM's kinds.
local life = require "spec.life.harness"

local HEAD = [[
local cso = require "cso"
cso.stack { name = "life", tags = { Team = "a" } }
local function trust(service)
  return { Version = "2012-10-17", Statement = {
    { Effect = "Allow", Principal = { Service = service }, Action = "sts:AssumeRole" } } }
end
local function allow(action)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = action, Resource = "*" } } }
end
]]

local ROLE, POLICY = { "IAM.Role.main" }, { "IAM.ManagedPolicy.main" }

describe("the life of", function()
  life.of { name = "IAM Role in full", playbook = HEAD .. [[
local limit = cso.aws.IAM.ManagedPolicy "limit" { ManagedPolicyName = "limit", PolicyDocument = allow "*" }
cso.aws.IAM.Role "main" { RoleName = "main", Path = "/app/", Description = "one", MaxSessionDuration = 7200,
  AssumeRolePolicyDocument = trust "ec2.amazonaws.com", PermissionsBoundary = limit,
  ManagedPolicyArns = { "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" },
  Policies = { { PolicyName = "a", PolicyDocument = allow "s3:GetObject" },
    { PolicyName = "b", PolicyDocument = allow "s3:ListBucket" } },
  Tags = { Name = "one" } }
]], edits = {
    { from = 'Description = "one"', to = 'Description = "two"', update = ROLE },
    { from = ' Description = "two",', to = "", update = ROLE },
    { from = "7200", to = "10800", update = ROLE },
    { from = " MaxSessionDuration = 10800,", to = "", update = ROLE },
    { from = '"ec2.amazonaws.com"', to = '{ "ec2.amazonaws.com", "lambda.amazonaws.com" }', update = ROLE },
    { from = '{ "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }',
      to = '{ "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }',
      update = ROLE },
    { from = 'allow "s3:GetObject"', to = 'allow { "s3:GetObject", "s3:PutObject" }', update = ROLE },
    { from = ',\n    { PolicyName = "b", PolicyDocument = allow "s3:ListBucket" }', to = "", update = ROLE },
    { from = '{ PolicyName = "a"', to = '{ PolicyName = "c"', update = ROLE },
    { from = '\n  Policies = { { PolicyName = "c", PolicyDocument = allow { "s3:GetObject", "s3:PutObject" } } },', to = "",
      update = ROLE },
    { from = '\n  ManagedPolicyArns = { "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", '
      .. '"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" },', to = "", update = ROLE },
    { from = ", PermissionsBoundary = limit", to = "", update = ROLE },
    { from = "Path = \"/app/\",", to = "Path = \"/app/\", PermissionsBoundary = limit,", update = ROLE },
    { from = 'Name = "one"', to = 'Name = "two", More = "x"', update = ROLE },
    { from = ', More = "x"', to = "", update = ROLE },
    { from = '"/app/"', to = '"/web/"', replace = ROLE },
    { from = 'RoleName = "main"', to = 'RoleName = "second"', replace = ROLE },
  } }

  life.of { name = "IAM Role without a name", playbook = HEAD .. [[
cso.aws.IAM.Role("main", { replace = "create_first" }) { Path = "/a/", AssumeRolePolicyDocument = trust "ec2.amazonaws.com" }
]], edits = {
    { from = '"/a/"', to = '"/b/"', replace = ROLE },
    { from = '"/b/"', to = '"/c/"', replace = ROLE },
    { from = "ec2.amazonaws", to = "lambda.amazonaws", update = ROLE },
  } }

  life.of { name = "IAM RolePolicy", playbook = HEAD .. [[
local role = cso.aws.IAM.Role "main" { AssumeRolePolicyDocument = trust "ec2.amazonaws.com" }
local other = cso.aws.IAM.Role "other" { AssumeRolePolicyDocument = trust "ec2.amazonaws.com" }
cso.aws.IAM.RolePolicy "main" { RoleName = role, PolicyName = "read", PolicyDocument = allow "s3:GetObject" }
]], edits = {
    { from = '"s3:GetObject"', to = '{ "s3:GetObject", "s3:GetBucketLocation" }', update = { "IAM.RolePolicy.main" } },
    { from = '"read"', to = '"look"', replace = { "IAM.RolePolicy.main" } },
    { from = "RoleName = role", to = "RoleName = other", replace = { "IAM.RolePolicy.main" } },
  } }

  life.of { name = "IAM ManagedPolicy", playbook = HEAD .. [[
local role = cso.aws.IAM.Role "main" { AssumeRolePolicyDocument = trust "ec2.amazonaws.com" }
local other = cso.aws.IAM.Role "other" { AssumeRolePolicyDocument = trust "ec2.amazonaws.com" }
cso.aws.IAM.ManagedPolicy "main" { ManagedPolicyName = "main", Description = "one", Path = "/", Roles = { role },
  PolicyDocument = allow "s3:Get1" }
]], edits = {
    -- A policy keeps five versions; the sixth needs room.
    { from = "s3:Get1", to = "s3:Get2", update = POLICY },
    { from = "s3:Get2", to = "s3:Get3", update = POLICY },
    { from = "s3:Get3", to = "s3:Get4", update = POLICY },
    { from = "s3:Get4", to = "s3:Get5", update = POLICY },
    { from = "s3:Get5", to = "s3:Get6", update = POLICY },
    { from = "s3:Get6", to = "s3:Get7", update = POLICY },
    { from = "Roles = { role }", to = "Roles = { other, role }", update = POLICY },
    { from = "Roles = { other, role }", to = "Roles = { other }", update = POLICY },
    { from = " Roles = { other },", to = "", update = POLICY },
    { from = 'Description = "one"', to = 'Description = "two"', replace = POLICY },
    { from = 'ManagedPolicyName = "main"', to = 'ManagedPolicyName = "second"', replace = POLICY },
  } }

  life.of { name = "IAM InstanceProfile", playbook = HEAD .. [[
local role = cso.aws.IAM.Role "main" { AssumeRolePolicyDocument = trust "ec2.amazonaws.com" }
local other = cso.aws.IAM.Role "other" { AssumeRolePolicyDocument = trust "ec2.amazonaws.com" }
cso.aws.IAM.InstanceProfile "main" { InstanceProfileName = "main", Path = "/", Roles = { role } }
]], edits = {
    { from = "{ role }", to = "{ other }", update = { "IAM.InstanceProfile.main" } },
    { from = 'Name = "main", Path = "/"', to = 'Name = "main", Path = "/app/"', replace = { "IAM.InstanceProfile.main" } },
    { from = 'Name = "main"', to = 'Name = "second"', replace = { "IAM.InstanceProfile.main" } },
  } }

  life.of { name = "IAM ServiceLinkedRole", playbook = HEAD .. [[
cso.aws.IAM.ServiceLinkedRole "main" { AWSServiceName = "autoscaling.amazonaws.com", CustomSuffix = "a", Description = "one" }
]], edits = {
    { from = '"one"', to = '"two"', update = { "IAM.ServiceLinkedRole.main" } },
    { from = '"a", D', to = '"b", D', replace = { "IAM.ServiceLinkedRole.main" } },
  } }
end)
