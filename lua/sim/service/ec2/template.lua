--- Launch templates and their versions.
local base = require "sim.service.ec2.base"
local deep = require "cso.std.deep"
local filter = require "sim.help.filter"

local template = {}

local function by_name(ctx, name) return base.all(ctx, "lt"):one("LaunchTemplateName", name) end

local function find(ctx, input)
  if input.LaunchTemplateId and input.LaunchTemplateName then
    ctx:fail("InvalidParameterCombination", "Specify a launch template ID or name, not both.")
  end
  if input.LaunchTemplateId then return base.find(ctx, "lt", input.LaunchTemplateId) end
  if not input.LaunchTemplateName then
    ctx:fail("MissingParameter", "Either a launch template ID or a name must be specified.")
  end
  local row = by_name(ctx, input.LaunchTemplateName)
  if not row then
    ctx:fail("InvalidLaunchTemplateName.NotFoundException", "At least one of the launch templates specified in the "
      .. "request does not exist.")
  end
  return row
end

local function versions(ctx) return ctx:table("LaunchTemplateVersion") end

local function version_id(row, n) return row.LaunchTemplateId .. ":" .. n end

local function resolve(row, v)
  if v == nil or v == "$Default" then return row.DefaultVersionNumber end
  if v == "$Latest" then return row.LatestVersionNumber end
  return math.tointeger(tonumber(v))
end

local function find_version(ctx, row, v)
  local n = resolve(row, v)
  local version = n and versions(ctx):get(version_id(row, n))
  if not version then
    ctx:fail("InvalidLaunchTemplateId.VersionNotFound", ("Could not find launch template version %s for the launch "
      .. "template %s."):format(tostring(v), row.LaunchTemplateId))
  end
  return version
end

