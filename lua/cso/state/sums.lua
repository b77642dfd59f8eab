--- Sums by which damage is noticed that SQLite's own checks don't see: a flipped bit inside of a
--- record, or one that hides records.
local hash = require "cso.std.hash"

local sums = {}

--- The sum of one record: 40 bits, so that millions of them add up without overflow.
---@param address string
---@param text string   the record as it is written
---@return integer
function sums.of(address, text)
  return hash.sha256_head(5, address, "\0", text)
end

--- The check of a state's header.
---@param lineage string
---@param serial integer
---@param salt string
---@return string
function sums.header(lineage, serial, salt)
  return hash.sha256_hex(("%s\0%d\0%s"):format(lineage, serial, salt)):sub(1, 16)
end

return sums
