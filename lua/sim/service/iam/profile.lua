--- Instance profiles: a name by which EC2 hands a role to an instance. One role at most.
local base = require "sim.service.iam.base"

local profile = {}

profile.TagInstanceProfile, profile.UntagInstanceProfile, profile.ListInstanceProfileTags =
  base.tagging("InstanceProfile", "InstanceProfileName")

local function view(ctx, row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  local role = row._role and ctx:table("Role"):get(row._role)
  out.Roles = {}
  if role then
    local copy = {}
    for k, v in pairs(role) do copy[k] = v end
    copy.AssumeRolePolicyDocument = base.encoded(role.AssumeRolePolicyDocument)
    out.Roles[1] = copy
  end
  return out
end

function profile.CreateInstanceProfile(ctx, input)
  local name = input.InstanceProfileName
  if ctx:table("InstanceProfile"):get(name) then
    ctx:fail("EntityAlreadyExists", ("Instance Profile %s already exists."):format(name))
  end
  local path = input.Path or "/"
  local row = { InstanceProfileName = name, InstanceProfileId = ctx.ids:iam("AIPA"), Path = path,
    Arn = ctx:arn("instance-profile" .. path .. name), CreateDate = ctx.now }
  base.add_tags(ctx, row, input.Tags)
  ctx:table("InstanceProfile"):put(name, row)
  return { InstanceProfile = view(ctx, row) }
end

function profile.GetInstanceProfile(ctx, input)
  return { InstanceProfile = view(ctx, base.need(ctx, "InstanceProfile", input.InstanceProfileName)) }
end

function profile.ListInstanceProfiles(ctx, input)
  local list = {}
  for i, row in ipairs(base.under(ctx, "InstanceProfile", input.PathPrefix)) do list[i] = view(ctx, row) end
  return base.page(ctx, input, list, "InstanceProfiles")
end

function profile.ListInstanceProfilesForRole(ctx, input)
  base.need(ctx, "Role", input.RoleName)
  local list = {}
  for _, row in ipairs(base.under(ctx, "InstanceProfile")) do
    if row._role == input.RoleName then list[#list + 1] = view(ctx, row) end
  end
  return base.page(ctx, input, list, "InstanceProfiles")
end

function profile.AddRoleToInstanceProfile(ctx, input)
  local row = base.need(ctx, "InstanceProfile", input.InstanceProfileName)
  base.need(ctx, "Role", input.RoleName)
  if row._role then
    ctx:fail("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
  end
  row._role = input.RoleName
  ctx:table("InstanceProfile"):put(row.InstanceProfileName, row)
  return {}
end

function profile.RemoveRoleFromInstanceProfile(ctx, input)
  local row = base.need(ctx, "InstanceProfile", input.InstanceProfileName)
  if row._role ~= input.RoleName then
    ctx:fail("NoSuchEntity", ("The role with name %s cannot be found."):format(input.RoleName))
  end
  row._role = nil
  ctx:table("InstanceProfile"):put(row.InstanceProfileName, row)
  return {}
end

function profile.DeleteInstanceProfile(ctx, input)
  local row = base.need(ctx, "InstanceProfile", input.InstanceProfileName)
  if row._role then
    ctx:fail("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
  end
  ctx:table("InstanceProfile"):delete(row.InstanceProfileName)
  return {}
end

return profile
