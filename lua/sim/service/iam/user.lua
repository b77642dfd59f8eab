--- Users and groups, as far as policies and tools that look around need them.
local base = require "sim.service.iam.base"

local user = base.policies("User")
for name, handler in pairs(base.policies("Group")) do user[name] = handler end

user.TagUser, user.UntagUser, user.ListUserTags = base.tagging("User", "UserName")

local function make(ctx, kind, prefix, input)
  local name = input[kind .. "Name"]
  if ctx:table(kind):get(name) then
    ctx:fail("EntityAlreadyExists", ("%s with name %s already exists."):format(kind, name))
  end
  local path = input.Path or "/"
  local row = { [kind .. "Name"] = name, [kind .. "Id"] = ctx.ids:iam(prefix), Path = path, CreateDate = ctx.now,
    Arn = ctx:arn(kind:lower() .. path .. name) }
  base.add_tags(ctx, row, input.Tags)
  ctx:table(kind):put(name, row)
  return { [kind] = row }
end

local function delete(ctx, kind, name)
  local row = base.need(ctx, kind, name)
  if next(row._inline or {}) then ctx:fail("DeleteConflict", "Cannot delete entity, must delete policies first.") end
  if #(row._attached or {}) > 0 then
    ctx:fail("DeleteConflict", "Cannot delete entity, must detach all policies first.")
  end
  if row._keys and next(row._keys) then
    ctx:fail("DeleteConflict", "Cannot delete entity, must delete access keys first.")
  end
  ctx:table(kind):delete(name)
  return {}
end

function user.CreateUser(ctx, input) return make(ctx, "User", "AIDA", input) end
function user.CreateGroup(ctx, input) return make(ctx, "Group", "AGPA", input) end
function user.DeleteUser(ctx, input) return delete(ctx, "User", input.UserName) end
function user.DeleteGroup(ctx, input) return delete(ctx, "Group", input.GroupName) end

function user.GetUser(ctx, input)
  if not input.UserName then
    return { User = { UserName = "root", UserId = ctx.account, Path = "/", CreateDate = ctx.now,
      Arn = ("arn:%s:iam::%s:root"):format(ctx.partition, ctx.account) } }
  end
  return { User = base.need(ctx, "User", input.UserName) }
end

function user.GetGroup(ctx, input)
  return { Group = base.need(ctx, "Group", input.GroupName), Users = {}, IsTruncated = false }
end

function user.ListUsers(ctx, input) return base.page(ctx, input, base.under(ctx, "User", input.PathPrefix), "Users") end
function user.ListGroups(ctx, input) return base.page(ctx, input, base.under(ctx, "Group", input.PathPrefix), "Groups") end

function user.ListAccountAliases() return { AccountAliases = {}, IsTruncated = false } end

function user.GetAccountSummary(ctx)
  local function count(kind) return ctx:table(kind).count end
  return { SummaryMap = { Roles = count("Role"), Users = count("User"), Groups = count("Group"), Policies = count("Policy"),
    InstanceProfiles = count("InstanceProfile"), RolesQuota = 1000, UsersQuota = 5000, PoliciesQuota = 1500 } }
end

return user
