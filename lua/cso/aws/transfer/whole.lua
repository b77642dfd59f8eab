--- The checksum of a whole from the checksums of its parts: by combination where the kind allows it
--- (FULL_OBJECT), else as S3 makes it, over the checksums of the parts in a row (COMPOSITE). Pure.
local crc = require "cso.aws.transfer.crc"
local hash = require "cso.std.hash"

local whole = {}

-- AWS's names; the first that an object has is the one that it is checked with.
local names = { "CRC64NVME", "CRC32C", "CRC32", "XXHASH3", "XXHASH128", "XXHASH64", "SHA256", "SHA1", "SHA512", "MD5" }

--- The checksum that an object came with.
---@param head table  what HeadObject said
---@return string? name   CRC32, SHA256 …
---@return string? text   base64, with "-N" behind one over N parts
---@return integer? parts  of a checksum over checksums
function whole.given(head)
  for _, name in ipairs(names) do
    local text = head["Checksum" .. name]
    if text then
      local count = text:match("%-(%d+)$")
      if not count and head.ChecksumType == "COMPOSITE" then count = (head.ETag or ""):match('%-(%d+)"?$') end
      return name, text, count and math.tointeger(tonumber(count))
    end
  end
end

--- The checksum of parts in a row.
---@param name string
---@param list { sum: string, length: integer }[]  each sum in base64
---@return string? text  nil when a part has none
function whole.combined(name, list)
  local parts = {}
  for i, part in ipairs(list) do
    parts[i] = { crc = crc.number(part.sum, name), length = part.length }
    if not parts[i].crc then return nil end
  end
  return crc.text(crc.whole(parts, name), name)
end

--- The checksum over the checksums of parts.
---@param name string
---@param list { sum: string }[]
---@return string? text  with the number of parts behind it; nil when a part has none
function whole.composite(name, list)
  local sums = {}
  for i, part in ipairs(list) do
    sums[i] = part.sum and hash.base64_decode(part.sum)
    if not sums[i] then return nil end
  end
  return ("%s-%d"):format(hash.base64_encode(hash.sum(name:lower(), table.concat(sums))), #list)
end

return whole
