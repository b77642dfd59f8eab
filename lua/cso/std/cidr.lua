--- Address blocks, IPv4 and IPv6. `subnet`, `subnets`, `host` and `netmask` answer exactly as
--- Terraform's cidrsubnet, cidrsubnets, cidrhost and cidrnetmask do.
--- An address is an array of 4 or 16 bytes, most significant first.
local err = require("cso.std.err")

local cidr = {}

local function fault(message, ...)
  return nil, err.new { code = "cidr", class = "usage", message = message:format(...) }
end

local function parse_v4(text)
  local bytes = {}
  local a, b, c, d = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  if not a then return nil end
  for i, part in ipairs { a, b, c, d } do
    if #part > 3 or (#part > 1 and part:sub(1, 1) == "0") or tonumber(part) > 255 then return nil end
    bytes[i] = tonumber(part)
  end
  return bytes
end

local function groups(text)
  local list = {}
  if text == "" then return list end
  for part in (text .. ":"):gmatch("([^:]*):") do
    if part:find("%.") then
      local v4 = parse_v4(part)
      if not v4 then return nil end
      list[#list + 1] = v4[1] * 256 + v4[2]
      list[#list + 1] = v4[3] * 256 + v4[4]
    else
      if not part:match("^%x%x?%x?%x?$") then return nil end
      list[#list + 1] = tonumber(part, 16)
    end
  end
  return list
end

local function parse_v6(text)
  local left, right = text, nil
  local at = text:find("::", 1, true)
  if at then
    left, right = text:sub(1, at - 1), text:sub(at + 2)
    if right:find("::", 1, true) then return nil end
  end
  local head, tail = groups(left), right and groups(right)
  if not head or (right and not tail) then return nil end
  if right then
    if #head + #tail > 7 then return nil end
    while #head + #tail < 8 do head[#head + 1] = 0 end
    table.move(tail, 1, #tail, #head + 1, head)
  end
  if #head ~= 8 then return nil end
  local bytes = {}
  for i, g in ipairs(head) do
    bytes[2 * i - 1], bytes[2 * i] = g >> 8, g & 0xff
  end
  return bytes
end

local function parse_address(text)
  return text:find(":", 1, true) and parse_v6(text) or parse_v4(text)
end

local function show_v6(bytes)
  local list, best, best_n = {}, nil, 1
  for i = 1, 8 do list[i] = bytes[2 * i - 1] * 256 + bytes[2 * i] end
  local i = 1
  while i <= 8 do
    local n = 0
    while list[i + n] == 0 do n = n + 1 end
    if n > best_n then best, best_n = i, n end
    i = i + math.max(n, 1)
  end
  local function hex(from, to)
    local out = {}
    for k = from, to do out[#out + 1] = ("%x"):format(list[k]) end
    return table.concat(out, ":")
  end
  if not best then return hex(1, 8) end
  return hex(1, best - 1) .. "::" .. hex(best + best_n, 8)
end

local function show(bytes)
  if #bytes == 4 then return table.concat(bytes, ".") end
  return show_v6(bytes)
end

--- The bytes with everything behind `prefix` set to `fill` (0 or 255).
local function masked(bytes, prefix, fill)
  local out = {}
  for i, byte in ipairs(bytes) do
    local keep = math.max(0, math.min(8, prefix - (i - 1) * 8))
    local mask = (0xff << (8 - keep)) & 0xff
    out[i] = (byte & mask) | (fill & ~mask & 0xff)
  end
  return out
end

--- bytes + n * 2^shift; second result true when it ran over.
local function add(bytes, n, shift)
  local out = table.move(bytes, 1, #bytes, 1, {})
  local at, bit = #bytes - shift // 8, shift % 8
  local carry = 0
  while at >= 1 and (n ~= 0 or carry ~= 0) do
    local sum = out[at] + ((n << bit) & 0xff) + carry
    n = n >> (8 - bit)
    bit = 0
    out[at], carry = sum & 0xff, sum >> 8
    at = at - 1
  end
  return out, carry ~= 0 or n ~= 0
end

local function compare(a, b)
  for i = 1, #a do
    if a[i] ~= b[i] then return a[i] < b[i] and -1 or 1 end
  end
  return 0
end

---@class cso.Cidr
---@field family 4|6
---@field prefix integer
---@field bits 32|128
---@field network integer[]  bytes
---@field address integer[]  bytes as written, host bits included

local function block(text)
  if type(text) ~= "string" then return fault("a CIDR block is a string, not a %s", type(text)) end
  local address, prefix = text:match("^([%x:.]+)/(%d%d?%d?)$")
  local bytes = address and parse_address(address)
  local bits = bytes and #bytes * 8
  prefix = tonumber(prefix)
  if not bytes or prefix > bits then
    return fault("%q is no CIDR block: write 10.0.0.0/16 or 2001:db8::/56", text)
  end
  return {
    family = bits == 32 and 4 or 6, bits = bits, prefix = prefix,
    address = bytes, network = masked(bytes, prefix, 0),
  }
end

--- What a block consists of, as texts and numbers.
---@param text string
---@return { family: 4|6, prefix: integer, address: string, network: string, last: string, cidr: string }?
---@return cso.Err?
function cidr.parse(text)
  local b, e = block(text)
  if not b then return nil, e end
  local network = show(b.network)
  return {
    family = b.family, prefix = b.prefix, address = show(b.address), network = network,
    last = show(masked(b.network, b.prefix, 255)), cidr = network .. "/" .. b.prefix,
  }
end

local function integer(v, what)
  local n = math.tointeger(v)
  if not n then return fault("%s must be an integer, not %s", what, tostring(v)) end
  return n
end

--- The `number`th of the blocks that are `newbits` smaller, counted from 0.
---@param text string
---@param newbits integer
---@param number integer
---@return string?
---@return cso.Err?
function cidr.subnet(text, newbits, number)
  local b, e = block(text)
  if not b then return nil, e end
  newbits, e = integer(newbits, "newbits")
  if not newbits then return nil, e end
  number, e = integer(number, "the subnet's number")
  if not number then return nil, e end
  local prefix = b.prefix + newbits
  if newbits < 0 or prefix > b.bits then
    return fault("%s can't be extended by %d bits", text, newbits)
  end
  if number < 0 or (newbits < 63 and number >= 1 << newbits) then
    return fault("%s extended by %d bits has no subnet number %d (the last is %d)", text, newbits,
      number, (1 << newbits) - 1)
  end
  return show((add(b.network, number, b.bits - prefix))) .. "/" .. prefix
end

--- Consecutive blocks of the given sizes, each aligned, one after the other.
---@param text string
---@param ... integer  newbits of each
---@return string[]?
---@return cso.Err?
function cidr.subnets(text, ...)
  local b, e = block(text)
  if not b then return nil, e end
  local out, last = {}, nil
  for i, newbits in ipairs { ... } do
    newbits, e = integer(newbits, "newbits")
    if not newbits then return nil, e end
    local prefix = b.prefix + newbits
    if newbits < 1 or newbits > 32 or prefix > b.bits then
      return fault("%s can't be extended by %d bits (1 to 32, at most /%d)", text, newbits, b.bits)
    end
    local start, over = b.network, false
    if last then start, over = add(masked(last, prefix, 255), 1, 0) end
    if over or compare(masked(start, b.prefix, 0), b.network) ~= 0 then
      return fault("%s has no room left for subnet number %d (/%d)", text, i, prefix)
    end
    out[i] = show(start) .. "/" .. prefix
    last = masked(start, prefix, 255)
  end
  return out
end

--- An address in the block; negative numbers count from its end (-1 is the last).
---@param text string
---@param number integer
---@return string?
---@return cso.Err?
function cidr.host(text, number)
  local b, e = block(text)
  if not b then return nil, e end
  number, e = integer(number, "the host's number")
  if not number then return nil, e end
  local room = b.bits - b.prefix
  local magnitude = number < 0 and -(number + 1) or number
  if room < 63 and magnitude >= 1 << room then
    return fault("%s has no host number %d", text, number)
  end
  if number >= 0 then return show((add(b.network, number, 0))) end
  -- last - magnitude: the complement of (complement of last + magnitude).
  local out = masked(b.network, b.prefix, 255)
  for i = 1, #out do out[i] = 0xff - out[i] end
  out = add(out, magnitude, 0)
  for i = 1, #out do out[i] = 0xff - out[i] end
  return show(out)
end

--- The netmask of an IPv4 block: "255.255.0.0".
---@param text string
---@return string?
---@return cso.Err?
function cidr.netmask(text)
  local b, e = block(text)
  if not b then return nil, e end
  if b.family == 6 then return fault("%s is IPv6, which has no netmasks", text) end
  return show(masked({ 255, 255, 255, 255 }, b.prefix, 0))
end

local function either(text)
  if type(text) == "string" and not text:find("/", 1, true) then
    text = text .. (text:find(":", 1, true) and "/128" or "/32")
  end
  return block(text)
end

--- True when a block holds another block or an address wholly.
---@param outer string
---@param inner string
---@return boolean?
---@return cso.Err?
function cidr.contains(outer, inner)
  local a, e = block(outer)
  if not a then return nil, e end
  local b
  b, e = either(inner)
  if not b then return nil, e end
  return a.family == b.family and b.prefix >= a.prefix
    and compare(masked(b.network, a.prefix, 0), a.network) == 0
end

--- True when two blocks share an address.
---@param one string
---@param other string
---@return boolean?
---@return cso.Err?
function cidr.overlaps(one, other)
  local a, e = either(one)
  if not a then return nil, e end
  local b
  b, e = either(other)
  if not b then return nil, e end
  local prefix = math.min(a.prefix, b.prefix)
  return a.family == b.family
    and compare(masked(a.network, prefix, 0), masked(b.network, prefix, 0)) == 0
end

return cidr
