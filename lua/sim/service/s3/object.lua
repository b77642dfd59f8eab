--- Objects: put, got, described, copied.
local base = require "sim.service.s3.base"
local body = require "sim.service.s3.body"
local checksum = require "sim.service.s3.checksum"
local tags = require "sim.service.s3.tag"
local text = require "sim.protocol.text"

local object = {}

local kept = { "ContentType", "CacheControl", "ContentDisposition", "ContentLanguage", "Expires", "WebsiteRedirectLocation",
  "StorageClass", "Metadata" }

--- Headers that an object keeps, encryption included.
---@param bucket table
---@param input table
---@param into table
function object.describe(bucket, input, into)
  for _, name in ipairs(kept) do into[name] = input[name] end
  local encoding = input.ContentEncoding and input.ContentEncoding:gsub("aws%-chunked,?%s*", "")
  into.ContentEncoding = encoding ~= "" and encoding or nil
  into.ContentType = into.ContentType or "binary/octet-stream"
  local rule = bucket._encryption and bucket._encryption.Rules[1]
  local by = rule and rule.ApplyServerSideEncryptionByDefault
  into.ServerSideEncryption = input.ServerSideEncryption or by and by.SSEAlgorithm or "AES256"
  if into.ServerSideEncryption:match("^aws:kms") then
    into.SSEKMSKeyId = input.SSEKMSKeyId or by and by.KMSMasterKeyID
    into.BucketKeyEnabled = rule and rule.BucketKeyEnabled or nil
  end
  return into
end

local function failed(ctx, condition)
  ctx:fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, { Condition = condition })
end

local function bare(tag) return (tag:gsub('^"', ""):gsub('"$', "")) end

--- Conditions of a write: nothing there (If-None-Match: *), or exactly this there (If-Match).
function object.check_write(ctx, bucket, input)
  local now = base.current(ctx, bucket, input.Key)
  if input.IfNoneMatch then
    if input.IfNoneMatch ~= "*" then
      ctx:fail("NotImplemented", "A header you provided implies functionality that is not implemented", 501)
    end
    if now then failed(ctx, "If-None-Match") end
  end
  if input.IfMatch then
    if not now then ctx:fail("NoSuchKey", "The specified key does not exist.", 404, { Key = input.Key }) end
    if bare(input.IfMatch) ~= bare(now.ETag) then failed(ctx, "If-Match") end
  end
end

local function check_key(ctx, key)
  if #key > 1024 then ctx:fail("KeyTooLongError", "Your key is too long") end
end

function object.PutObject(ctx, input)
  local bucket = base.bucket(ctx, input)
  check_key(ctx, input.Key)
  local data, name, sum = body.read(ctx, input)
  object.check_write(ctx, bucket, input)
  local version = object.describe(bucket, input, { ETag = body.etag(data), Size = #data, LastModified = ctx.told, _body = data,
    [name] = sum, ChecksumType = "FULL_OBJECT", _tags = tags.parse(ctx, input.Tagging) })
  base.add(ctx, bucket, input.Key, version)
  return { ETag = version.ETag, VersionId = base.shown_version(bucket, version), [name] = sum, ChecksumType = "FULL_OBJECT",
    ServerSideEncryption = version.ServerSideEncryption, SSEKMSKeyId = version.SSEKMSKeyId,
      BucketKeyEnabled = version.BucketKeyEnabled }
end

local function check_read(ctx, input, version)
  if input.IfMatch and bare(input.IfMatch) ~= bare(version.ETag) then failed(ctx, "If-Match") end
  if input.IfUnmodifiedSince and math.floor(version.LastModified) > input.IfUnmodifiedSince and not input.IfMatch then
    failed(ctx, "If-Unmodified-Since")
  end
  if input.IfNoneMatch and bare(input.IfNoneMatch) == bare(version.ETag) then ctx:fail("NotModified", "Not Modified", 304) end
  if input.IfModifiedSince and math.floor(version.LastModified) <= input.IfModifiedSince and not input.IfNoneMatch then
    ctx:fail("NotModified", "Not Modified", 304)
  end
end

-- "bytes=0-9", "bytes=5-", "bytes=-3" → first and last byte, from zero.
local function range(ctx, header, size)
  local from, to = header:match("^bytes=(%d*)%-(%d*)$")
  if not from or from == "" and to == "" then return nil end
  local first, last
  if from == "" then
    first, last = math.max(0, size - math.tointeger(tonumber(to))), size - 1
  else
    first, last = math.tointeger(tonumber(from)), math.tointeger(tonumber(to)) or size - 1
  end
  if first >= size or first > last then
    ctx:fail("InvalidRange", "The requested range is not satisfiable", 416, { ActualObjectSize = size, RangeRequested = header })
  end
  return first, math.min(last, size - 1)
