local common = require "cso.kind.aws.IAM.common"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"

--- IAM keeps five versions of a policy; the oldest that is not in force makes room.
local function make_room(r)
  local versions = common.all(r, "ListPolicyVersions", { PolicyArn = r.id }, "Versions")
  if #versions < 5 then return end
  table.sort(versions, function(a, b) return tonumber(a.VersionId:sub(2)) < tonumber(b.VersionId:sub(2)) end)
  for _, v in ipairs(versions) do
    if not v.IsDefaultVersion then
      r:call("DeletePolicyVersion", { PolicyArn = r.id, VersionId = v.VersionId })
      return
    end
  end
end

local entities = {
  Roles = { "AttachRolePolicy", "DetachRolePolicy", "RoleName", "PolicyRoles" },
  Users = { "AttachUserPolicy", "DetachUserPolicy", "UserName", "PolicyUsers" },
  Groups = { "AttachGroupPolicy", "DetachGroupPolicy", "GroupName", "PolicyGroups" },
}

local function holders(r, property)
  local rule, names = entities[property], {}
  for i, entity in ipairs(common.all(r, "ListEntitiesForPolicy", { PolicyArn = r.id }, rule[4])) do names[i] = entity[rule[3]] end
  return names
end

local function set_holders(property)
  local rule = entities[property]
  return function(r, want)
    local add, remove = common.difference(want, holders(r, property))
    for _, name in ipairs(add) do r:call(rule[1], { [rule[3]] = name, PolicyArn = r.id }) end
    for _, name in ipairs(remove) do r:call(rule[2], { [rule[3]] = name, PolicyArn = r.id }) end
  end
end

return kind "AWS::IAM::ManagedPolicy" {
  service = "iam", name = { "ManagedPolicyName", max = 128 },
  create = {
    "CreatePolicy", take = "Policy", id = "Arn", rename = { ManagedPolicyName = "PolicyName" },
    skip = { "Roles", "Users", "Groups" },
    with = function(params, r)
      params.Tags = tags.to_api(r:model(), "tagListType", r.own)
    end,
  },
  read = {
    "GetPolicy", take = "Policy", rename = { PolicyName = "ManagedPolicyName", Arn = "PolicyArn" },
    shape = function(model, raw, r)
      local version = r:call("GetPolicyVersion", { PolicyArn = r.id, VersionId = raw.DefaultVersionId }).PolicyVersion
      local text = version.Document:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
      model.PolicyDocument = require("cso.std.json").decode(text)
      for property in pairs(entities) do
        if r.desired[property] then model[property] = holders(r, property) end
      end
      return model
    end,
  },
  update = {
    PolicyDocument = function(r, want)
      make_room(r)
      r:call("CreatePolicyVersion", { PolicyArn = r.id, PolicyDocument = common.text(want), SetAsDefault = true })
    end,
    Roles = set_holders("Roles"), Users = set_holders("Users"), Groups = set_holders("Groups"),
  },
  set_tags = common.set_tags("TagPolicy", "UntagPolicy", "PolicyArn"),
  sets = { "Roles", "Users", "Groups" },
  defaults = { Roles = {}, Users = {}, Groups = {} },
  find = function(r)
    local path = r.desired.Path or "/"
    for _, p in ipairs(common.all(r, "ListPolicies", { Scope = "Local", PathPrefix = path }, "Policies")) do
      if p.PolicyName == r.desired.ManagedPolicyName then
        local map = tags.to_map(r:call("ListPolicyTags", { PolicyArn = p.Arn }).Tags, true)
        if require("cso.kind.find").owned(r, map) then return p.Arn end
      end
    end
  end,
  delete = function(r)
    if not common.unless_gone(r, "GetPolicy", { PolicyArn = r.id }) then return end
    for property, rule in pairs(entities) do
      for _, name in ipairs(holders(r, property)) do common.unless_gone(r, rule[2], { [rule[3]] = name, PolicyArn = r.id }) end
    end
    for _, v in ipairs(common.all(r, "ListPolicyVersions", { PolicyArn = r.id }, "Versions")) do
      if not v.IsDefaultVersion then
        common.unless_gone(r, "DeletePolicyVersion", { PolicyArn = r.id, VersionId = v.VersionId })
      end
    end
    common.unless_gone(r, "DeletePolicy", { PolicyArn = r.id })
  end,
  seconds = { create = 1, delete = 2 },
}
