--- Uploads in parts.
local base = require "sim.service.s3.base"
local body = require "sim.service.s3.body"
local checksum = require "sim.service.s3.checksum"
local hash = require "cso.std.hash"
local object = require "sim.service.s3.object"
local tags = require "sim.service.s3.tag"

local multipart = {}

local SMALLEST = 5 * 1024 * 1024

local function need(ctx, input)
  local bucket = base.bucket(ctx, input)
  local row = base.uploads(ctx, bucket):get(input.UploadId)
  if not row or row.Key ~= input.Key then
    ctx:fail("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
      .. "aborted or completed.", 404, { UploadId = input.UploadId })
  end
  return row, bucket
end

function multipart.CreateMultipartUpload(ctx, input)
  local bucket = base.bucket(ctx, input)
  local algorithm, kind = checksum.of_upload(ctx, input)
  local row = object.describe(bucket, input, { UploadId = ctx.ids:text(31) .. ctx.ids:text(31), Key = input.Key,
    Initiated = ctx.now, _algorithm = algorithm, _checksum_type = kind,
    _parts = {}, _tags = tags.parse(ctx, input.Tagging) })
  base.uploads(ctx, bucket):put(row.UploadId, row)
  return { Bucket = bucket.Name, Key = input.Key, UploadId = row.UploadId, ServerSideEncryption = row.ServerSideEncryption,
    ChecksumAlgorithm = algorithm, ChecksumType = kind }
end

function multipart.UploadPart(ctx, input)
  local row, bucket = need(ctx, input)
  if input.PartNumber < 1 or input.PartNumber > 10000 then
    ctx:fail("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
  end
  local data, name, sum = body.read(ctx, input)
  row._parts[tostring(input.PartNumber)] = { ETag = body.etag(data), Size = #data, LastModified = ctx.told,
    _body = data, [name] = sum }
  base.uploads(ctx, bucket):put(row.UploadId, row)
  return { ETag = body.etag(data), [name] = sum, ServerSideEncryption = row.ServerSideEncryption }
end

function multipart.UploadPartCopy(ctx, input)
  local row, bucket = need(ctx, input)
  local source = object.source(ctx, input)
  local data = source._body
  local from, to = (input.CopySourceRange or ""):match("^bytes=(%d+)%-(%d+)$")
  if input.CopySourceRange then
    from, to = math.tointeger(tonumber(from)), math.tointeger(tonumber(to))
    if not from or from > to or to >= #data then
      ctx:fail("InvalidRange", "The requested range is not valid for the source object.", 416)
    end
    data = data:sub(from + 1, to + 1)
  end
  local name = "Checksum" .. (row._algorithm or "CRC64NVME")
  local sum = body.sum(name, data)
  row._parts[tostring(input.PartNumber)] = { ETag = body.etag(data), Size = #data, LastModified = ctx.told,
    _body = data, [name] = sum }
  base.uploads(ctx, bucket):put(row.UploadId, row)
  return { CopyPartResult = { ETag = body.etag(data), LastModified = ctx.told, [name] = sum },
    ServerSideEncryption = row.ServerSideEncryption }
end

local function check_parts(ctx, row, list)
  if #list == 0 then ctx:fail("MalformedXML", "You must specify at least one part") end
  local chosen, last = {}, 0
  for _, wanted in ipairs(list) do
    if wanted.PartNumber <= last then
      ctx:fail("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
    end
    last = wanted.PartNumber
  end
  for i, wanted in ipairs(list) do
    local part = row._parts[tostring(wanted.PartNumber)]
    if not part or wanted.ETag and part.ETag:gsub('"', "") ~= wanted.ETag:gsub('"', "") then
      ctx:fail("InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
        .. "specified entity tag may not match the part's entity tag.", 400, { PartNumber = wanted.PartNumber })
    end
    if i < #list and part.Size < SMALLEST then
      ctx:fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    end
    chosen[i] = part
  end
  return chosen
end

function multipart.CompleteMultipartUpload(ctx, input)
  local row, bucket = need(ctx, input)
  local chosen = check_parts(ctx, row, input.MultipartUpload and input.MultipartUpload.Parts or {})
  object.check_write(ctx, bucket, input)
  local data, digests = {}, {}
  for i, part in ipairs(chosen) do
    data[i], digests[i] = part._body, hash.md5(part._body)
  end
  data = table.concat(data)
  local said = checksum.of_whole(ctx, row, chosen, data, input)
  local version = object.describe(bucket, row, { Size = #data, LastModified = ctx.told, _body = data, _tags = row._tags,
    ETag = ('"%s-%d"'):format(hash.hex_encode(hash.md5(table.concat(digests))), #chosen),
    _parts = checksum.parts(row, chosen) })
  for k, v in next, said do version[k] = v end
  base.add(ctx, bucket, row.Key, version)
  base.uploads(ctx, bucket):delete(row.UploadId)
  said.Bucket, said.Key, said.ETag, said.VersionId = bucket.Name, row.Key, version.ETag, base.shown_version(bucket, version)
  said.ServerSideEncryption = version.ServerSideEncryption
  said.Location = ("http://%s.s3.%s.amazonaws.com/%s"):format(bucket.Name, bucket.BucketRegion, row.Key)
  return said
end

function multipart.AbortMultipartUpload(ctx, input)
  local row, bucket = need(ctx, input)
  base.uploads(ctx, bucket):delete(row.UploadId)
  return {}
end

function multipart.ListParts(ctx, input)
  local row, bucket = need(ctx, input)
  local parts = {}
  for n, part in next, row._parts do
    parts[#parts + 1] = { PartNumber = math.tointeger(tonumber(n)), ETag = part.ETag, Size = part.Size,
      LastModified = part.LastModified }
  end
  table.sort(parts, function(a, b) return a.PartNumber < b.PartNumber end)
  return { Bucket = bucket.Name, Key = row.Key, UploadId = row.UploadId, Parts = parts, IsTruncated = false, MaxParts = 1000,
    StorageClass = row.StorageClass or "STANDARD", Owner = base.owner(ctx) }
end

function multipart.ListMultipartUploads(ctx, input)
  local bucket = base.bucket(ctx, input)
  local list = base.uploads(ctx, bucket):list(function(row)
    return not input.Prefix or row.Key:sub(1, #input.Prefix) == input.Prefix
  end)
  table.sort(list, function(a, b) return a.Key < b.Key end)
  return { Bucket = bucket.Name, Uploads = list, IsTruncated = false, MaxUploads = input.MaxUploads or 1000,
    Prefix = input.Prefix }
end

return multipart