end

local overrides = { "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires" }

local function read(ctx, input)
  local bucket = base.bucket(ctx, input)
  local version = base.version(ctx, bucket, input.Key, input.VersionId)
  check_read(ctx, input, version)
  local out = {}
  for k, v in next, version do
    if input.ChecksumMode == "ENABLED" or not k:match("^Checksum") then out[k] = v end
  end
  out.VersionId, out.AcceptRanges, out.Size = base.shown_version(bucket, version), "bytes", nil
  out.TagCount = #(version._tags or {}) > 0 and #version._tags or nil
  if out.StorageClass == "STANDARD" then out.StorageClass = nil end
  for _, name in ipairs(overrides) do
    if input["Response" .. name] then out[name] = input["Response" .. name] end
  end
  out.ContentLength = version.Size
  local first, last
  if input.PartNumber then
    if input.Range then ctx:fail("InvalidRequest", "Cannot specify both Range header and partNumber query parameter") end
    first, last = checksum.only_part(ctx, out, version, input.PartNumber)
    if not version._parts then first = nil end
  elseif input.Range then
    first, last = range(ctx, input.Range, version.Size)
  end
  if first then
    out.ContentRange = ("bytes %d-%d/%d"):format(first, last, version.Size)
    out.ContentLength, out._status = last - first + 1, 206
    if input.Range then
      for k in next, version do if k:match("^Checksum") then out[k] = nil end end
    end
  end
  return out, version, first, last
end

function object.GetObject(ctx, input)
  local out, version, first, last = read(ctx, input)
  out.Body = first and version._body:sub(first + 1, last + 1) or version._body
  out.ContentLength = nil
  return out
end

function object.HeadObject(ctx, input) return (read(ctx, input)) end

function object.GetObjectAttributes(ctx, input)
  local bucket = base.bucket(ctx, input)
  local version, out = base.version(ctx, bucket, input.Key, input.VersionId), {}
  local all = { ETag = bare(version.ETag), ObjectSize = version.Size, StorageClass = version.StorageClass or "STANDARD",
    Checksum = {}, ObjectParts = checksum.listed(version, input) }
  for k, v in next, version do
    if k:match("^Checksum") then all.Checksum[k] = type(v) == "string" and k ~= "ChecksumType" and v:gsub("%-%d+$", "") or v end
  end
  for _, name in ipairs(input.ObjectAttributes) do out[name] = all[name] end
  out.VersionId, out.LastModified = base.shown_version(bucket, version), version.LastModified
  return out
end

-- The version that is copied from; the bucket, key and version that were named.
function object.source(ctx, input)
  local path, id = input.CopySource:match("^/?(.-)%?versionId=(.+)$")
  local from, key = text.decode(path or input.CopySource):match("^/?([^/]+)/(.+)$")
  if not from then ctx:fail("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey") end
  local source = base.version(ctx, base.bucket(ctx, { Bucket = from }), key, id)
  if input.CopySourceIfMatch and bare(input.CopySourceIfMatch) ~= bare(source.ETag) then
    failed(ctx, "x-amz-copy-source-If-Match")
  end
  return source, from, key, id
end

function object.CopyObject(ctx, input)
  local bucket = base.bucket(ctx, input)
  check_key(ctx, input.Key)
  local source, from, key, id = object.source(ctx, input)
  local again = input.MetadataDirective == "REPLACE"
  if from == bucket.Name and key == input.Key and not again and not id and not input.StorageClass
    and not input.ServerSideEncryption then
    ctx:fail("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing "
      .. "the object's metadata, storage class, website redirect location or encryption attributes.")
  end
  object.check_write(ctx, bucket, input)
  local described = {}
  for k, v in next, again and input or source do described[k] = v end
  described.StorageClass = input.StorageClass
  described.ServerSideEncryption, described.SSEKMSKeyId = input.ServerSideEncryption, input.SSEKMSKeyId
  local version = object.describe(bucket, described, { ETag = body.etag(source._body), Size = source.Size,
    LastModified = ctx.told, _body = source._body, ChecksumCRC32 = body.sum("ChecksumCRC32", source._body),
    ChecksumType = "FULL_OBJECT",
    _tags = input.TaggingDirective == "REPLACE" and tags.parse(ctx, input.Tagging) or source._tags })
  base.add(ctx, bucket, input.Key, version)
  return { CopyObjectResult = { ETag = version.ETag, LastModified = ctx.told, ChecksumCRC32 = version.ChecksumCRC32 },
    VersionId = base.shown_version(bucket, version), ServerSideEncryption = version.ServerSideEncryption,
    CopySourceVersionId = id }
end

return object
