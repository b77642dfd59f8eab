local common = require "cso.kind.aws.IAM.common"
local json = require "cso.std.json"
local kind = require "cso.kind.declare"

local function attached(r)
  local arns = {}
  for i, p in ipairs(common.all(r, "ListAttachedRolePolicies", { RoleName = r.id },
    "AttachedPolicies")) do arns[i] = p.PolicyArn end
  return arns
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
end

local function inline(r)
  local list = {}
  for i, name in ipairs(common.all(r, "ListRolePolicies", { RoleName = r.id }, "PolicyNames")) do
    local policy = r:call("GetRolePolicy", { RoleName = r.id, PolicyName = name })
    list[i] = { PolicyName = name, PolicyDocument = json.decode(unescape(policy.PolicyDocument)) }
  end
  return list
end

local function set_managed(r, want)
  local add, remove = common.difference(want, attached(r))
  for _, arn in ipairs(add) do r:call("AttachRolePolicy", { RoleName = r.id, PolicyArn = arn }) end
  for _, arn in ipairs(remove) do r:call("DetachRolePolicy", { RoleName = r.id, PolicyArn = arn }) end
end

--- Takes away only what was found to be a part of the role: policies may be declared apart from it.
local function set_inline(r, want, have)
  local keep = {}
  for _, p in ipairs(want or {}) do
    keep[p.PolicyName] = true
    r:call("PutRolePolicy", { RoleName = r.id, PolicyName = p.PolicyName, PolicyDocument = common.text(p.PolicyDocument) },
      { repeatable = true })
  end
  for _, p in ipairs(have or inline(r)) do
    if not keep[p.PolicyName] then
      common.unless_gone(r, "DeleteRolePolicy", { RoleName = r.id, PolicyName = p.PolicyName })
    end
  end
end

--- A role goes only when nothing hangs on it.
local function delete(r)
  if not common.unless_gone(r, "GetRole", { RoleName = r.id }) then return end
  for _, arn in ipairs(attached(r)) do common.unless_gone(r, "DetachRolePolicy", { RoleName = r.id, PolicyArn = arn }) end
  for _, name in ipairs(common.all(r, "ListRolePolicies", { RoleName = r.id }, "PolicyNames")) do
    common.unless_gone(r, "DeleteRolePolicy", { RoleName = r.id, PolicyName = name })
  end
  for _, profile in ipairs(common.all(r, "ListInstanceProfilesForRole", { RoleName = r.id }, "InstanceProfiles")) do
    common.unless_gone(r, "RemoveRoleFromInstanceProfile", { RoleName = r.id, InstanceProfileName = profile.InstanceProfileName })
  end
  common.unless_gone(r, "DeleteRole", { RoleName = r.id })
end

return kind "AWS::IAM::Role" {
  service = "iam", name = { "RoleName", max = 64 },
  create = { "CreateRole", take = "Role", tags = "Tags", skip = { "ManagedPolicyArns", "Policies" },
    retry = { "MalformedPolicyDocument:.*[Ii]nvalid principal" } },
  read = {
    "GetRole", take = "Role",
    rename = { ["PermissionsBoundary.PermissionsBoundaryArn"] = "PermissionsBoundary" },
    shape = function(model, _, r)
      if r.desired.ManagedPolicyArns then model.ManagedPolicyArns = attached(r) end
      if r.desired.Policies then model.Policies = inline(r) end
      return model
    end,
  },
  update = {
    { "UpdateRole", props = { "Description", "MaxSessionDuration" }, always = { "Description", "MaxSessionDuration" } },
    AssumeRolePolicyDocument = { "UpdateAssumeRolePolicy", rename = { AssumeRolePolicyDocument = "PolicyDocument" } },
    ManagedPolicyArns = set_managed,
    Policies = set_inline,
    PermissionsBoundary = function(r, want)
      if want then
        r:call("PutRolePermissionsBoundary", { RoleName = r.id, PermissionsBoundary = want })
      else
        r:call("DeleteRolePermissionsBoundary", { RoleName = r.id })
      end
    end,
  },
  sets = { "ManagedPolicyArns", "Policies" },
  defaults = { Description = "", MaxSessionDuration = 3600, ManagedPolicyArns = {}, Policies = {} },
  removes = { "PermissionsBoundary" },
  set_tags = common.set_tags("TagRole", "UntagRole", "RoleName"),
  delete = delete,
  seconds = { create = 1, delete = 2 },
}
