--- Who may do what, and the keys.
local ask = require "cso.policy.ask"

local HOLDERS = { "IAM.Role", "IAM.ManagedPolicy", "IAM.RolePolicy", "IAM.Policy", "IAM.User", "IAM.Group", "IAM.UserPolicy",
  "IAM.GroupPolicy" }

local INLINE = { ["AWS::IAM::Role"] = true, ["AWS::IAM::User"] = true, ["AWS::IAM::Group"] = true }

-- The documents that a resource brings.
local function documents(r)
  if not INLINE[r.type] then return { r.PolicyDocument } end
  local out = {}
  for i, policy in ipairs(ask.list(r.Policies)) do out[i] = policy.PolicyDocument end
  return out
end

local function statements(r)
  local out = {}
  for _, doc in ipairs(documents(r)) do
    for _, statement in ipairs(ask.allowed(doc)) do out[#out + 1] = statement end
  end
  return out
end

local function document(action, resource)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Action = action, Resource = resource } } }
end

local function trust(principal, condition)
  return { Version = "2012-10-17", Statement = { { Effect = "Allow", Principal = principal, Action = "sts:AssumeRole",
    Condition = condition } } }
end

-- A rule against policies of resources that let everybody in.
local function closed(id, types, what, first)
  return { id = id, severity = "high", title = ("Policies of %s let not everybody in"):format(what), on = types,
    why = "Everybody with an AWS account may use it.", hint = "name the principals, or narrow it by a condition",
    deny = function(r)
      for _, statement in ipairs(ask.allowed(r.PolicyDocument)) do
        if ask.is_for_everybody(statement) then return "it lets everybody in" end
      end
    end,
    good = { [first .. ".a"] = { PolicyDocument = trust { AWS = "arn:aws:iam::123456789012:root" } } },
    bad = { [first .. ".a"] = { PolicyDocument = trust { AWS = "*" } } } }
end

return {
  {
    id = "CSO-IAM-001", severity = "critical", title = "No policy allows everything", on = HOLDERS,
    why = "Whoever gets hold of it owns the account.", hint = "list the actions that are needed",
    deny = function(r)
      for _, statement in ipairs(statements(r)) do
        if ask.has(statement.Action, "*") and ask.has(statement.Resource, "*") then
          return "it allows every action on everything"
        end
      end
    end,
    good = { ["IAM.ManagedPolicy.a"] = { PolicyDocument = document({ "s3:GetObject" }, "arn:aws:s3:::a/*") } },
    bad = { ["IAM.ManagedPolicy.a"] = { PolicyDocument = document("*", "*") } },
  },
  {
    id = "CSO-IAM-002", severity = "medium", title = "Policies name actions and resources", on = HOLDERS,
    why = "A wildcard allows what nobody thought of.", hint = "list the actions; name the ARNs",
    warn = function(r)
      for _, statement in ipairs(statements(r)) do
        if ask.has(statement.Resource, "*") and statement.Condition == nil then
          for _, action in ipairs(ask.list(statement.Action)) do
            if type(action) == "string" and action:match("^[%w-]+:%*$") then
              return ("it allows %s on everything"):format(action)
            end
          end
        end
      end
    end,
    good = { ["IAM.RolePolicy.a"] = { PolicyDocument = document({ "s3:GetObject" }, "*") } },
    bad = { ["IAM.RolePolicy.a"] = { PolicyDocument = document("s3:*", "*") } },
  },
  {
    id = "CSO-IAM-003", severity = "critical", title = "Roles are not trusted to everybody", on = "IAM.Role",
    why = "Anyone with an AWS account may take the role.", hint = "name the account, the service, or set an external id",
    deny = function(r)
      for _, statement in ipairs(ask.allowed(r.AssumeRolePolicyDocument)) do
        if ask.is_for_everybody(statement) then return "everybody may assume it" end
      end
    end,
    good = { ["IAM.Role.a"] = { AssumeRolePolicyDocument = trust { Service = "ec2.amazonaws.com" } } },
    bad = { ["IAM.Role.a"] = { AssumeRolePolicyDocument = trust { AWS = "*" } } },
  },
  {
    id = "CSO-IAM-004", severity = "high", title = "Nothing is an administrator", on = { "IAM.Role", "IAM.User", "IAM.Group" },
    why = "A program that may do everything can be talked into anything.", hint = "attach the policies that it needs",
    deny = function(r)
      for _, arn in ipairs(ask.list(r.ManagedPolicyArns)) do
        if type(arn) == "string" and arn:match(":aws:policy/AdministratorAccess$") then
          return "AdministratorAccess is attached"
        end
      end
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
    id = "CSO-KMS-002", severity = "critical", title = "Keys are not everybody's", on = "KMS.Key",
    why = "Everybody may decrypt what it protects.", hint = "name the account or the roles as principals",
    deny = function(r)
      for _, statement in ipairs(ask.allowed(r.KeyPolicy)) do
        if ask.is_for_everybody(statement) then return "its policy lets everybody in" end
      end
    end,
    good = { ["KMS.Key.a"] = { KeyPolicy = trust { AWS = "arn:aws:iam::123456789012:root" } } },
    bad = { ["KMS.Key.a"] = { KeyPolicy = trust { AWS = "*" } } },
  },
  {
    id = "CSO-SSM-001", severity = "high", title = "Passwords in Parameter Store are SecureStrings", on = "SSM.Parameter",
    why = "A String is shown to whoever may read parameters.", hint = "keep it in an AWS::SecretsManager::Secret",
    deny = function(r)
      local name = r.Name or r.name
      if r.Type ~= "SecureString" and ask.names_secret(name) then return "it seems to be a secret, in clear" end
    end,
    good = { ["SSM.Parameter.a"] = { Name = "/app/mode", Type = "String", Value = "x" } },
    bad = { ["SSM.Parameter.a"] = { Name = "/app/db_password", Type = "String", Value = "x" } },
  },
  closed("CSO-SNS-002", { "SNS.TopicPolicy" }, "topics", "SNS.TopicPolicy"),
  closed("CSO-SQS-002", { "SQS.QueuePolicy" }, "queues", "SQS.QueuePolicy"),
}
