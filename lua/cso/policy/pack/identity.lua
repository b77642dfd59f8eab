--- Who may do what, and the keys.
local ask = require "cso.policy.ask"
local grants = require "cso.policy.grants"

local HOLDERS = { "IAM.Role", "IAM.ManagedPolicy", "IAM.RolePolicy", "IAM.Policy", "IAM.User", "IAM.Group", "IAM.UserPolicy",
  "IAM.GroupPolicy" }

-- Who holds one of these can give himself all the rest.
local ADMINISTRATORS = { AdministratorAccess = true, IAMFullAccess = true }

local INLINE = { ["AWS::IAM::Role"] = true, ["AWS::IAM::User"] = true, ["AWS::IAM::Group"] = true }

-- Asks each statement that allows something, in all documents that a resource brings.
local function statements(r, fn)
  if not INLINE[r.type] then return grants.allowed(r.PolicyDocument, fn) end
  return ask.first(r.Policies, function(policy) return grants.allowed(policy.PolicyDocument, fn) end)
end

-- Asks each action of a statement.
local function action_of(statement, fn) return ask.first(statement.Action, fn) end

local function document(action, resource)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = action, Resource = resource } } }
end

local function trust(principal, condition)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Principal = principal, Action = "sts:AssumeRole",
    Condition = condition } } }
end

-- A rule against policies of resources that let everybody in.
local function closed(id, types, what, first, property)
  property = property or "PolicyDocument"
  return { id = id, severity = "high", title = ("Policies of %s let not everybody in"):format(what), on = types,
    why = "Everybody with an AWS account may use it.", hint = "name the principals, or narrow it by a condition",
    deny = function(r)
      return grants.allowed(r[property], grants.is_for_everybody) and "it lets everybody in"
    end,
    good = { [first .. ".a"] = { [property] = trust { AWS = "arn:aws:iam::123456789012:root" } } },
    bad = { [first .. ".a"] = { [property] = trust { AWS = "*" } } } }
end

