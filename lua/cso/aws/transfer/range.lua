--- Ranges of one version of an object, and whether what they make is what the service has.
local crc = require "cso.aws.transfer.crc"
local err = require "cso.std.err"
local hash = require "cso.std.hash"

local range = {}

local function raise(e) error(e, 0) end

local function fault(code, message, hint)
  return err.new { code = code, class = "service", message = message, hint = hint }
end

--- What the service says of an object.
---@param client table
---@param o { bucket: string, key: string }
---@return table? head
---@return cso.Err? err
function range.head(client, o)
  local head, e = client:call("HeadObject", { Bucket = o.bucket, Key = o.key, ChecksumMode = "ENABLED" })
  -- An answer to HEAD has no body that could say it.
  if e and e.status == 404 then
    e.code, e.message = "NoSuchKey", ("there is no s3://%s/%s"):format(o.bucket, o.key)
  elseif e and e.status == 403 then
    e.message = ("s3://%s/%s may not be read, or does not exist"):format(o.bucket, o.key)
  end
  return head, e
end

--- Bytes of one version of an object; raises what goes wrong.
---@param client table
---@param o { bucket: string, key: string }
---@param head table  what HeadObject said
---@param part { from: integer, length: integer }
---@return string
function range.fetch(client, o, head, part)
  local output, e = client:call("GetObject", { Bucket = o.bucket, Key = o.key, IfMatch = head.ETag,
    VersionId = head.VersionId ~= "null" and head.VersionId or nil,
    Range = ("bytes=%d-%d"):format(part.from, part.from + part.length - 1) })
  if not output then
    if e.status == 412 then
      e = fault("ObjectChanged", ("s3://%s/%s was replaced while it was being downloaded"):format(
        o.bucket, o.key), "run it again for the new one")
    end
    raise(e)
  end
  if #output.Body ~= part.length then
    raise(fault("ShortRange", ("asked s3://%s/%s for %d bytes, got %d"):format(
      o.bucket, o.key, part.length, #output.Body)))
  end
  return output.Body
end

--- The checksum of the whole that can be had from its parts' ones; CRC32 where there is none.
---@param head table
---@return string
function range.kind(head)
  for _, name in ipairs { "CRC64NVME", "CRC32C", "CRC32" } do
    if head["Checksum" .. name] then return name end
  end
  return "CRC32"
end

-- Other kinds know only the whole: the file is read once more.
local function sum_of_file(path, head)
  for _, name in ipairs { "SHA256", "SHA1", "SHA512", "XXHASH3", "XXHASH128", "XXHASH64", "MD5" } do
    local given = head["Checksum" .. name]
    if given and not given:find("-", 1, true) then
      local sum = assert(hash.file_sum(name:lower(), path, 0, head.ContentLength))
      return name, given, hash.base64_encode(sum)
    end
  end
end

--- Compares what arrived with what the service says of the whole; raises when it differs. A checksum
--- over the checksums of parts says nothing without knowing the parts.
---@param o table
---@param head table
---@param list { crc: integer, length: integer }[]
---@param part_file string?  where it is, for checksums that only the whole has
function range.check(o, head, list, part_file)
  local in_parts = (head.ETag or ""):find("-", 1, true) ~= nil
  local type_of = head.ChecksumType
  if type_of == "COMPOSITE" or (in_parts and not type_of) then return end
  local name = range.kind(head)
  local given, own = head["Checksum" .. name], nil
  if given then
    if given:find("-", 1, true) then return end
    own = crc.text(crc.whole(list, name), name)
  elseif part_file then
    name, given, own = sum_of_file(part_file, head)
  end
  if own ~= given then
    raise(fault("ChecksumMismatch", ("the %s of s3://%s/%s is %s, what arrived has %s"):format(
      name, o.bucket, o.key, given, own), "run it again"))
  end
end

--- The checksum of some bytes, as a number.
---@param name string  from range.kind
---@param data string
---@return integer
function range.sum(name, data)
  return (string.unpack(name == "CRC64NVME" and ">I8" or ">I4", hash.sum(name:lower(), data)))
end

return range
