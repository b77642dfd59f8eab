--- CBOR (RFC 8949), as far as the rpc-v2-cbor protocol uses it.
local json = require "cso.std.json"

local cbor = {}

local function head(major, n)
  local m = major << 5
  if n < 24 then return string.char(m | n) end
  if n < 256 then return string.char(m | 24, n) end
  if n < 65536 then return string.pack(">BI2", m | 25, n) end
  if n < 4294967296 then return string.pack(">BI4", m | 26, n) end
  return string.pack(">Bi8", m | 27, n)
end

local encode

local function encode_table(v, out)
  if v.cbor_time then
    out[#out + 1] = "\xc1"
    return encode(v.cbor_time, out)
  elseif v.cbor_bytes then
    out[#out + 1] = head(2, #v.cbor_bytes) .. v.cbor_bytes
  elseif getmetatable(v) == json.array_mt or #v > 0 then
    out[#out + 1] = head(4, #v)
    for i = 1, #v do encode(v[i], out) end
  else
    local keys = {}
    for k in next, v do keys[#keys + 1] = k end
    table.sort(keys)
    out[#out + 1] = head(5, #keys)
    for _, k in ipairs(keys) do
      encode(k, out)
      encode(v[k], out)
    end
  end
end

function encode(v, out)
  local t = type(v)
  if t == "string" then
    out[#out + 1] = head(3, #v) .. v
  elseif t == "boolean" then
    out[#out + 1] = v and "\xf5" or "\xf4"
  elseif math.type(v) == "integer" then
    out[#out + 1] = v >= 0 and head(0, v) or head(1, -1 - v)
  elseif t == "number" then
    out[#out + 1] = string.pack(">Bd", 0xfb, v)
  elseif t == "table" then
    encode_table(v, out)
  else
    out[#out + 1] = "\xf6"
  end
end

--- Encodes a value; `{cbor_time=}` and `{cbor_bytes=}` stand for timestamps and byte strings.
---@param v any
---@return string
function cbor.encode(v)
  local out = {}
  encode(v, out)
  return table.concat(out)
end

local widths = { [24] = ">I1", [25] = ">I2", [26] = ">I4", [27] = ">i8" }

local function half(n)
  local sign, exp, frac = (n >> 15) == 1 and -1 or 1, (n >> 10) & 31, n & 1023
  if exp == 0 then return sign * frac * 2.0 ^ -24 end
  if exp == 31 then return frac == 0 and sign * math.huge or 0 / 0 end
  return sign * (1 + frac / 1024) * 2.0 ^ (exp - 15)
end

local decode

local function argument(s, i, info)
  if info < 24 then return info, i end
  local fmt = widths[info]
  if not fmt then error("cbor: bad length", 0) end
  return string.unpack(fmt, s, i)
end

local function chunks(s, i)
  local parts = {}
  while s:byte(i) ~= 0xff do parts[#parts + 1], i = decode(s, i, 1) end
  return table.concat(parts), i + 1
end

local function items(s, i, n, depth)
  local list, at = {}, 0
  while n == nil and s:byte(i) ~= 0xff or n and at < n do
    at = at + 1
    list[at], i = decode(s, i, depth)
  end
  return json.array(list), n == nil and i + 1 or i
end

local function members(s, i, n, depth)
  local map, at = {}, 0
  while n == nil and s:byte(i) ~= 0xff or n and at < n do
    at = at + 1
    local k
    k, i = decode(s, i, depth)
    if type(k) ~= "string" then error("cbor: key is not text", 0) end
    map[k], i = decode(s, i, depth)
  end
  return map, n == nil and i + 1 or i
end

function decode(s, i, depth)
  if depth > 64 then error("cbor: too deep", 0) end
  local b = s:byte(i)
  if not b then error("cbor: truncated", 0) end
  local major, info = b >> 5, b & 31
  i = i + 1
  if major == 7 then
    if info == 20 or info == 21 then return info == 21, i end
    if info == 22 or info == 23 then return json.null, i end
    if info == 25 then
      local n, j = string.unpack(">I2", s, i)
      return half(n), j
    end
    if info == 26 then return string.unpack(">f", s, i) end
    if info == 27 then return string.unpack(">d", s, i) end
    error("cbor: bad simple value", 0)
  end
  if info == 31 then
    if major == 2 or major == 3 then return chunks(s, i) end
    if major == 4 then return items(s, i, nil, depth + 1) end
    if major == 5 then return members(s, i, nil, depth + 1) end
    error("cbor: bad indefinite length", 0)
  end
  local n
  n, i = argument(s, i, info)
  if major == 0 then return n, i end
  if major == 1 then return -1 - n, i end
  if major == 2 or major == 3 then
    if n > #s - i + 1 then error("cbor: truncated", 0) end
    return s:sub(i, i + n - 1), i + n
  end
  if major == 4 then return items(s, i, n, depth + 1) end
  if major == 5 then return members(s, i, n, depth + 1) end
  return decode(s, i, depth + 1)
end

--- Decodes one document.
---@param s string
---@return any v, string? err
function cbor.decode(s)
  local ok, v, stop = pcall(decode, s, 1, 0)
  if not ok then return nil, tostring(v) end
  if stop ~= #s + 1 then return nil, "cbor: trailing bytes" end
  return v
end

return cbor
