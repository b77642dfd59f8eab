--- Bodies as they arrive: unwrapped from aws-chunked framing, compared with their checksums.
local hash = require "cso.std.hash"

local body = {}

-- "hex;chunk-signature=…\r\n data \r\n" until a chunk of size 0, then trailers.
local function unchunk(ctx, raw)
  local out, at = {}, 1
  while true do
    local from, to, size = raw:find("^(%x+)[^\r\n]*\r\n", at)
    if not from then ctx:fail("IncompleteBody", "The request body terminated unexpectedly") end
    local n = tonumber(size, 16)
    at = to + 1
    if n == 0 then break end
    if at + n - 1 > #raw then ctx:fail("IncompleteBody", "The request body terminated unexpectedly") end
    out[#out + 1] = raw:sub(at, at + n - 1)
    at = at + n + 2
  end
  local trailers = {}
  for name, v in raw:sub(at):gmatch("([%w-]+):([^\r\n]*)") do trailers[name:lower()] = v:match("^%s*(.-)%s*$") end
  return table.concat(out), trailers
end

local sums = {
  ChecksumCRC32 = { "x-amz-checksum-crc32", function(s) return string.pack(">I4", hash.crc32(s)) end },
  ChecksumCRC32C = { "x-amz-checksum-crc32c", function(s) return string.pack(">I4", hash.crc32c(s)) end },
  ChecksumSHA1 = { "x-amz-checksum-sha1", function(s) return hash.hex_decode(hash.sha1_hex(s)) end },
  ChecksumSHA256 = { "x-amz-checksum-sha256", function(s) return hash.sha256(s) end },
}

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
  local headers, data, trailers = ctx.request.headers, input.Body or "", {}
  local sha = headers["x-amz-content-sha256"] or ""
  if sha:match("^STREAMING%-") or (headers["content-encoding"] or ""):match("aws%-chunked") then
    data, trailers = unchunk(ctx, data)
  end
  if input.ContentMD5 and input.ContentMD5 ~= hash.base64_encode(hash.md5(data)) then
    ctx:fail("BadDigest", "The Content-MD5 you specified did not match what we received.")
  end
  for name, rule in next, sums do
    local given = input[name] or trailers[rule[1]]
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