local function check_data(ctx, data)
  if data.ImageId and not data.ImageId:find("^ami%-") and not data.ImageId:find("^resolve:ssm:") then
    ctx:fail("InvalidAMIID.Malformed", ('Invalid id: "%s" (expecting "ami-...")'):format(data.ImageId))
  end
  if data.UserData and data.UserData:find("[^%w+/=%s]") then
    ctx:fail("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
  end
end

local function add_version(ctx, row, data, description)
  row.LatestVersionNumber = row.LatestVersionNumber + 1
  local n = row.LatestVersionNumber
  base.save(ctx, "lt", row.LaunchTemplateId, row)
  return versions(ctx):put(version_id(row, n), { LaunchTemplateId = row.LaunchTemplateId,
    LaunchTemplateName = row.LaunchTemplateName, VersionNumber = n, VersionDescription = description,
    CreateTime = ctx.now, CreatedBy = row.CreatedBy, LaunchTemplateData = data })
end

local function shown(row, version)
  local view = {}
  for k, v in next, version do view[k] = v end
  view.DefaultVersion = version.VersionNumber == row.DefaultVersionNumber
  return view
end

function template.CreateLaunchTemplate(ctx, input)
  local name = input.LaunchTemplateName
  if #name < 3 or #name > 128 or name:find("[^%w%(%)%.%-/_]") then
    ctx:fail("InvalidLaunchTemplateName.MalformedException", "A launch template name must be between 3 and 128 "
      .. "characters, and may contain letters, numbers, and the following characters: - ( ) . / _")
  end
  if by_name(ctx, name) then
    ctx:fail("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
  end
  check_data(ctx, input.LaunchTemplateData)
  local tags = base.tags(ctx, input, "launch-template")
  base.quota(ctx, base.all(ctx, "lt").count, "Launch templates per Region", "LaunchTemplateLimitExceeded")
  local id = ctx.ids:ec2("lt")
  local row = base.save(ctx, "lt", id, { LaunchTemplateId = id, LaunchTemplateName = name, CreateTime = ctx.now,
    CreatedBy = ctx.who.arn or ("arn:%s:iam::%s:root"):format(ctx.partition, ctx.account), DefaultVersionNumber = 1,
    LatestVersionNumber = 0, Tags = tags })
  add_version(ctx, row, input.LaunchTemplateData, input.VersionDescription)
  return { LaunchTemplate = row }
end

function template.CreateLaunchTemplateVersion(ctx, input)
  local row = find(ctx, input)
  local data = input.LaunchTemplateData
  check_data(ctx, data)
  if input.SourceVersion then
    data = deep.merge(find_version(ctx, row, input.SourceVersion).LaunchTemplateData, data)
  end
  return { LaunchTemplateVersion = shown(row, add_version(ctx, row, data, input.VersionDescription)) }
end

function template.ModifyLaunchTemplate(ctx, input)
  local row = find(ctx, input)
  if input.DefaultVersion then
    row.DefaultVersionNumber = find_version(ctx, row, input.DefaultVersion).VersionNumber
    base.save(ctx, "lt", row.LaunchTemplateId, row)
  end
  return { LaunchTemplate = row }
end

local function of(ctx, row)
  return versions(ctx):by("LaunchTemplateId", row.LaunchTemplateId)
end

function template.DeleteLaunchTemplate(ctx, input)
  local row = find(ctx, input)
  for _, v in ipairs(of(ctx, row)) do versions(ctx):delete(version_id(row, v.VersionNumber)) end
  base.all(ctx, "lt"):delete(row.LaunchTemplateId)
  return { LaunchTemplate = row }
end

function template.DeleteLaunchTemplateVersions(ctx, input)
  local row = find(ctx, input)
  local good, bad = {}, {}
  for _, v in ipairs(input.Versions) do
    local n = resolve(row, v)
    local known = n and versions(ctx):get(version_id(row, n))
    local entry = { LaunchTemplateId = row.LaunchTemplateId, LaunchTemplateName = row.LaunchTemplateName,
      VersionNumber = n }
    if not known or n == row.DefaultVersionNumber then
      entry.ResponseError = { Code = known and "unexpectedError" or "launchTemplateVersionDoesNotExist",
        Message = known and "Cannot delete the default version of a launch template"
          or "The launch template version does not exist" }
      bad[#bad + 1] = entry
    else
      versions(ctx):delete(version_id(row, n))
      good[#good + 1] = entry
    end
  end
  return { SuccessfullyDeletedLaunchTemplateVersions = good, UnsuccessfullyDeletedLaunchTemplateVersions = bad }
end

local describe = base.describe { kind = "lt", ids = "LaunchTemplateIds", out = "LaunchTemplates", page = 200,
  filters = { ["launch-template-name"] = "LaunchTemplateName", ["create-time"] = "CreateTime" } }

function template.DescribeLaunchTemplates(ctx, input)
  if input.LaunchTemplateNames and input.LaunchTemplateNames[1] then
    input.LaunchTemplateIds = {}
    for i, name in ipairs(input.LaunchTemplateNames) do
      input.LaunchTemplateIds[i] = find(ctx, { LaunchTemplateName = name }).LaunchTemplateId
    end
  end
  return describe(ctx, input)
end

function template.DescribeLaunchTemplateVersions(ctx, input)
  local list = {}
  if not input.LaunchTemplateId and not input.LaunchTemplateName then
    for _, row in ipairs(base.all(ctx, "lt"):list()) do
      for _, v in ipairs(input.Versions or { "$Default" }) do
        list[#list + 1] = shown(row, find_version(ctx, row, v))
      end
    end
  else
    local row = find(ctx, input)
    if input.Versions and input.Versions[1] then
      for i, v in ipairs(input.Versions) do list[i] = shown(row, find_version(ctx, row, v)) end
    else
      for _, v in ipairs(of(ctx, row)) do
        local n = v.VersionNumber
        if n >= (tonumber(input.MinVersion) or 1) and n <= (tonumber(input.MaxVersion) or n) then
          table.insert(list, 1, shown(row, v))
        end
      end
    end
  end
  list = filter.apply(ctx, list, input.Filters, { ["is-default-version"] = "DefaultVersion",
    ["image-id"] = "LaunchTemplateData.ImageId", ["instance-type"] = "LaunchTemplateData.InstanceType" })
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 200)
  return { LaunchTemplateVersions = page, NextToken = token }
end

--- The data of the template that a launch names ({ LaunchTemplateId | LaunchTemplateName, Version }).
---@param ctx sim.Context an EC2 context
---@param spec table
---@return table data, table version
local function data_of(ctx, spec)
  local version = find_version(ctx, find(ctx, spec), spec.Version)
  return version.LaunchTemplateData, version
end

return setmetatable(template, { __index = { data_of = data_of } })
