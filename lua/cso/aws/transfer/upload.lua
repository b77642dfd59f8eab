--- A file becomes an object: small ones in one call, others in parts, some at once. A part is held
--- in memory while it is under way, the file never is.
local crc = require "cso.aws.transfer.crc"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local parts = require "cso.aws.transfer.parts"
local task = require "cso.task"

local function raise(e) error(e, 0) end

local function read(file, part, path)
  file:seek("set", part.from)
  local data = part.length == 0 and "" or file:read(part.length)
  if not data or #data ~= part.length then
    raise(err.new { code = "FileChanged", class = "config",
      message = ("%s became shorter while it was being uploaded"):format(path) })
  end
  return data
end

local function with(base, more)
  local out = {}
  for k, v in next, base or {} do out[k] = v end
  for k, v in next, more do out[k] = v end
  return out
end

local function call(client, operation, params)
  local output, e = client:call(operation, params)
  return output or raise(e)
end

local function base64_crc(sum) return hash.base64_encode(string.pack(">I4", sum)) end

local function in_parts(client, file, o, list)
  local place = { Bucket = o.bucket, Key = o.key }
  local upload = call(client, "CreateMultipartUpload", with(o.params, with(place, {
    ChecksumAlgorithm = "CRC32", ChecksumType = "FULL_OBJECT" })))
  place.UploadId = upload.UploadId
  local complete
  -- An upload that is neither completed nor aborted is kept, and paid for, for ever.
  return task.scope(function(scope)
    scope:defer(function()
      if not complete then client:call("AbortMultipartUpload", place) end
    end)
    local sent = task.map(list, function(part)
      local data = read(file, part, o.file)
      local output = call(client, "UploadPart", with(place, { PartNumber = part.number, Body = data }))
      o.progress(part.length)
      part.crc = hash.crc32(data)
      return { PartNumber = part.number, ETag = output.ETag }
    end, { limit = o.parallel or parts.PARALLEL })
    complete = call(client, "CompleteMultipartUpload", with(place, {
      MultipartUpload = { Parts = sent }, ChecksumType = "FULL_OBJECT",
      ChecksumCRC32 = base64_crc(crc.whole(list)) }))
    return complete
  end)
end

--- Uploads a file; within a task.
---@param client table  of s3
---@param o { file: string, bucket: string, key: string, params: table?, part_size: integer?, parallel: integer?, progress: fun(bytes: integer)? }
---@return table? output  ETag, VersionId …
---@return cso.Err? err
return function(client, o)
  local about, e = fs.stat(o.file)
  if not about then return nil, e end
  local file, why = io.open(o.file, "rb")
  if not file then
    return nil, err.new { code = "file", class = "config", message = ("can't read %s: %s"):format(o.file, why) }
  end
  o = with(o, { progress = o.progress or function() end })
  local list = parts.of(about.size, o.part_size)
  local ok, result = task.try(function()
    if #list > 1 then return in_parts(client, file, o, list) end
    local data = read(file, list[1] or { from = 0, length = 0 }, o.file)
    local output = call(client, "PutObject", with(o.params, { Bucket = o.bucket, Key = o.key, Body = data }))
    o.progress(#data)
    return output
  end)
  file:close()
  if ok then return result end
  return nil, result
end
