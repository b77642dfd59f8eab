--- What S3 says of the checksums of objects that were uploaded in parts, and of their parts.
local body = require "sim.service.s3.body"
local hash = require "cso.std.hash"

local checksum = {}

-- The kinds whose checksum of a whole can be made of those of its parts.
local whole = { CRC32 = true, CRC32C = true, CRC64NVME = true }
local composite_too = { CRC32 = true, CRC32C = true }

--- The kind and type of an upload in parts; raises what can't be.
---@param ctx sim.Context
---@param input table  of CreateMultipartUpload
---@return string? algorithm
---@return string? type  COMPOSITE or FULL_OBJECT
function checksum.of_upload(ctx, input)
  local name = input.ChecksumAlgorithm
  if not name then return nil, nil end
  local kind = input.ChecksumType or (whole[name] and not composite_too[name] and "FULL_OBJECT" or "COMPOSITE")
  if kind == "FULL_OBJECT" and not whole[name] or kind == "COMPOSITE" and name == "CRC64NVME" then
    ctx:fail("InvalidRequest",
      ("The %s checksum type cannot be used with the %s checksum algorithm."):format(kind, name:lower()))
  end
  return name, kind
end

--- The checksum of what parts became, as fields of the object.
---@param ctx sim.Context
---@param upload table
---@param chosen table[]  parts, in order
---@param data string
---@param input table  of CompleteMultipartUpload
---@return table fields
function checksum.of_whole(ctx, upload, chosen, data, input)
  local name, kind = upload._algorithm or "CRC64NVME", upload._checksum_type or "FULL_OBJECT"
  local member = "Checksum" .. name
  local sum
  if kind == "FULL_OBJECT" then
    sum = body.sum(member, data)
  else
    local sums = {}
    for i, part in ipairs(chosen) do
      if not part[member] then
        ctx:fail("InvalidRequest", "The upload was created using a " .. name:lower() .. " checksum. The complete request must "
          .. "include the checksum for each part. It was missing for part " .. i .. " in the request.")
      end
      sums[i] = hash.base64_decode(part[member])
    end
    sum = ("%s-%d"):format(body.sum(member, table.concat(sums)), #chosen)
  end
  if input[member] and input[member]:gsub("%-%d+$", "") ~= sum:gsub("%-%d+$", "") then
    ctx:fail("BadDigest", ("The %s you specified did not match what we received."):format(name:lower()))
  end
  return { [member] = sum, ChecksumType = kind }
end

--- What is remembered of an object's parts.
---@param upload table
---@param chosen table[]
---@return table[]
function checksum.parts(upload, chosen)
  local list, at = {}, 0
  local member = upload._algorithm and "Checksum" .. upload._algorithm
  for i, part in ipairs(chosen) do
    list[i] = { PartNumber = i, Size = part.Size, from = at }
    if member then list[i][member] = part[member] end
    at = at + part.Size
  end
  return list
end

--- Cuts what is said of an object down to one of its parts.
---@param ctx sim.Context
---@param out table  changed in place
---@param version table
---@param number integer
---@return integer first byte from zero
---@return integer last
function checksum.only_part(ctx, out, version, number)
  local parts = version._parts or { { PartNumber = 1, Size = version.Size, from = 0 } }
  local part = parts[number]
  if not part then
    ctx:fail("InvalidPartNumber", "The requested partnumber is not satisfiable", 416,
      { ActualPartCount = #parts, PartNumberRequested = number })
  end
  out.PartsCount = version._parts and #parts or nil
  for k in next, version do
    if k:match("^Checksum%u") and k ~= "ChecksumType" and version._parts then out[k] = out[k] and part[k] end
  end
  return part.from, part.from + part.Size - 1
end

--- The list of parts that attributes show; nil for parts without checksums of their own.
---@param version table
---@param input table  of GetObjectAttributes
---@return table?
function checksum.listed(version, input)
  local parts = version._parts
  if not parts then return nil end
  local out = { TotalPartsCount = #parts }
  if version.ChecksumType ~= "COMPOSITE" then return out end
  local after, most = math.tointeger(tonumber(input.PartNumberMarker)) or 0, input.MaxParts or 1000
  out.PartNumberMarker, out.MaxParts, out.Parts = tostring(after), most, {}
  for i = after + 1, math.min(#parts, after + most) do
    local shown = {}
    for k, v in next, parts[i] do
      if k ~= "from" then shown[k] = v end
    end
    out.Parts[#out.Parts + 1] = shown
  end
  out.IsTruncated = after + most < #parts
  out.NextPartNumberMarker = tostring(math.min(#parts, after + most))
  return out
end

return checksum
