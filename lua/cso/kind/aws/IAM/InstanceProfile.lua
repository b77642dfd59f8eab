local common = require "cso.kind.aws.IAM.common"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"

local function set_roles(r, want, have)
  local add, remove = common.difference(want, have)
  for _, name in ipairs(remove) do
    common.unless_gone(r, "RemoveRoleFromInstanceProfile", { InstanceProfileName = r.id, RoleName = name })
  end
  for _, name in ipairs(add) do
    r:call("AddRoleToInstanceProfile", { InstanceProfileName = r.id, RoleName = name })
  end
end

local function roles_of(raw)
  local names = {}
  for i, role in ipairs(raw.Roles or {}) do names[i] = role.RoleName end
  return names
end

return kind "AWS::IAM::InstanceProfile" {
  service = "iam", name = { "InstanceProfileName", max = 128 },
  create = { "CreateInstanceProfile", take = "InstanceProfile", skip = { "Roles" }, bare = true,
    with = function(params, r) params.Tags = tags.to_api(r:model(), "tagListType", r.own) end },
  read = {
    "GetInstanceProfile", take = "InstanceProfile",
    shape = function(model, raw)
      model.Roles = roles_of(raw)
      return model
    end,
  },
  update = { Roles = set_roles },
  set_tags = common.set_tags("TagInstanceProfile", "UntagInstanceProfile", "InstanceProfileName"),
  natural = function(r) return r.desired.InstanceProfileName end,
  delete = function(r)
    local out = common.unless_gone(r, "GetInstanceProfile", { InstanceProfileName = r.id })
    if not out then return end
    set_roles(r, {}, roles_of(out.InstanceProfile))
    common.unless_gone(r, "DeleteInstanceProfile", { InstanceProfileName = r.id })
  end,
  use = "ready",
  seconds = { create = 2, delete = 1 },
}
