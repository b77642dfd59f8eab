--- IPv4 arithmetic on integers.
local ipv4 = {}

--- "10.0.0.1" → integer, or nil.
---@param s string
---@return integer?
function ipv4.address(s)
  local a, b, c, d = s:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  if not a then return nil end
  a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  if a > 255 or b > 255 or c > 255 or d > 255 then return nil end
  return a << 24 | b << 16 | c << 8 | d
end

--- Integer → "10.0.0.1".
---@param n integer
---@return string
function ipv4.text(n)
  return ("%d.%d.%d.%d"):format(n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255)
end

---@class sim.Cidr
---@field base integer   first address
---@field prefix integer
---@field size integer   number of addresses
---@field text string    canonical form
---@field exact boolean  false when host bits were set

--- Parses "10.0.0.0/16", or nil.
---@param s string
---@return sim.Cidr?
function ipv4.cidr(s)
  local address, prefix = s:match("^([%d.]+)/(%d%d?)$")
  local n = address and ipv4.address(address)
  prefix = tonumber(prefix)
  if not n or prefix > 32 then return nil end
  local size = 1 << (32 - prefix)
  local base = n & ~(size - 1)
  return { base = base, prefix = prefix, size = size, exact = base == n,
    text = ipv4.text(base) .. "/" .. prefix }
end

--- True when two blocks share an address.
function ipv4.overlap(a, b) return a.base < b.base + b.size and b.base < a.base + a.size end

--- True when block `inner` lies within `outer`.
function ipv4.within(inner, outer)
  return inner.base >= outer.base and inner.base + inner.size <= outer.base + outer.size
end

--- True for a well-formed IPv6 block (form only: the simulator routes nothing).
---@param s string
---@return boolean
function ipv4.is_cidr6(s)
  local address, prefix = s:match("^([%x:.]+)/(%d+)$")
  return address ~= nil and address:find(":", 1, true) ~= nil and tonumber(prefix) <= 128
end

return ipv4
