--- CBOR (RFC 8949) as far as the AWS protocol uses it, in bounded depth. Tags of numbers are read,
--- others taken off; keys are text.
local json = require "cso.std.json"

local codec = {}

local pack, unpack = string.pack, string.unpack
local max_depth = 200

local function head(major, n)
  major = major << 5
  if n < 24 then return string.char(major | n) end
  if n < 0x100 then return pack(">BB", major | 24, n) end
  if n < 0x10000 then return pack(">BI2", major | 25, n) end
  if n < 0x100000000 then return pack(">BI4", major | 26, n) end
  return pack(">Bi8", major | 27, n)
end

--- The first bytes of an item.
codec.head = head

---@param v integer
---@return string
function codec.integer(v)
  if v >= 0 then return head(0, v) end
  return head(1, -1 - v)
end

---@param v number
---@return string
function codec.double(v)
  if v ~= v then return "\xf9\x7e\x00" end
  if v == math.huge then return "\xf9\x7c\x00" end
  if v == -math.huge then return "\xf9\xfc\x00" end
  return pack(">Bd", 0xfb, v)
end

---@param v string
---@return string
function codec.text(v) return head(3, #v) .. v end

---@param v string
---@return string
function codec.bytes(v) return head(2, #v) .. v end

local function bad(what) error({ malformed = "CBOR: " .. what }, 0) end

local function half(bits)
  local sign = bits & 0x8000 ~= 0 and -1 or 1
  local exponent, fraction = (bits >> 10) & 31, bits & 1023
  if exponent == 31 then return fraction == 0 and sign * math.huge or 0 / 0 end
  if exponent == 0 then return sign * fraction * 2.0 ^ -24 end
  return sign * (1 + fraction / 1024) * 2.0 ^ (exponent - 15)
end

local item

local function length(s, at, info)
  if info < 24 then return info, at end
  if info == 24 then return unpack("B", s, at) end
  if info == 25 then return unpack(">I2", s, at) end
  if info == 26 then return unpack(">I4", s, at) end
  if info == 27 then return unpack(">i8", s, at) end
  bad("bad length")
end

-- What counts bytes or items: more than a signed number holds is more than there can be.
local function count(s, at, info)
  local n, after = length(s, at, info)
  if n < 0 then bad("impossible length") end
  return n, after
end

-- A whole number; one of 64 bits that Lua's integers don't hold becomes a float.
local function whole(s, at, info, negative)
  local n, after = length(s, at, info)
  if n < 0 then
    local big = n + 2.0 ^ 64
    return negative and -1 - big or big, after
  end
  return negative and -1 - n or n, after
end

local function string_item(s, at, info, major)
  if info ~= 31 then
    local n
    n, at = count(s, at, info)
    if at + n - 1 > #s then bad("truncated string") end
    return s:sub(at, at + n - 1), at + n
  end
  local parts = {}
  while s:byte(at) ~= 0xff do
    local first = s:byte(at) or bad("truncated string")
    if first >> 5 ~= major then bad("mixed string parts") end
    local part
    part, at = string_item(s, at + 1, first & 31, major)
    parts[#parts + 1] = part
  end
  return table.concat(parts), at + 1
end

local function array_item(s, at, info, depth)
  local out, i = {}, 0
  local n = math.huge
  if info ~= 31 then n, at = count(s, at, info) end
  while i < n do
    if info == 31 and s:byte(at) == 0xff then return json.array(out), at + 1 end
    i = i + 1
    out[i], at = item(s, at, depth + 1)
  end
  return json.array(out), at
end

local function map_item(s, at, info, depth)
  local out, i = {}, 0
  local n = math.huge
  if info ~= 31 then n, at = count(s, at, info) end
  while i < n do
    if info == 31 and s:byte(at) == 0xff then return out, at + 1 end
    i = i + 1
    local k, v
    k, at = item(s, at, depth + 1)
    if math.type(k) == "integer" then k = tostring(k) end
    if type(k) ~= "string" then bad("a key is not text") end
    v, at = item(s, at, depth + 1)
    out[k] = v
  end
  return out, at
end

-- Numbers in tags: big ones as bytes, decimal ones as { exponent, mantissa }. Other tags say of a
-- value what it means, and leave it what it is.
local function big(v)
  if type(v) ~= "string" then bad("a big number is not in bytes") end
  local n = 0
  for i = 1, #v do
    n = (#v > 7 and n * 256.0 or n * 256) + v:byte(i)
  end
  return n
end

local function decimal(v)
  local exponent, mantissa = type(v) == "table" and v[1], type(v) == "table" and v[2]
  if math.type(exponent) ~= "integer" or type(mantissa) ~= "number" then bad("no decimal fraction") end
  return tonumber(("%se%d"):format(math.type(mantissa) == "integer" and mantissa or ("%.17g"):format(mantissa), exponent))
end

local tagged = {
  [2] = big, [3] = function(v) return -1 - big(v) end, [4] = decimal,
}

local function simple(s, at, info)
  if info == 20 then return false, at end
  if info == 21 then return true, at end
  if info == 22 or info == 23 then return json.null, at end
  if info == 25 then
    local bits, after = unpack(">I2", s, at)
    return half(bits), after
  end
  if info == 26 then return unpack(">f", s, at) end
  if info == 27 then return unpack(">d", s, at) end
  bad("unknown simple value " .. info)
end

function item(s, at, depth)
  if depth > max_depth then bad("nested too deeply") end
  local first = s:byte(at)
  if not first then bad("truncated") end
  local major, info = first >> 5, first & 31
  at = at + 1
  if major < 2 then return whole(s, at, info, major == 1) end
  if major == 2 or major == 3 then return string_item(s, at, info, major) end
  if major == 4 then return array_item(s, at, info, depth) end
  if major == 5 then return map_item(s, at, info, depth) end
  if major == 6 then
    local tag, after = length(s, at, info)
    local v
    v, after = item(s, after, depth + 1)
    local read = tagged[tag]
    return read and read(v) or v, after
  end
  return simple(s, at, info)
end

--- Decodes one item that fills the whole text.
---@param s string
---@return any value
---@return table? err
function codec.decode(s)
  local ok, v, at = pcall(item, s, 1, 0)
  if not ok then
    return nil, { code = "cbor", message = type(v) == "table" and v.malformed or "CBOR: truncated" }
  end
  if at <= #s then return nil, { code = "cbor", message = "CBOR: more after the end" } end
  return v
end

return codec
