--- An object becomes another one without passing through here: small ones in one call, those beyond
--- what one call takes in parts of one version.
local multipart = require "cso.aws.transfer.multipart"
local parts = require "cso.aws.transfer.parts"
local range = require "cso.aws.transfer.range"
local task = require "cso.task"

local with = multipart.with

local GIB = 1024 * 1024 * 1024
local MOST = 5 * GIB       -- what CopyObject takes
local PART = GIB // 8

-- What an object says of itself; CopyObject takes it along, a copy in parts has to be told.
local own = { "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType",
  "Metadata", "WebsiteRedirectLocation" }

local function source_of(o)
  local key = o.from.key:gsub("[^%w%-%._~/]", function(c) return ("%%%02X"):format(c:byte()) end)
  return o.from.bucket .. "/" .. key
end

local function in_parts(client, o, head)
  local params = with(o.params, {})
  params.MetadataDirective = nil
  if (o.params or {}).MetadataDirective ~= "REPLACE" then
    for _, name in ipairs(own) do
      if params[name] == nil then params[name] = head[name] end
    end
  end
  local list = parts.of(head.ContentLength, o.part_size or PART)
  local source = source_of(o)
  if head.VersionId and head.VersionId ~= "null" then source = source .. "?versionId=" .. head.VersionId end
  return multipart.run(client, { bucket = o.bucket, key = o.key, params = params }, function(send)
    return task.map(list, function(part)
      local entry = send(part, { CopySource = source, CopySourceIfMatch = head.ETag,
        CopySourceRange = ("bytes=%d-%d"):format(part.from, part.from + part.length - 1) }, "UploadPartCopy")
      o.progress(part.length)
      return entry
    end, { limit = o.parallel or parts.PARALLEL }), list
  end)
end

--- Copies an object; within a task.
---@param client table  of s3, in the target's region
---@param o { from: { bucket: string, key: string }, bucket: string, key: string, size: integer?, params: table?, part_size: integer?, threshold: integer?, parallel: integer?, progress: fun(bytes: integer)? }
---@return table? output
---@return cso.Err? err
return function(client, o)
  o = with(o, { progress = o.progress or function() end })
  local ok, result = task.try(function()
    local limit = o.threshold or MOST
    if o.size and o.size <= limit then
      local output = multipart.call(client, "CopyObject",
        with(o.params, { Bucket = o.bucket, Key = o.key, CopySource = source_of(o) }))
      o.progress(o.size)
      return output
    end
    local head, e = range.head(client, o.from)
    if not head then error(e, 0) end
    if head.ContentLength > limit then return in_parts(client, o, head) end
    local output = multipart.call(client, "CopyObject", with(o.params, { Bucket = o.bucket, Key = o.key,
      CopySource = source_of(o), CopySourceIfMatch = head.ETag }))
    o.progress(head.ContentLength)
    return output
  end)
  if ok then return result end
  return nil, result
end
