--- What a pool holds: groups, users, resource servers. Nobody signs in here.
local base = require "sim.service.cognito-idp.base"

local directory = {}

-- Create, get, list and delete of things that have a name inside of a pool.
local function find(ctx, place, pool, name) return ctx:table(place):get(pool .. "|" .. name) end

local function put(ctx, place, row, name)
  row._id = row.UserPoolId .. "|" .. name
  return ctx:table(place):put(row._id, row)
end

local function need(ctx, place, pool, name, code)
  base.pool(ctx, pool)
  local row = find(ctx, place, pool, name)
  if not row then
    ctx:fail(code or "ResourceNotFoundException", place == "User" and "User does not exist." or place .. " not found.")
  end
  return row
end

function directory.CreateGroup(ctx, input)
  base.pool(ctx, input.UserPoolId)
  if find(ctx, "Group", input.UserPoolId, input.GroupName) then
    ctx:fail("GroupExistsException", "A group with the name already exists.")
  end
  local row = base.over(input, { CreationDate = ctx.now, LastModifiedDate = ctx.now })
  return { Group = put(ctx, "Group", row, input.GroupName) }
end

function directory.GetGroup(ctx, input) return { Group = need(ctx, "Group", input.UserPoolId, input.GroupName) } end

function directory.UpdateGroup(ctx, input)
  local row = need(ctx, "Group", input.UserPoolId, input.GroupName)
  row.Description, row.RoleArn, row.Precedence, row.LastModifiedDate = input.Description, input.RoleArn, input.Precedence, ctx.now
  return { Group = put(ctx, "Group", row, input.GroupName) }
end

function directory.ListGroups(ctx, input)
  base.pool(ctx, input.UserPoolId)
  return base.page(ctx, ctx:table("Group"):by("UserPoolId", input.UserPoolId), input, "Groups", input.Limit)
end

function directory.DeleteGroup(ctx, input)
  ctx:table("Group"):delete(need(ctx, "Group", input.UserPoolId, input.GroupName)._id)
  return {}
end

function directory.AdminCreateUser(ctx, input)
  base.pool(ctx, input.UserPoolId)
  if find(ctx, "User", input.UserPoolId, input.Username) then
    ctx:fail("UsernameExistsException", "User account already exists")
  end
  local attributes = { { Name = "sub", Value = ctx.ids:uuid() } }
  for _, a in ipairs(input.UserAttributes or {}) do attributes[#attributes + 1] = a end
  local row = { UserPoolId = input.UserPoolId, Username = input.Username, Attributes = attributes, UserAttributes = attributes,
    UserCreateDate = ctx.now, UserLastModifiedDate = ctx.now, Enabled = true, UserStatus = "FORCE_CHANGE_PASSWORD" }
  return { User = put(ctx, "User", row, input.Username) }
end

function directory.AdminGetUser(ctx, input)
  return need(ctx, "User", input.UserPoolId, input.Username, "UserNotFoundException")
end

function directory.AdminSetUserPassword(ctx, input)
  local row = need(ctx, "User", input.UserPoolId, input.Username, "UserNotFoundException")
  local rule = base.pool(ctx, input.UserPoolId).Policies.PasswordPolicy
  if #input.Password < rule.MinimumLength then
    ctx:fail("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
  end
  row.UserStatus = input.Permanent and "CONFIRMED" or "FORCE_CHANGE_PASSWORD"
  put(ctx, "User", row, input.Username)
  return {}
end

function directory.ListUsers(ctx, input)
  base.pool(ctx, input.UserPoolId)
  local page, token = ctx:page(ctx:table("User"):by("UserPoolId", input.UserPoolId), input.PaginationToken, input.Limit, 60,
    "InvalidParameterException")
  return { Users = page, PaginationToken = token }
end

function directory.AdminDeleteUser(ctx, input)
  ctx:table("User"):delete(need(ctx, "User", input.UserPoolId, input.Username, "UserNotFoundException")._id)
  return {}
end

function directory.CreateResourceServer(ctx, input)
  base.pool(ctx, input.UserPoolId)
  if find(ctx, "ResourceServer", input.UserPoolId, input.Identifier) then
    base.invalid(ctx, ("%s already exists in user pool %s."):format(input.Identifier, input.UserPoolId))
  end
  return { ResourceServer = put(ctx, "ResourceServer", base.over({}, input), input.Identifier) }
end

function directory.DescribeResourceServer(ctx, input)
  return { ResourceServer = need(ctx, "ResourceServer", input.UserPoolId, input.Identifier) }
end

function directory.ListResourceServers(ctx, input)
  base.pool(ctx, input.UserPoolId)
  return base.page(ctx, ctx:table("ResourceServer"):by("UserPoolId", input.UserPoolId), input, "ResourceServers")
end

function directory.DeleteResourceServer(ctx, input)
  ctx:table("ResourceServer"):delete(need(ctx, "ResourceServer", input.UserPoolId, input.Identifier)._id)
  return {}
end

function directory.ListIdentityProviders(ctx, input)
  base.pool(ctx, input.UserPoolId)
  return { Providers = {} }
end

return directory
