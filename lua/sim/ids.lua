--- Identifiers in AWS's own forms, reproducible from a seed: the n-th id of a run is a hash of
--- seed and n, so that two runs of the same requests make the same account.
local hash = require "cso.std.hash"

local ids = {}
ids.__index = ids

--- Makes a source of ids.
---@param seed string|integer
---@param counter integer? where an earlier run stopped
function ids.new(seed, counter)
  return setmetatable({ seed = tostring(seed), counter = counter or 0 }, ids)
end

-- 64 hex digits, a new lot at each call.
function ids:digits()
  self.counter = self.counter + 1
  return hash.sha256_hex(self.seed .. ":" .. self.counter)
end

--- n lower-case hex digits.
---@param n integer at most 64
---@return string
function ids:hex(n) return self:digits():sub(1, n) end

--- "vpc-0123456789abcdef0": prefix and 17 hex digits, the first one 0 as AWS has it.
---@param prefix string
---@return string
function ids:ec2(prefix) return prefix .. "-0" .. self:hex(16) end

local function pick(digits, n, alphabet)
  local out = {}
  for i = 1, n do
    local at = (i * 2 - 1) % 62
    out[i] = alphabet:byte(tonumber(digits:sub(at, at + 1), 16) % #alphabet + 1)
  end
  return string.char(table.unpack(out))
end

--- "AROA…": a prefix and 17 characters of base 32.
---@param prefix string
---@return string
function ids:iam(prefix) return prefix .. pick(self:digits(), 17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") end

--- n characters of an alphabet (default lower-case letters and digits).
---@param n integer at most 31
---@param alphabet string?
---@return string
function ids:text(n, alphabet)
  return pick(self:digits(), n, alphabet or "abcdefghijklmnopqrstuvwxyz0123456789")
end

--- A version 4 UUID.
---@return string
function ids:uuid()
  local d = self:digits()
  return ("%s-%s-4%s-%x%s-%s"):format(d:sub(1, 8), d:sub(9, 12), d:sub(14, 16),
    8 + tonumber(d:sub(17, 17), 16) % 4, d:sub(18, 20), d:sub(21, 32))
end

--- A number in [0, 1).
---@return number
function ids:fraction() return tonumber(self:digits():sub(1, 12), 16) / 2.0 ^ 48 end

return ids
