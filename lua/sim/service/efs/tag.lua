--- Tags of file systems and access points, by id or ARN.
local base = require "sim.service.efs.base"
local tagging = require "sim.help.tagging"

local tag = {}

local function need(ctx, id)
  local kind = id:match("([^/]+)$"):match("^fsap%-") and "AccessPoint" or "FileSystem"
  return base.need(ctx, kind, id), kind
end

local function calls(by)
  return tagging { at = "Tags", rule = { code = "BadRequest" },
    find = function(ctx, input) return need(ctx, input[by]) end,
    save = function(ctx, row, kind) base.save(ctx, kind, row) end }
end

tag.TagResource, tag.UntagResource = calls "ResourceId"
tag.CreateTags, tag.DeleteTags = calls "FileSystemId"

function tag.ListTagsForResource(ctx, input) return { Tags = need(ctx, input.ResourceId).Tags } end
function tag.DescribeTags(ctx, input) return { Tags = need(ctx, input.FileSystemId).Tags } end

return tag
