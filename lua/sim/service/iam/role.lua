--- Roles, service-linked ones included.
local base = require "sim.service.iam.base"

local role = base.policies("Role")

role.TagRole, role.UntagRole, role.ListRoleTags = base.tagging("Role", "RoleName")

local function make(ctx, fields)
  fields.RoleId, fields.CreateDate = ctx.ids:iam("AROA"), ctx.now
  fields.Arn = ctx:arn("role" .. fields.Path .. fields.RoleName)
  fields.MaxSessionDuration = fields.MaxSessionDuration or 3600
  ctx:table("Role"):put(fields.RoleName, fields)
  return fields
end

local function view(row)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  out.AssumeRolePolicyDocument = base.encoded(row.AssumeRolePolicyDocument)
  out.RoleLastUsed = {}
  return out
end

local function boundary(ctx, arn)
  if not arn then return nil end
  base.policy(ctx, arn)
  return { PermissionsBoundaryType = "Policy", PermissionsBoundaryArn = arn }
end

function role.CreateRole(ctx, input)
  if ctx:table("Role"):get(input.RoleName) then
    ctx:fail("EntityAlreadyExists", ("Role with name %s already exists."):format(input.RoleName))
  end
  local row = { RoleName = input.RoleName, Path = input.Path or "/", Description = input.Description,
    AssumeRolePolicyDocument = base.document(ctx, input.AssumeRolePolicyDocument, true),
    MaxSessionDuration = input.MaxSessionDuration, PermissionsBoundary = boundary(ctx, input.PermissionsBoundary) }
  base.add_tags(ctx, row, input.Tags)
  return { Role = view(make(ctx, row)) }
end

function role.GetRole(ctx, input)
  return { Role = view(base.need(ctx, "Role", input.RoleName)) }
end

function role.ListRoles(ctx, input)
  local list = {}
  for i, row in ipairs(base.under(ctx, "Role", input.PathPrefix)) do list[i] = view(row) end
  return base.page(ctx, input, list, "Roles")
end

function role.UpdateRole(ctx, input)
  local row = base.need(ctx, "Role", input.RoleName)
  if input.Description then row.Description = input.Description end
  if input.MaxSessionDuration then row.MaxSessionDuration = input.MaxSessionDuration end
  ctx:table("Role"):put(row.RoleName, row)
  return {}
end

function role.UpdateRoleDescription(ctx, input)
  role.UpdateRole(ctx, input)
  return { Role = view(base.need(ctx, "Role", input.RoleName)) }
end

function role.UpdateAssumeRolePolicy(ctx, input)
  local row = base.need(ctx, "Role", input.RoleName)
  row.AssumeRolePolicyDocument = base.document(ctx, input.PolicyDocument, true)
  ctx:table("Role"):put(row.RoleName, row)
  return {}
end

function role.PutRolePermissionsBoundary(ctx, input)
  local row = base.need(ctx, "Role", input.RoleName)
  row.PermissionsBoundary = boundary(ctx, input.PermissionsBoundary)
  ctx:table("Role"):put(row.RoleName, row)
  return {}
end

function role.DeleteRolePermissionsBoundary(ctx, input)
  local row = base.need(ctx, "Role", input.RoleName)
  if not row.PermissionsBoundary then
    ctx:fail("NoSuchEntity", "The role has no permissions boundary.")
  end
  row.PermissionsBoundary = nil
  ctx:table("Role"):put(row.RoleName, row)
  return {}
end

local function in_profiles(ctx, name)
  return ctx:table("InstanceProfile"):list(function(p) return p._role == name end)
end

function role.DeleteRole(ctx, input)
  local row = base.need(ctx, "Role", input.RoleName)
  if row.Path:match("^/aws%-service%-role/") then
    ctx:fail("UnmodifiableEntity", "Cannot perform the operation on the protected role '" .. row.RoleName .. "'")
  end
  if next(row._inline or {}) then
    ctx:fail("DeleteConflict", "Cannot delete entity, must delete policies first.")
  end
  if #(row._attached or {}) > 0 then
    ctx:fail("DeleteConflict", "Cannot delete entity, must detach all policies first.")
  end
  if #in_profiles(ctx, row.RoleName) > 0 then
    ctx:fail("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
  end
  ctx:table("Role"):delete(row.RoleName)
  return {}
end

function role.CreateServiceLinkedRole(ctx, input)
  local service = input.AWSServiceName:match("^([%w-]+)%.")
  if not service then ctx:fail("InvalidInput", "AWSServiceName is not valid") end
  local name = "AWSServiceRoleFor" .. service:gsub("^%l", string.upper):gsub("%-(%l)", string.upper)
  if input.CustomSuffix then name = name .. "_" .. input.CustomSuffix end
  if ctx:table("Role"):get(name) then
    ctx:fail("InvalidInput", ("Service role name %s has been taken in this account, please try a different suffix."):format(name))
  end
  local document = '{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["'
    .. input.AWSServiceName .. '"]}}]}'
  local row = make(ctx, { RoleName = name, Path = "/aws-service-role/" .. input.AWSServiceName .. "/",
    Description = input.Description, AssumeRolePolicyDocument = document })
  return { Role = view(row) }
end

function role.DeleteServiceLinkedRole(ctx, input)
  local row = base.need(ctx, "Role", input.RoleName)
  if not row.Path:match("^/aws%-service%-role/") then
    ctx:fail("InvalidInput", row.RoleName .. " is not a service-linked role")
  end
  ctx:table("Role"):delete(row.RoleName)
  local id = ("task%s%s/%s"):format(row.Path, row.RoleName, ctx.ids:uuid())
  ctx:table("Deletion"):put(id, { id = id })
  return { DeletionTaskId = id }
end

function role.GetServiceLinkedRoleDeletionStatus(ctx, input)
  if not ctx:table("Deletion"):get(input.DeletionTaskId) then
    ctx:fail("NoSuchEntity", "The deletion task cannot be found.")
  end
  return { Status = "SUCCEEDED" }
end

return role
