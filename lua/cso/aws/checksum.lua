--- Checksums of bodies, both ways, by the model's httpChecksum trait.
local file = require "cso.aws.file"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local shape = require "cso.aws.protocol.shape"

local checksum = {}

-- What can be computed here, in AWS's names; an answer is checked with the first that it brings.
local order = { "CRC64NVME", "CRC32C", "CRC32", "XXHASH3", "XXHASH128", "XXHASH64", "SHA1", "SHA256", "SHA512",
  "MD5" }
local known = {}
for _, name in ipairs(order) do known[name] = true end

--- A checksum of some bytes, as it goes over the wire.
---@param name string  CRC32, SHA256 … in any case
---@param data string
---@return string base64
function checksum.sum(name, data) return hash.base64_encode(hash.sum(name:lower(), data)) end

local function has_own(headers)
  for _, h in ipairs(headers) do
    local name = h[1]:lower()
    if name:match("^x%-amz%-checksum%-%w+$") and name ~= "x-amz-checksum-algorithm"
      and name ~= "x-amz-checksum-type" and name ~= "x-amz-checksum-mode" then
      return true
    end
  end
  return false
end

local function has(headers, wanted)
  for _, h in ipairs(headers) do
    if h[1]:lower() == wanted then return true end
  end
  return false
end

-- Which checksum a request gets; nil for none.
local function chosen(S, op, params, request, settings)
  local trait = op.httpChecksum or {}
  local member = trait.requestAlgorithmMember
  local name = member and params[member]
  if name then return name end
  local needed = op.httpChecksumRequired == true or trait.requestChecksumRequired
    or (type(op.httpChecksumRequired) == "table")
  if not needed and (not member or settings.when_required) then return nil end
  if settings.presign then return nil end
  local ref = member and op.input and S:shape(op.input.shape).members[member]
  local wire = ref and shape.trait(S, ref, "locationName")
  if wire and not has(request.headers, wire:lower()) then
    request.headers[#request.headers + 1] = { wire, "CRC32" }
  end
  return "CRC32"
end

--- Adds the checksum that an operation needs to a built request. The one of a file travels behind
--- it: then `request.trailer` says which, { checksum, name }.
---@param S table
---@param op table
---@param params table
---@param request table changed in place
---@param settings { when_required: boolean?, presign: boolean? }
---@return table? err { code, message }
function checksum.add(S, op, params, request, settings)
  if not op.httpChecksum and not op.httpChecksumRequired then return nil end
  local headers = request.headers
  if has_own(headers) or has(headers, "content-md5") then return nil end
  local name = chosen(S, op, params, request, settings)
  if not name then return nil end
  if not known[name:upper()] then
    return { code = "UnsupportedChecksum", class = "usage",
      message = ("%s.%s: the checksum algorithm %s is not supported; use one of %s"):format(
        S.name, op.name, name, table.concat(order, ", ")) }
  end
  local header = "x-amz-checksum-" .. name:lower()
  if file.is(request.body) then
    if not settings.presign then request.trailer = { checksum = name:lower(), name = header } end
  else
    headers[#headers + 1] = { header, checksum.sum(name, request.body) }
  end
  return nil
end

--- Whether answers of a call are checked: always, or only when the call asked for it.
---@param op table
---@param params table
---@param settings table  the client's
---@return boolean
function checksum.wanted(op, params, settings)
  if not settings.checksum_unread then return true end
  local mode = op.httpChecksum and op.httpChecksum.requestValidationModeMember
  return mode ~= nil and params[mode] == "ENABLED"
end

local function sum_of_file(name, path)
  local about = fs.stat(path)
  local sum = about and hash.file_sum(name:lower(), path, 0, about.size)
  return sum and hash.base64_encode(sum) or "unreadable"
end

--- Checks an answer's body, or the file that it went to, against the checksum it came with, if there
--- is one we can compute.
---@param op table
---@param response table
---@return string? fault
function checksum.verify(op, response)
  local trait = op.httpChecksum
  if not trait or not trait.responseAlgorithms then return nil end
  -- Beside a part of the body may stand the checksum of the whole.
  if response.status == 206 then return nil end
  for _, name in ipairs(order) do
    local given = response.headers["x-amz-checksum-" .. name:lower()]
    -- "…-3" is a checksum over the checksums of three parts, not over the body.
    if given and not given:find("%-%d+$") then
      local own = response.file and sum_of_file(name, response.file) or checksum.sum(name, response.body or "")
      if own ~= given then
        return ("the body's %s is %s, the service said %s"):format(name, own, given)
      end
      return nil
    end
  end
  return nil
end

return checksum
