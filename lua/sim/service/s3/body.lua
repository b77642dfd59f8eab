--- Bodies as they arrive, compared with their checksums.
local hash = require "cso.std.hash"

local body = {}

local sums = {}
for _, name in ipairs { "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3",
  "XXHASH128" } do
  local lower = name:lower()
  sums["Checksum" .. name] = { "x-amz-checksum-" .. lower, function(s) return hash.sum(lower, s) end }
end

--- A checksum of some bytes as S3 writes it.
---@param name string ChecksumCRC32 …
---@param data string
---@return string base64
function body.sum(name, data) return hash.base64_encode(sums[name][2](data)) end

--- The bytes of a request and the checksum that the client chose (CRC32 when it chose none).
---@param ctx sim.Context
---@param input table
---@return string data, string name, string value
function body.read(ctx, input)
  -- Framing came off before; what travelled behind the body is a header now.
  local headers, data = ctx.request.headers, input.Body or ""
  if input.ContentMD5 and input.ContentMD5 ~= hash.base64_encode(hash.md5(data)) then
    ctx:fail("BadDigest", "The Content-MD5 you specified did not match what we received.")
  end
  for name, rule in next, sums do
    local given = input[name] or headers[rule[1]]
    if given then
      local real = body.sum(name, data)
      if given ~= real then
        ctx:fail("BadDigest",
          ("The %s you specified did not match the calculated checksum."):format(rule[1]:match("[^-]+$"):upper()))
      end
      return data, name, real
    end
  end
  return data, "ChecksumCRC32", body.sum("ChecksumCRC32", data)
end

--- The entity tag of some bytes.
function body.etag(data) return '"' .. hash.hex_encode(hash.md5(data)) .. '"' end

return body
