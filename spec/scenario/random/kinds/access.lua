--- Roles, policies, keys and secrets.
local words = require "spec.scenario.random.kinds.words"

local action, marked, named = words.action, words.marked, words.named

local function document(operation) return ([[{ Version = "2012-10-17", Statement = { {
    Effect = "Allow", Action = %q, Resource = "*" } } }]]):format(operation) end
local TRUST = [[{ Version = "2012-10-17", Statement = { {
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } }]]

local role, policy, rule, profile = named "role", named "policy", named "inline", named "profile"
local secret, alias = named "random/secret", named "alias/random"

local K = {}

K.role = { type = "aws.IAM.Role", out = "RoleName",
  beside = true, ignorable = "Description", id = "{RoleName}", gone = { "iam.DeleteRole", "RoleName={RoleName}" },
  touch = { "iam.UpdateRole", "RoleName={RoleName}", "Description=other" },
  place = "iam/Role", free = true,
  text = function(r)
    return ('RoleName = "%s", Description = "d%d", AssumeRolePolicyDocument = %s'):format(role(r), r.v, TRUST)
  end,
  seen = function(row) return row.RoleName .. " " .. row.Description end,
  want = function(r) return role(r) .. " d" .. r.v end }

K.inline = { type = "aws.IAM.RolePolicy", uses = { role = "role" }, text = function(r, by)
  return ('RoleName = %s, PolicyName = "%s", PolicyDocument = %s'):format(by.role.var, rule(r), document(action(r)))
end }

K.policy = { type = "aws.IAM.ManagedPolicy", uses = { role = "role" }, place = "iam/Policy", text = function(r, by)
  return ('ManagedPolicyName = "%s", Roles = { %s }, PolicyDocument = %s'):format(policy(r), by.role.var, document(action(r)))
end, seen = function(row) return row.PolicyName end, want = policy }

K.profile = { type = "aws.IAM.InstanceProfile", uses = { role = "role" }, place = "iam/InstanceProfile", still = true,
  text = function(r, by) return ('InstanceProfileName = "%s", Roles = { %s }'):format(profile(r), by.role.var) end,
  seen = function(row) return row.InstanceProfileName end, want = profile }

K.key = { type = "aws.KMS.Key", out = "KeyId",
  touch = { "kms.UpdateKeyDescription", "KeyId={KeyId}", "Description=other" },
  place = "kms/Key", fixed = true,
  text = function(r) return ('Description = "k%d/%d"'):format(r.n, r.v) end,
  seen = function(row)
    return row.KeyState ~= "PendingDeletion" and row.KeyManager ~= "AWS" and row.Description or nil
  end,
  want = function(r) return "k" .. marked(r) end }

K.alias = { type = "aws.KMS.Alias",
  gone = { "kms.DeleteAlias", "AliasName={AliasName}" },
  uses = { key = "key" }, place = "kms/Alias", still = true,
  text = function(r, by) return ('AliasName = "%s", TargetKeyId = %s'):format(alias(r), by.key.var) end,
  seen = function(row) return not row.AliasName:find("^alias/aws/") and row.AliasName or nil end, want = alias }

K.password = { type = "cso.random.password", still = true, text = function(r) return "length = " .. 20 + r.f % 10 end }

K.secret = { type = "aws.SecretsManager.Secret",
  gone = { "secretsmanager.DeleteSecret", "SecretId={ARN}", "ForceDeleteWithoutRecovery=true" },
  touch = { "secretsmanager.UpdateSecret", "SecretId={ARN}", "Description=other" },
  uses = { password = "password" }, place = "secretsmanager/Secret",
  text = function(r, by)
    return ('Name = "%s", SecretString = %s.value, Description = "d%d"'):format(secret(r), by.password.var, r.v)
  end,
  seen = function(row) return not row.DeletedDate and row.Name .. " " .. row.Description or nil end,
  want = function(r) return secret(r) .. " d" .. r.v end }

return K
