--- The CRC of a whole from the CRCs of its parts, so that parts can be moved in any order and the
--- whole still be checked without reading it again. Pure.
local hash = require "cso.std.hash"

local crc = {}

-- By AWS's names: how many bits, and the reflected polynomial.
local kinds = {
  CRC32 = { bits = 32, polynomial = 0xedb88320, pack = ">I4" },
  CRC32C = { bits = 32, polynomial = 0x82f63b78, pack = ">I4" },
  CRC64NVME = { bits = 64, polynomial = 0x9a6c9329ac4bc9b5, pack = ">I8" },
}

--- Whether the checksum of a whole can be had from those of its parts.
---@param name string  as AWS names it
---@return boolean
function crc.is(name) return kinds[name] ~= nil end

-- A matrix over GF(2): as many columns as the checksum has bits.
local function times(matrix, vector)
  local sum, i = 0, 1
  while vector ~= 0 do
    if vector & 1 == 1 then sum = sum ~ matrix[i] end
    vector, i = vector >> 1, i + 1
  end
  return sum
end

local function square(matrix)
  local out = {}
  for i = 1, #matrix do out[i] = times(matrix, matrix[i]) end
  return out
end

-- What one zero bit behind a text does to its checksum.
local function one_bit(kind)
  local m = { kind.polynomial }
  for i = 2, kind.bits do m[i] = 1 << (i - 2) end
  return m
end

--- The checksum of two texts, one behind the other.
---@param first integer   of the first
---@param second integer  of the second
---@param length integer  bytes of the second
---@param name string?    CRC32 by default
---@return integer
function crc.combine(first, second, length, name)
  local m = square(square(square(one_bit(kinds[name or "CRC32"]))))
  while length > 0 do
    if length & 1 == 1 then first = times(m, first) end
    length = length >> 1
    if length > 0 then m = square(m) end
  end
  return first ~ second
end

--- The checksum of parts in a row.
---@param parts { crc: integer, length: integer }[]
---@param name string?  CRC32 by default
---@return integer
function crc.whole(parts, name)
  local sum = 0
  for _, part in ipairs(parts) do sum = crc.combine(sum, part.crc, part.length, name) end
  return sum
end

--- A checksum as it goes over the wire, and back; nil where that is none.
---@param sum integer
---@param name string
---@return string base64
function crc.text(sum, name) return hash.base64_encode(string.pack(kinds[name].pack, sum)) end

---@param text string?
---@param name string
---@return integer?
function crc.number(text, name)
  local raw = text and hash.base64_decode(text)
  if not raw or #raw ~= kinds[name].bits // 8 then return nil end
  return (string.unpack(kinds[name].pack, raw))
end

return crc
