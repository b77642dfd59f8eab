local find = require "cso.kind.find"
local kind = require "cso.kind.declare"
local shape = require "cso.kind.shape"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local function newest(r)
  return r:call("DescribeLaunchTemplateVersions", { LaunchTemplateId = r.id, Versions = { "$Latest" } }).LaunchTemplateVersions[1]
end

-- Tags of the template itself; what it launches is tagged by LaunchTemplateData.
local function own_tags(desired)
  local map = {}
  for _, spec in ipairs(desired.TagSpecifications or {}) do
    for _, t in ipairs(spec.ResourceType == "launch-template" and spec.Tags or {}) do map[t.Key] = t.Value end
  end
  return map
end

local function tag_list(r, map) return tags.to_api(r:model(), "TagList", map) end

return kind "AWS::EC2::LaunchTemplate" {
  service = "ec2", tag_type = "launch-template", name = { "LaunchTemplateName", max = 128 },
  create = {
    "CreateLaunchTemplate", take = "LaunchTemplate", skip = { "TagSpecifications" }, handles = { "TagSpecifications" },
    with = function(params, r)
      local map = own_tags(r.desired)
      for k, v in pairs(r.own) do map[k] = v end
      params.TagSpecifications = { { ResourceType = "launch-template", Tags = tag_list(r, map) } }
    end,
  },
  read = {
    "DescribeLaunchTemplates", list = "LaunchTemplates[]",
    params = function(r) return { LaunchTemplateIds = { r.id } } end,
    shape = function(model, raw, r)
      local version = newest(r)
      local T = r.kind.schema
      model.LaunchTemplateData = shape.from_api(T.properties.LaunchTemplateData.type, T.definitions, version.LaunchTemplateData)
      model.VersionDescription = version.VersionDescription
      model.LatestVersionNumber = tostring(raw.LatestVersionNumber)
      model.DefaultVersionNumber = tostring(raw.DefaultVersionNumber)
      local map = tags.to_map(raw.Tags)
      if next(map) then model.TagSpecifications = { { ResourceType = "launch-template", Tags = tag_list(r, map) } } end
      return model
    end,
  },
  update = function(r, set)
    if set.TagSpecifications then tags.apply(r, r.id, own_tags(r.current or {}), own_tags(r.desired)) end
    if not set.LaunchTemplateData and not set.VersionDescription then return end
    local S = r:model()
    local data = shape.to_api(S, "RequestLaunchTemplateData", value.reveal(r.desired.LaunchTemplateData))
    r:call("CreateLaunchTemplateVersion", { LaunchTemplateId = r.id, LaunchTemplateData = data,
      VersionDescription = r.desired.VersionDescription, ClientToken = r.token })
  end,
  set_tags = function(r, current, wanted) tags.apply(r, r.id, current, wanted) end,
  fixed = { "LaunchTemplateName" },
  volatile = { "LatestVersionNumber" },
  removes = { "TagSpecifications" },
  sets = { "TagSpecifications", "TagSpecifications.Tags", "LaunchTemplateData.SecurityGroupIds",
    "LaunchTemplateData.TagSpecifications", "LaunchTemplateData.TagSpecifications.Tags" },
  find = function(r)
    local out, e = r:try("DescribeLaunchTemplates", { LaunchTemplateNames = { r.desired.LaunchTemplateName } })
    if not out then
      if e.code:match("NotFound") then return nil end
      error(e, 0)
    end
    local t = out.LaunchTemplates[1]
    if t and find.owned(r, tags.to_map(t.Tags, true)) then return t.LaunchTemplateId end
  end,
  delete = { "DeleteLaunchTemplate" },
  seconds = { create = 1, delete = 1 },
}
