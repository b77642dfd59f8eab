local hash = require "cso.std.hash"
local local_kind = require "cso.kind.cso.local_kind"
local value = require "cso.std.value"

local LOWER, UPPER, DIGITS = "abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
local SPECIAL = "!#$%&()*+,-.:;<=>?[]^_{|}~" -- without what databases refuse: @ / " and blanks

local function without(text, exclude)
  if exclude == "" then return text end
  return (text:gsub(".", function(c) return exclude:find(c, 1, true) and "" or c end))
end

-- Gives numbers from 1 to a most of 256, without the bias that a bare remainder would have. Bytes are asked
-- for some at a time: each time is a call of the system's.
local function dice(some)
  local bytes, at = "", 0
  return function(most)
    local limit = 256 - 256 % most
    local byte
    repeat
      at = at + 1
      if at > #bytes then bytes, at = hash.random(some), 1 end
      byte = bytes:byte(at)
    until byte < limit
    return byte % most + 1
  end
end

--- A password with at least one character of each class that is left after `exclude`.
local function generate(length, exclude, special)
  local classes, all = {}, ""
  for _, class in ipairs { LOWER, UPPER, DIGITS, special and SPECIAL or "" } do
    local left = without(class, exclude)
    if left ~= "" then
      classes[#classes + 1] = left
      all = all .. left
    end
  end
  local throw, out = dice(length * 3), {}
  for i = 1, length do
    local set = classes[i] or all
    local nth = throw(#set)
    out[i] = set:sub(nth, nth)
  end
  for i = length, 2, -1 do
    local j = throw(i)
    out[i], out[j] = out[j], out[i]
  end
  return table.concat(out)
end

return local_kind("cso.random.password", {
  id = { "Id" },
  properties = {
    length = { type = { kind = "integer" }, default = 24 },
    exclude = { type = { kind = "string" }, default = "" },
    special = { type = { kind = "boolean" }, default = true },
  },
  attributes = { value = { type = { kind = "string" }, sensitive = true }, Id = { type = { kind = "string" } } },
}, function(r)
  local length = math.tointeger(tonumber(r.desired.length or 24))
  if not length or length < 8 or length > 128 then
    r:fail("property", r.address .. ": length must be a whole number from 8 to 128")
  end
  r.id = "password-" .. r.token:sub(1, 12)
  local text = generate(length, r.desired.exclude or "", r.desired.special ~= false)
  r.attributes = { Id = r.id, value = value.secret(text, { origin = { address = r.address, path = "value" } }) }
end)
