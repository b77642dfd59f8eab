--- What S3's handlers share: buckets by name, objects by key, versions.
local base = {}

--- The bucket's row. Names are global: a bucket of another account is forbidden, one of another
--- region has to be asked there.
---@param ctx sim.Context
---@param input table
---@return table
function base.bucket(ctx, input)
  local row = ctx:shared("Bucket"):get(input.Bucket)
  if not row then
    ctx:fail("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName = input.Bucket })
  end
  if ctx.who and ctx.who.bucket and ctx.who.bucket ~= row.Name then ctx:fail("AccessDenied", "Access Denied") end
  if row._account ~= ctx.account or input.ExpectedBucketOwner and input.ExpectedBucketOwner ~= row._account then
    ctx:fail("AccessDenied", "Access Denied")
  end
  if row.BucketRegion ~= ctx.region then
    ctx:fail("AuthorizationHeaderMalformed", ("The authorization header is malformed; the region '%s' is wrong; expecting '%s'")
      :format(ctx.region, row.BucketRegion), 400, { Region = row.BucketRegion })
  end
  return row
end

function base.save(ctx, row) ctx:shared("Bucket"):put(row.Name, row) end

--- The collection of a bucket's keys. A row holds all versions of one key, newest first.
function base.objects(ctx, bucket) return ctx:shared("Object:" .. bucket.Name) end

--- The collection of a bucket's unfinished uploads.
function base.uploads(ctx, bucket) return ctx:shared("Upload:" .. bucket.Name) end

--- The newest version of a key, or nil when there is none or it is a delete marker.
function base.current(ctx, bucket, key)
  local row = base.objects(ctx, bucket):get(key)
  local newest = row and row._versions[1]
  if newest and not newest.DeleteMarker then return newest end
end

--- Stores a version as the newest one.
---@param ctx sim.Context
---@param bucket table
---@param key string
---@param version table
function base.add(ctx, bucket, key, version)
  local objects = base.objects(ctx, bucket)
  local row = objects:get(key) or { Key = key, _versions = {} }
  if bucket._versioning == "Enabled" then
    version.VersionId = ctx.ids:text(31) .. "A"
  else
    version.VersionId = "null"
    for i, other in ipairs(row._versions) do
      if other.VersionId == "null" then
        table.remove(row._versions, i)
        break
      end
    end
  end
  table.insert(row._versions, 1, version)
  row.ETag, row.Size = version.ETag, version.Size
  objects:put(key, row)
end

--- The version id as it is shown: buckets that never had versions show none.
function base.shown_version(bucket, version) return bucket._versioning and version.VersionId or nil end

--- The version a request means: the newest, or the one it names.
---@param ctx sim.Context
---@param bucket table
---@param key string
---@param id string|nil
---@return table
function base.version(ctx, bucket, key, id)
  local row = base.objects(ctx, bucket):get(key)
  local function missing() ctx:fail("NoSuchKey", "The specified key does not exist.", 404, { Key = key }) end
  if not id then
    local newest = row and row._versions[1]
    if not newest or newest.DeleteMarker then missing() end
    return newest
  end
  for _, version in ipairs(row and row._versions or {}) do
    if version.VersionId == id then
      if version.DeleteMarker then ctx:fail("MethodNotAllowed", "The specified method is not allowed against this resource.") end
      return version
    end
  end
  ctx:fail("NoSuchVersion", "The specified version does not exist.", 404, { Key = key, VersionId = id })
end

--- The owner of everything in an account.
function base.owner(ctx)
  local digits = (ctx.account .. ctx.account .. ctx.account .. ctx.account .. ctx.account .. ctx.account):sub(1, 64)
  return { ID = digits, DisplayName = "account" }
end

return base
