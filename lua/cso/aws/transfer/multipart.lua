--- An upload of several parts: begun, filled, completed; given up when anything fails.
local crc = require "cso.aws.transfer.crc"
local err = require "cso.std.err"
local task = require "cso.task"

local multipart = {}

--- Two tables as one; the second wins.
---@param base table?
---@param more table
---@return table
function multipart.with(base, more)
  local out = {}
  for k, v in next, base or {} do out[k] = v end
  for k, v in next, more do out[k] = v end
  return out
end
local with = multipart.with

-- What belongs to the end of an upload and not to its beginning.
local late = { "IfMatch", "IfNoneMatch" }

-- What every part has to bring along again: the customer's own key.
local every = { "SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5", "RequestPayer",
  "ExpectedBucketOwner" }

local function pick(params, names, out)
  for _, name in ipairs(names) do out[name] = params and params[name] end
  return out
end

--- Makes a call; raises what goes wrong.
---@param client table
---@param operation string
---@param params table
---@return table output
function multipart.call(client, operation, params)
  local output, e = client:call(operation, params)
  if not output then error(e, 0) end
  return output
end
local call = multipart.call

--- Runs an upload. `fill(send)` sends the parts: send(part, params, operation?) sends one and notes
--- its checksum in part.crc; it gives what stands in the list of parts, which fill returns in order.
--- Raises what goes wrong; then nothing of it is left at the service.
---@param client table
---@param o { bucket: string, key: string, params: table? }
---@param fill fun(send: function): table[], table[]  the sent, the parts
---@return table output  of CompleteMultipartUpload
function multipart.run(client, o, fill)
  local place = { Bucket = o.bucket, Key = o.key }
  local first = with(o.params, place)
  for _, name in ipairs(late) do first[name] = nil end
  first.ChecksumAlgorithm, first.ChecksumType = "CRC32", "FULL_OBJECT"
  local complete
  -- An upload that is neither completed nor aborted is kept, and paid for, for ever.
  return task.scope(function(scope)
    scope:defer(function()
      if place.UploadId and not complete then client:call("AbortMultipartUpload", place) end
    end)
    -- Shielded: an interruption must not lose the name of an upload that has begun.
    place.UploadId = task.shield(call, client, "CreateMultipartUpload", first).UploadId
    local common = pick(o.params, every, with(place, {}))
    local function send(part, params, operation)
      local output = call(client, operation or "UploadPart",
        with(common, with(params, { PartNumber = part.number })))
      output = output.CopyPartResult or output
      part.crc = crc.number(output.ChecksumCRC32, "CRC32")
      return { PartNumber = part.number, ETag = output.ETag, ChecksumCRC32 = output.ChecksumCRC32 }
    end
    local sent, list = fill(send)
    local sum = true
    for _, part in ipairs(list) do sum = sum and part.crc ~= nil end
    local whole = sum and crc.text(crc.whole(list), "CRC32") or nil
    local done = call(client, "CompleteMultipartUpload", pick(o.params, late, pick(o.params, every,
      with(place, { MultipartUpload = { Parts = sent }, ChecksumType = "FULL_OBJECT", ChecksumCRC32 = whole }))))
    complete = true
    if whole and done.ChecksumCRC32 and done.ChecksumType ~= "COMPOSITE"
      and not done.ChecksumCRC32:find("-", 1, true) and done.ChecksumCRC32 ~= whole then
      error(err.new { code = "ChecksumMismatch", class = "service",
        message = ("s3://%s/%s has the CRC32 %s, what was sent %s"):format(
          o.bucket, o.key, done.ChecksumCRC32, whole), hint = "upload it again" }, 0)
    end
    return done
  end)
end

return multipart
