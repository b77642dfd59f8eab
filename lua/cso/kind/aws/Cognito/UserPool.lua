local find = require "cso.kind.find"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"
local write = require "cso.kind.write"

--- An update that leaves a member out resets it, so every declared one is sent again.
local function update(r, set, list)
  if #list > (set.UserPoolTags and 1 or 0) then
    local op = { "UpdateUserPool", rename = { UserPoolName = "PoolName", EnabledMfas = "-" } }
    local params = write.params(r, op, r.desired)
    params.UserPoolId = r.id
    params.UserPoolTags = tags.owned(r.desired.UserPoolTags, r.own)
    r:call("UpdateUserPool", params)
  end
  if set.UserPoolTags then write.update_tags(r.kind, r) end
end

return kind "AWS::Cognito::UserPool" {
  service = "cognito-idp", id = "UserPoolId", name = { "UserPoolName", max = 128, shared = true },
  create = { "CreateUserPool", take = "UserPool", id = "Id", rename = { UserPoolName = "PoolName" }, tags = "UserPoolTags",
    bare = true },
  read = {
    "DescribeUserPool", take = "UserPool", tags = "UserPoolTags", rename = { Name = "UserPoolName", SchemaAttributes = "Schema" },
    shape = function(model, raw, r)
      local region = raw.Arn and raw.Arn:match("^arn:[^:]*:[^:]*:([^:]*)") or r.target.region
      model.UserPoolId = raw.Id
      model.ProviderName = ("cognito-idp.%s.amazonaws.com/%s"):format(region, raw.Id)
      model.ProviderURL = "https://" .. model.ProviderName
      model.Schema = r.desired.Schema
      return model
    end,
  },
  update = update,
  fixed = { "Schema", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration" },
  sets = { "AutoVerifiedAttributes", "AliasAttributes", "UsernameAttributes", "AccountRecoverySetting.RecoveryMechanisms" },
  protection = { property = "DeletionProtection", on = "ACTIVE", off = "INACTIVE" },
  removes = "all",
  tag_id = function(_, raw) return raw.Arn end,
  find = function(r)
    local token
    repeat
      local out = r:call("ListUserPools", { MaxResults = 60, NextToken = token })
      for _, pool in ipairs(out.UserPools) do
        if pool.Name == r.desired.UserPoolName then
          local map = r:call("DescribeUserPool", { UserPoolId = pool.Id }).UserPool.UserPoolTags or {}
          if find.owned(r, map) and not find.known(r, pool.Id) then return pool.Id end
        end
      end
      token = out.NextToken
    until not token
  end,
  delete = { "DeleteUserPool" },
  seconds = { create = 2, delete = 1 },
}