return {
  {
    id = "CSO-IAM-001", severity = "critical", title = "No policy allows everything", on = HOLDERS,
    why = "Whoever gets hold of it owns the account.", hint = "list the actions that are needed",
    deny = function(r)
      return statements(r, function(statement)
        return action_of(statement, grants.is_any_action) and grants.is_on_everything(statement)
          and "it allows every action on everything"
      end)
    end,
    good = { ["IAM.ManagedPolicy.a"] = { PolicyDocument = document({ "s3:GetObject" }, "arn:aws:s3:::a/*") } },
    bad = { ["IAM.ManagedPolicy.a"] = { PolicyDocument = document("*", "*") } },
  },
  {
    id = "CSO-IAM-002", severity = "medium", title = "Policies name actions and resources", on = HOLDERS,
    why = "A wildcard allows what nobody thought of.", hint = "list the actions; name the ARNs",
    warn = function(r)
      return statements(r, function(statement)
        if statement.Condition ~= nil then return end
        if statement.NotAction ~= nil and grants.is_on_everything(statement) then
          return "it allows all actions but those that it names, on everything"
        end
        return action_of(statement, function(action)
          return grants.is_open_change(action) and grants.is_on_all_of(statement, action)
            and ("it allows %s on everything"):format(action)
        end)
      end)
    end,
    good = { ["IAM.RolePolicy.a"] = { PolicyDocument = document({ "s3:GetObject" }, "*") } },
    bad = { ["IAM.RolePolicy.a"] = { PolicyDocument = document("s3:*", "*") } },
  },
  {
    id = "CSO-IAM-003", severity = "critical", title = "Roles are not trusted to everybody", on = "IAM.Role",
    why = "Anyone with an AWS account may take the role.", hint = "name the account, the service, or set an external id",
    deny = function(r)
      return grants.allowed(r.AssumeRolePolicyDocument, grants.is_for_everybody) and "everybody may assume it"
    end,
    good = { ["IAM.Role.a"] = { AssumeRolePolicyDocument = trust { Service = "ec2.amazonaws.com" } } },
    bad = { ["IAM.Role.a"] = { AssumeRolePolicyDocument = trust { AWS = "*" } } },
  },
  {
    id = "CSO-IAM-004", severity = "high", title = "Nothing is an administrator", on = { "IAM.Role", "IAM.User", "IAM.Group" },
    why = "A program that may do everything can be talked into anything.", hint = "attach the policies that it needs",
    deny = function(r)
      return ask.first(r.ManagedPolicyArns, function(arn)
        local name = type(arn) == "string" and arn:match(":aws:policy/(%w+)$")
        return ADMINISTRATORS[name] and name .. " is attached"
      end)
    end,
    good = { ["IAM.Role.a"] = { ManagedPolicyArns = { "arn:aws:iam::aws:policy/ReadOnlyAccess" } } },
    bad = { ["IAM.Role.a"] = { ManagedPolicyArns = { "arn:aws:iam::aws:policy/AdministratorAccess" } } },
  },
  {
    id = "CSO-IAM-005", severity = "medium", title = "Programs use roles, not access keys", on = "IAM.AccessKey",
    why = "A key that lasts for ever leaks sooner or later.", hint = "an instance profile, a task role, or web identity",
    warn = function() return "it is a key without an end" end,
    good = { ["IAM.Role.a"] = { AssumeRolePolicyDocument = trust { Service = "ec2.amazonaws.com" } } },
    bad = { ["IAM.AccessKey.a"] = { UserName = "ci" } },
  },
  {
    id = "CSO-KMS-001", severity = "medium", title = "Keys are changed by themselves", on = "KMS.Key",
    why = "What one key has encrypted in all its life is lost with it.", hint = "EnableKeyRotation = true",
    warn = function(r)
      if r.KeySpec ~= nil and r.KeySpec ~= "SYMMETRIC_DEFAULT" then return end -- others can't be rotated
      if r.EnableKeyRotation ~= true then return "it is never rotated" end
    end,
    fix = function() return { EnableKeyRotation = true } end,
    good = { ["KMS.Key.a"] = { EnableKeyRotation = true } }, bad = { ["KMS.Key.a"] = { Description = "a" } },
  },
  {
    id = "CSO-KMS-002", severity = "critical", title = "Keys are not everybody's", on = { "KMS.Key", "KMS.ReplicaKey" },
    why = "Everybody may decrypt what it protects.", hint = "name the account or the roles as principals",
    deny = function(r)
      return grants.allowed(r.KeyPolicy, grants.is_for_everybody) and "its policy lets everybody in"
    end,
    good = { ["KMS.Key.a"] = { KeyPolicy = trust { AWS = "arn:aws:iam::123456789012:root" } } },
    bad = { ["KMS.Key.a"] = { KeyPolicy = trust { AWS = "*" } } },
  },
  {
    id = "CSO-SSM-001", severity = "high", title = "Passwords in Parameter Store are SecureStrings", on = "SSM.Parameter",
    why = "A String is shown to whoever may read parameters.",
    hint = "say Type = \"SecureString\", or keep it in an AWS::SecretsManager::Secret",
    deny = function(r)
      local name = r.Name or r.name
      if r.Type ~= "SecureString" and ask.names_secret(name) then return "it seems to be a secret, in clear" end
    end,
    good = { ["SSM.Parameter.a"] = { Name = "/app/mode", Type = "String", Value = "x" },
      ["SSM.Parameter.b"] = { Name = "/app/db_password", Type = "SecureString", Value = "x" } },
    bad = { ["SSM.Parameter.a"] = { Name = "/app/db_password", Type = "String", Value = "x" } },
  },
  closed("CSO-SNS-002", { "SNS.TopicPolicy", "SNS.TopicInlinePolicy" }, "topics", "SNS.TopicPolicy"),
  closed("CSO-SQS-002", { "SQS.QueuePolicy", "SQS.QueueInlinePolicy" }, "queues", "SQS.QueuePolicy"),
  closed("CSO-SM-001", { "SecretsManager.ResourcePolicy" }, "secrets", "SecretsManager.ResourcePolicy", "ResourcePolicy"),
  closed("CSO-ECR-003", { "ECR.Repository" }, "repositories", "ECR.Repository", "RepositoryPolicyText"),
  closed("CSO-S3-007", { "S3.AccessPoint" }, "access points", "S3.AccessPoint", "Policy"),
  closed("CSO-BACKUP-001", { "Backup.BackupVault" }, "backup vaults", "Backup.BackupVault", "AccessPolicy"),
}
