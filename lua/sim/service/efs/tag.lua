--- Tags of file systems and access points, by id or ARN.
local base = require "sim.service.efs.base"
local tags = require "sim.help.tags"

local tag = {}

local function need(ctx, id)
  local kind = id:match("([^/]+)$"):match("^fsap%-") and "AccessPoint" or "FileSystem"
  return base.need(ctx, kind, id), kind
end

local function add(ctx, id, list)
  local row, kind = need(ctx, id)
  row.Tags = tags.check(ctx, tags.merge(row.Tags, tags.check(ctx, list, { code = "BadRequest" })), { code = "BadRequest" })
  base.save(ctx, kind, row)
  return {}
end

local function remove(ctx, id, keys)
  local row, kind = need(ctx, id)
  row.Tags = tags.drop(row.Tags, keys)
  base.save(ctx, kind, row)
  return {}
end

function tag.TagResource(ctx, input) return add(ctx, input.ResourceId, input.Tags) end
function tag.UntagResource(ctx, input) return remove(ctx, input.ResourceId, input.TagKeys) end
function tag.CreateTags(ctx, input) return add(ctx, input.FileSystemId, input.Tags) end
function tag.DeleteTags(ctx, input) return remove(ctx, input.FileSystemId, input.TagKeys) end

function tag.ListTagsForResource(ctx, input) return { Tags = need(ctx, input.ResourceId).Tags } end
function tag.DescribeTags(ctx, input) return { Tags = need(ctx, input.FileSystemId).Tags } end

return tag
