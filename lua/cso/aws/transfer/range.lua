--- Ranges of one version of an object, and whether what they make is what the service has.
local composite = require "cso.aws.transfer.composite"
local crc = require "cso.aws.transfer.crc"
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local parts = require "cso.aws.transfer.parts"
local whole = require "cso.aws.transfer.whole"

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
  elseif e and e.status == 403 and e.class ~= "credentials" then
    e.message = ("s3://%s/%s may not be read, or does not exist"):format(o.bucket, o.key)
  end
  return head, e
end

---@class cso.aws.transfer.Plan
---@field list { number: integer, from: integer, length: integer, by_number: boolean?, sum: string? }[]
---@field name string        the checksum that is made of each part
---@field how "combined"|"composite"|"again"|nil  how the whole is checked; again: by reading it once more
---@field given string?      what the service says the whole has

--- How an object is fetched so that it can be checked.
---@param client table
---@param o { bucket: string, key: string, part_size: integer? }
---@param head table       what HeadObject said
---@param most integer?    bytes that a part may have; then sizes are not guessed
---@return cso.aws.transfer.Plan
function range.plan(client, o, head, most)
  local name, given, count = whole.given(head)
  if count then
    local list = composite.parts(client, o, head, count, most ~= nil)
    for _, part in ipairs(list or {}) do
      if most and part.length > most then list = nil break end
    end
    if list then return { list = list, name = name, how = "composite", given = given } end
    return range.unchecked(o, head)
  end
  local plan = range.unchecked(o, head)
  if given then
    plan.given, plan.whole, plan.how = given, name, crc.is(name) and "combined" or "again"
    if crc.is(name) then plan.name = name end
  end
  return plan
end

--- The same for an object that nothing is known to check it with.
---@param o { part_size: integer? }
---@param head table
---@return cso.aws.transfer.Plan
function range.unchecked(o, head) return { list = parts.of(head.ContentLength, o.part_size), name = "CRC32" } end

--- Whether a failure only says that the sizes of the parts were guessed wrongly.
---@param plan cso.aws.transfer.Plan
---@param e cso.Err
---@return boolean
function range.misguessed(plan, e)
  local first = plan.list[1]
  return first ~= nil and first.by_number == true
    and (e.code == "WrongRange" or e.code == "ShortRange" or e.code == "too_large")
end

local function params_of(o, head, part)
  local params = { Bucket = o.bucket, Key = o.key, IfMatch = head.ETag,
    VersionId = head.VersionId ~= "null" and head.VersionId or nil }
  if part.by_number then
    params.PartNumber = part.number
  else
    params.Range = ("bytes=%d-%d"):format(part.from, part.from + part.length - 1)
  end
  return params
end

local function get(client, o, head, part, opts)
  local output, e, meta = client:call("GetObject", params_of(o, head, part), opts)
  if output then return output, meta end
  if e.status == 412 then
    e = fault("ObjectChanged", ("s3://%s/%s was replaced while it was being downloaded"):format(
      o.bucket, o.key), "run it again for the new one")
  end
  raise(e)
end

local function check_length(o, part, got)
  if got == part.length then return end
  raise(fault("ShortRange", ("asked s3://%s/%s for %d bytes, got %d"):format(o.bucket, o.key, part.length, got)))
end

-- A server that knows nothing of ranges answers with the whole; one that cut the object otherwise
-- than we think with another range.
local function check_place(o, head, part, output)
  if part.length == head.ContentLength then return end
  local from = (output.ContentRange or ""):match("^bytes (%d+)%-")
  if tonumber(from) == part.from then return end
  raise(fault("WrongRange", ("asked s3://%s/%s for the bytes from %d on, got %s"):format(
    o.bucket, o.key, part.from, output.ContentRange or "all"), "the server does not serve ranges as S3 does"))
end

--- Bytes of one version of an object; raises what goes wrong.
---@param client table
---@param o { bucket: string, key: string }
---@param head table  what HeadObject said
---@param part { from: integer, length: integer }
---@return string
function range.fetch(client, o, head, part)
  local output = get(client, o, head, part)
  check_place(o, head, part, output)
  check_length(o, part, #output.Body)
  return output.Body
end

--- The same into a file that may hold other parts already: nothing is held in memory. Sets part.sum.
---@param client table
---@param o { bucket: string, key: string }
---@param head table
---@param part table
---@param path string
---@param name string  of the checksum
function range.into(client, o, head, part, path, name)
  local output, meta = get(client, o, head, part,
    { to_file = path, to_at = part.from, to_sum = name:lower(), max_body = part.length })
  check_place(o, head, part, output)
  check_length(o, part, meta.received or 0)
  part.sum = hash.base64_encode(meta.sum)
end

--- Compares what arrived with what the service says of the whole; raises when it differs.
---@param o table
---@param plan cso.aws.transfer.Plan  all parts with their sums
---@param path string?  where it is, for checksums that only the whole has
function range.check(o, plan, path)
  local own
  local name = plan.name
  if plan.how == "again" then
    if not path then return end
    local last = plan.list[#plan.list]
    name = plan.whole
    own = hash.base64_encode(assert(hash.file_sum(name:lower(), path, 0, last and last.from + last.length or 0)))
  elseif plan.how then
    own = whole[plan.how](name, plan.list)
  else
    return
  end
  -- Some write the number of parts behind a checksum over checksums, some don't.
  local given = plan.given
  if plan.how == "composite" and not given:find("-", 1, true) then own = own:gsub("%-%d+$", "") end
  if own ~= given then
    raise(fault("ChecksumMismatch", ("the %s of s3://%s/%s is %s, what arrived has %s"):format(
      name, o.bucket, o.key, given, own), "run it again"))
  end
end

--- The checksum of some bytes in base64.
---@param name string
---@param data string
---@return string
function range.sum(name, data) return hash.base64_encode(hash.sum(name:lower(), data)) end

return range
