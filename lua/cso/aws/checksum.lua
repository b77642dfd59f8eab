--- Checksums of bodies, both ways, by the model's httpChecksum trait.
local hash = require "cso.std.hash"
local shape = require "cso.aws.protocol.shape"

local checksum = {}

local function be32(n) return string.pack(">I4", n) end

local algorithms = {
  CRC32 = function(s) return be32(hash.crc32(s)) end,
  CRC32C = function(s) return be32(hash.crc32c(s)) end,
  SHA1 = hash.sha1,
  SHA256 = hash.sha256,
}

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

--- Adds the checksum that an operation needs to a built request.
---@param S table
---@param op table
---@param params table
---@param request table changed in place
---@param settings { when_required: boolean?, presign: boolean? }
---@return table? err { code, message }
function checksum.add(S, op, params, request, settings)
  local trait = op.httpChecksum or {}
  local member = trait.requestAlgorithmMember
  local needed = op.httpChecksumRequired == true or trait.requestChecksumRequired
    or (type(op.httpChecksumRequired) == "table")
  local headers = request.headers
  if has_own(headers) or has(headers, "content-md5") then return nil end
  local name = member and params[member]
  if not name then
    if not needed and (not member or settings.when_required) then return nil end
    if settings.presign then return nil end
    name = "CRC32"
    local ref = member and op.input and S:shape(op.input.shape).members[member]
    local wire = ref and shape.trait(S, ref, "locationName")
    if wire and not has(headers, wire:lower()) then headers[#headers + 1] = { wire, name } end
  end
  local digest = algorithms[name:upper()]
  if not digest then
    return { code = "UnsupportedChecksum", class = "usage",
      message = ("%s.%s: the checksum algorithm %s is not supported; use one of CRC32, CRC32C, "
        .. "SHA1, SHA256"):format(S.name, op.name, name) }
  end
  headers[#headers + 1] = { "x-amz-checksum-" .. name:lower(), hash.base64_encode(digest(request.body)) }
  return nil
end

--- Checks an answer's body against the checksum it came with, if there is one we can compute.
---@param op table
---@param response table
---@return string? fault
function checksum.verify(op, response)
  local trait = op.httpChecksum
  if not trait or not trait.responseAlgorithms then return nil end
  -- Beside a part of the body may stand the checksum of the whole.
  if response.status == 206 then return nil end
  for _, name in ipairs { "CRC32", "CRC32C", "SHA1", "SHA256" } do
    local given = response.headers["x-amz-checksum-" .. name:lower()]
    -- "…-3" is a checksum over the checksums of three parts, not over the body.
    if given and not given:find("%-%d+$") then
      local own = hash.base64_encode(algorithms[name](response.body or ""))
      if own ~= given then
        return ("the body's %s is %s, the service said %s"):format(name, own, given)
      end
      return nil
    end
  end
  return nil
end

return checksum
