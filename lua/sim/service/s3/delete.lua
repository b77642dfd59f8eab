--- Deleting objects: markers where there are versions, real ends elsewhere.
local base = require "sim.service.s3.base"

local delete = {}

local function drop(ctx, bucket, key, id)
  local objects = base.objects(ctx, bucket)
  local row = objects:get(key)
  for i, version in ipairs(row and row._versions or {}) do
    if version.VersionId == id then
      table.remove(row._versions, i)
      if row._versions[1] then
        row.ETag, row.Size = row._versions[1].ETag, row._versions[1].Size
        objects:put(key, row)
      else
        objects:delete(key)
      end
      return version
    end
  end
end

local function remove(ctx, bucket, key, id)
  if id then
    local gone = drop(ctx, bucket, key, id)
    return { VersionId = id, DeleteMarker = gone and gone.DeleteMarker or nil }
  end
  if not bucket._versioning then
    base.objects(ctx, bucket):delete(key)
    return {}
  end
  local marker = { DeleteMarker = true, LastModified = ctx.told }
  base.add(ctx, bucket, key, marker)
  return { VersionId = marker.VersionId, DeleteMarker = true }
end

function delete.DeleteObject(ctx, input)
  local bucket = base.bucket(ctx, input)
  if input.IfMatch then
    local now = base.current(ctx, bucket, input.Key)
    if not now then ctx:fail("NoSuchKey", "The specified key does not exist.", 404, { Key = input.Key }) end
    if input.IfMatch ~= "*" and input.IfMatch:gsub('"', "") ~= now.ETag:gsub('"', "") then
      ctx:fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    end
  end
  return remove(ctx, bucket, input.Key, input.VersionId)
end

function delete.DeleteObjects(ctx, input)
  local bucket, deleted = base.bucket(ctx, input), {}
  if #input.Delete.Objects > 1000 or #input.Delete.Objects == 0 then
    ctx:fail("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
  end
  for _, o in ipairs(input.Delete.Objects) do
    local got = remove(ctx, bucket, o.Key, o.VersionId)
    local entry = { Key = o.Key, VersionId = o.VersionId, DeleteMarker = got.DeleteMarker }
    if got.DeleteMarker then entry.DeleteMarkerVersionId = got.VersionId end
    if not input.Delete.Quiet then deleted[#deleted + 1] = entry end
  end
  return { Deleted = deleted }
end

return delete
