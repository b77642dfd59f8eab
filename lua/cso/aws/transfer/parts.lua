--- How a file or object is cut into parts. Pure.
local parts = {}

local MIB = 1024 * 1024

parts.SIZE = 8 * MIB     -- from this size on things are moved in parts of this size
parts.PARALLEL = 4       -- parts under way at once: what bounds the memory
parts.MOST = 10000       -- S3 takes no more parts than these

--- How large the parts of so many bytes are.
---@param size integer
---@param part_size integer?  the least
---@return integer
function parts.size(size, part_size)
  part_size = part_size or parts.SIZE
  if size <= part_size * parts.MOST then return part_size end
  part_size = (size + parts.MOST - 1) // parts.MOST
  return (part_size + MIB - 1) // MIB * MIB
end

--- The parts of so many bytes.
---@param size integer
---@param part_size integer?
---@return { number: integer, from: integer, length: integer }[]
function parts.of(size, part_size)
  part_size = parts.size(size, part_size)
  local list = {}
  for from = 0, size - 1, part_size do
    list[#list + 1] = { number = #list + 1, from = from, length = math.min(part_size, size - from) }
  end
  return list
end

return parts
