--- The CRC32 of a whole from the CRC32s of its parts, so that parts can be moved in any order and
--- the whole still be checked without reading it again. Pure.
local crc = {}

-- A matrix over GF(2): 32 columns of 32 bits.
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
  for i = 1, 32 do out[i] = times(matrix, matrix[i]) end
  return out
end

-- What one zero bit behind a text does to its CRC32 (reflected polynomial).
local function one_bit()
  local m = { 0xedb88320 }
  for i = 2, 32 do m[i] = 1 << (i - 2) end
  return m
end

--- The CRC32 of two texts, one behind the other.
---@param first integer   CRC32 of the first
---@param second integer  CRC32 of the second
---@param length integer  bytes of the second
---@return integer
function crc.combine(first, second, length)
  local m = square(square(square(one_bit())))
  while length > 0 do
    if length & 1 == 1 then first = times(m, first) end
    length = length >> 1
    if length > 0 then m = square(m) end
  end
  return first ~ second
end

--- The CRC32 of parts in a row.
---@param parts { crc: integer, length: integer }[]
---@return integer
function crc.whole(parts)
  local sum = 0
  for _, part in ipairs(parts) do sum = crc.combine(sum, part.crc, part.length) end
  return sum
end

return crc
