local kind = require "cso.kind.declare"
local shape = require "cso.kind.shape"
local value = require "cso.std.value"

local function newest(r)
  return r:call("DescribeLaunchTemplateVersions", { LaunchTemplateId = r.id, Versions = { "$Latest" } }).LaunchTemplateVersions[1]
end

return kind "AWS::EC2::LaunchTemplate" {
  service = "ec2", tag_type = "launch-template", name = { "LaunchTemplateName", max = 128 },
  create = {
    "CreateLaunchTemplate", take = "LaunchTemplate", skip = { "TagSpecifications" }, handles = { "TagSpecifications" },
    with = function(params, r)
      -- Tags of the template itself; what it launches is tagged by LaunchTemplateData.
      local tags = {}
      for _, spec in ipairs(r.desired.TagSpecifications or {}) do
        if spec.ResourceType == "launch-template" then
          for _, t in ipairs(spec.Tags or {}) do tags[#tags + 1] = t end
        end
      end
      for k, v in pairs(r.own) do tags[#tags + 1] = { Key = k, Value = v } end
      params.TagSpecifications = { { ResourceType = "launch-template", Tags = tags } }
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
      model.TagSpecifications = r.desired.TagSpecifications
      return model
    end,
  },
  update = function(r)
    local S = r:model()
    local data = shape.to_api(S, "RequestLaunchTemplateData", value.reveal(r.desired.LaunchTemplateData))
    r:call("CreateLaunchTemplateVersion", { LaunchTemplateId = r.id, LaunchTemplateData = data,
      VersionDescription = r.desired.VersionDescription, ClientToken = r.token })
  end,
  fixed = { "LaunchTemplateName" },
  volatile = { "LatestVersionNumber" },
  sets = { "LaunchTemplateData.SecurityGroupIds", "LaunchTemplateData.TagSpecifications",
    "LaunchTemplateData.TagSpecifications.Tags" },
  find = function(r)
    local out, e = r:try("DescribeLaunchTemplates", { LaunchTemplateNames = { r.desired.LaunchTemplateName } })
    if not out then
      if e.code:match("NotFound") then return nil end
      error(e, 0)
    end
    local t = out.LaunchTemplates[1]
    for _, tag in ipairs(t and t.Tags or {}) do
      if tag.Key == "cso:address" and tag.Value == r.address then return t.LaunchTemplateId end
    end
  end,
  delete = { "DeleteLaunchTemplate" },
  seconds = { create = 1, delete = 1 },
}
