--- Tags of buckets and objects.
local base = require "sim.service.s3.base"
local tags = require "sim.help.tags"
local text = require "sim.protocol.text"

local tag = {}

local rule = { code = "InvalidTag", too_many = "BadRequest" }

--- The tags of the x-amz-tagging header ("a=b&c=d"); nil for none.
function tag.parse(ctx, header)
  if not header or header == "" then return nil end
  local list = {}
  for i, pair in ipairs(text.pairs(header, true)) do list[i] = { Key = pair[1], Value = pair[2] } end
  return tags.check(ctx, list, { code = "InvalidTag", max = 10, too_many = "BadRequest" })
end

function tag.PutBucketTagging(ctx, input)
  local row = base.bucket(ctx, input)
  row._tags = tags.check(ctx, input.Tagging.TagSet, rule)
  base.save(ctx, row)
  return {}
end

function tag.GetBucketTagging(ctx, input)
  local row = base.bucket(ctx, input)
  if #(row._tags or {}) == 0 then
    ctx:fail("NoSuchTagSet", "The TagSet does not exist", 404, { BucketName = row.Name })
  end
  return { TagSet = row._tags }
end

function tag.DeleteBucketTagging(ctx, input)
  local row = base.bucket(ctx, input)
  row._tags = nil
  base.save(ctx, row)
  return {}
end

local function change(ctx, input, list)
  local bucket = base.bucket(ctx, input)
  local version = base.version(ctx, bucket, input.Key, input.VersionId)
  version._tags = list
  local objects = base.objects(ctx, bucket)
  objects:put(input.Key, objects:get(input.Key))
  return { VersionId = base.shown_version(bucket, version) }
end

function tag.PutObjectTagging(ctx, input)
  return change(ctx, input, tags.check(ctx, input.Tagging.TagSet, { code = "InvalidTag", max = 10, too_many = "BadRequest" }))
end

function tag.DeleteObjectTagging(ctx, input) return change(ctx, input, nil) end

function tag.GetObjectTagging(ctx, input)
  local bucket = base.bucket(ctx, input)
  local version = base.version(ctx, bucket, input.Key, input.VersionId)
  return { TagSet = version._tags or {}, VersionId = base.shown_version(bucket, version) }
end

return tag
