--- Groups, and users as an administrator makes them.
local pool = require "sim.service.cognito-idp.pool"

local group = {}

local function all(ctx, name) return ctx:table(name) end

local function find(ctx, kind, pool_id, name)
  pool.find(ctx, pool_id)
  local row = all(ctx, kind):get(pool_id .. "|" .. name)
  if not row then
    if kind == "User" then ctx:fail("UserNotFoundException", "User does not exist.") end
    ctx:fail("ResourceNotFoundException", "Group not found.")
  end
  return row
end

local function listed(ctx, rows, input, member, token_member)
  local page, token = ctx:page(rows, input[token_member], input.Limit, 60, "InvalidParameterException")
  return { [member] = page, [token_member] = token }
end

function group.CreateGroup(ctx, input)
  local owner = pool.find(ctx, input.UserPoolId)
  local id = owner.Id .. "|" .. input.GroupName
  if all(ctx, "Group"):get(id) then ctx:fail("GroupExistsException", "A group with the name already exists.") end
  return { Group = all(ctx, "Group"):put(id, { GroupName = input.GroupName, UserPoolId = owner.Id, RoleArn = input.RoleArn,
    Description = input.Description, Precedence = input.Precedence, CreationDate = ctx.now, LastModifiedDate = ctx.now,
    _id = id }) }
end

function group.GetGroup(ctx, input) return { Group = find(ctx, "Group", input.UserPoolId, input.GroupName) } end

function group.UpdateGroup(ctx, input)
  local row = find(ctx, "Group", input.UserPoolId, input.GroupName)
  for _, name in ipairs { "Description", "RoleArn", "Precedence" } do
    if input[name] ~= nil then row[name] = input[name] end
  end
  row.LastModifiedDate = ctx.now
  return { Group = all(ctx, "Group"):put(row._id, row) }
end

function group.DeleteGroup(ctx, input)
  all(ctx, "Group"):delete(find(ctx, "Group", input.UserPoolId, input.GroupName)._id)
  return {}
end

function group.ListGroups(ctx, input)
  local owner = pool.find(ctx, input.UserPoolId)
  return listed(ctx, all(ctx, "Group"):by("UserPoolId", owner.Id), input, "Groups", "NextToken")
end

function group.AdminCreateUser(ctx, input)
  local owner = pool.find(ctx, input.UserPoolId)
  local id = owner.Id .. "|" .. input.Username
  if all(ctx, "User"):get(id) then ctx:fail("UsernameExistsException", "User account already exists") end
  local attributes = { { Name = "sub", Value = ctx.ids:uuid() } }
  for _, a in ipairs(input.UserAttributes or {}) do attributes[#attributes + 1] = a end
  return { User = all(ctx, "User"):put(id, { Username = input.Username, UserPoolId = owner.Id, Attributes = attributes,
    UserCreateDate = ctx.now, UserLastModifiedDate = ctx.now, Enabled = true, UserStatus = "FORCE_CHANGE_PASSWORD",
    _id = id, _password = input.TemporaryPassword }) }
end

function group.AdminGetUser(ctx, input)
  local row, out = find(ctx, "User", input.UserPoolId, input.Username), {}
  for k, v in next, row do out[k] = v end
  out.UserAttributes = row.Attributes
  return out
end

function group.AdminSetUserPassword(ctx, input)
  local row = find(ctx, "User", input.UserPoolId, input.Username)
  row._password = input.Password
  row.UserStatus = input.Permanent and "CONFIRMED" or "FORCE_CHANGE_PASSWORD"
  all(ctx, "User"):put(row._id, row)
  return {}
end

function group.AdminDeleteUser(ctx, input)
  all(ctx, "User"):delete(find(ctx, "User", input.UserPoolId, input.Username)._id)
  return {}
end

function group.ListUsers(ctx, input)
  local owner = pool.find(ctx, input.UserPoolId)
  return listed(ctx, all(ctx, "User"):by("UserPoolId", owner.Id), input, "Users", "PaginationToken")
end

return group
