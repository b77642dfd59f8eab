--- An upload of several parts: begun, filled, completed; given up when anything fails.
local err = require "cso.std.err"
local task = require "cso.task"
local whole = require "cso.aws.transfer.whole"

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

-- What checks an upload unless the caller says otherwise, and the kinds whose checksum of a whole is made
-- of those of its parts; of others S3 keeps one over the checksums of the parts.
local USUAL = "CRC32"
local combines = { CRC32 = true, CRC32C = true, CRC64NVME = true }

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

--- The checksum that an upload is made with.
---@param params table?
---@return string name
function multipart.algorithm(params) return params and params.ChecksumAlgorithm or USUAL end

-- A service that keeps another type of checksum than it was asked for says nothing that could be compared.
local function check(o, algorithm, kind, own, done)
  local given = done["Checksum" .. algorithm]
  if not own or not given or (done.ChecksumType or kind) ~= kind then return end
  if (given:find("-", 1, true) == nil) ~= (kind == "FULL_OBJECT") or given == own then return end
  error(err.new { code = "ChecksumMismatch", class = "service",
    message = ("s3://%s/%s has the %s %s, what was sent %s"):format(o.bucket, o.key, algorithm, given, own),
    hint = "upload it again" }, 0)
end

--- Runs an upload. `fill(send)` sends the parts: send(part, params, operation?) sends one and notes
--- its checksum in part.sum; it gives what stands in the list of parts, which fill returns in order.
--- Raises what goes wrong; then nothing of it is left at the service.
---@param client table
---@param o { bucket: string, key: string, params: table? }
---@param fill fun(send: function): table[], table[]  the sent, the parts
---@return table output  of CompleteMultipartUpload
function multipart.run(client, o, fill)
  local place = { Bucket = o.bucket, Key = o.key }
  local first = with(o.params, place)
  for _, name in ipairs(late) do first[name] = nil end
  local algorithm = multipart.algorithm(o.params)
  local kind, member = combines[algorithm] and "FULL_OBJECT" or "COMPOSITE", "Checksum" .. algorithm
  first.ChecksumAlgorithm, first.ChecksumType = algorithm, kind
  local complete
  -- An upload that is neither completed nor aborted is kept, and paid for, for ever.
  return task.scope(function(scope)
    scope:defer(function()
      if place.UploadId and not complete then client:call("AbortMultipartUpload", place) end
    end)
    -- Shielded: an interruption must not lose the name of an upload that has begun.
    place.UploadId = task.shield(call, client, "CreateMultipartUpload", first).UploadId
    local common = pick(o.params, every, with(place, {}))
    common.ChecksumAlgorithm = algorithm
    local function send(part, params, operation)
      local all = with(common, with(params, { PartNumber = part.number }))
      if operation then all.ChecksumAlgorithm = nil end
      local output = call(client, operation or "UploadPart", all)
      output = output.CopyPartResult or output
      part.sum = output[member]
      return { PartNumber = part.number, ETag = output.ETag, [member] = part.sum }
    end
    local sent, list = fill(send)
    for i, part in ipairs(list) do
      if kind == "COMPOSITE" then sent[i][member] = part.sum end
    end
    local own = whole[kind == "COMPOSITE" and "composite" or "combined"](algorithm, list)
    local done = call(client, "CompleteMultipartUpload", pick(o.params, late, pick(o.params, every,
      with(place, { MultipartUpload = { Parts = sent }, ChecksumType = kind,
        [member] = kind == "FULL_OBJECT" and own or nil }))))
    complete = true
    check(o, algorithm, kind, own, done)
    return done
  end)
end

return multipart
