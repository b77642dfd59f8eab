local hash = require "cso.std.hash"
local local_kind = require "cso.kind.cso.local_kind"
local value = require "cso.std.value"

local LOWER, UPPER, DIGITS = "abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
local SPECIAL = "!#$%&()*+,-.:;<=>?[]^_{|}~" -- without what databases refuse: @ / " and blanks

local function without(text, exclude)
  return (text:gsub(".", function(c) return exclude:find(c, 1, true) and "" or c end))
end

--- One character of `set`, without the bias that a bare remainder would have.
local function pick(set)
  local limit = 256 - 256 % #set
  while true do
    local byte = hash.random(1):byte()
    if byte < limit then
      local at = byte % #set + 1
      return set:sub(at, at)
    end
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
  local out = {}
  for i = 1, length do out[i] = pick(classes[i] or all) end
  for i = length, 2, -1 do
    local limit = 256 - 256 % i
    local byte
    repeat byte = hash.random(1):byte() until byte < limit
    local j = byte % i + 1
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
