-- CBOR: what was read is written and read again without a difference.
local codec = require "cso.aws.protocol.cbor_codec"
local deep = require "cso.std.deep"
local json = require "cso.std.json"

local function write(v)
  if v == json.null then return "\xf6" end
  if v == true or v == false then return v and "\xf5" or "\xf4" end
  if math.type(v) == "integer" then return codec.integer(v) end
  if type(v) == "number" then return codec.double(v) end
  if type(v) == "string" then return codec.bytes(v) end
  local parts = {}
  if getmetatable(v) == json.array_mt then
    for i, item in ipairs(v) do parts[i] = write(item) end
    return codec.head(4, #parts) .. table.concat(parts)
  end
  for k, item in deep.sorted_pairs(v) do parts[#parts + 1] = codec.text(k) .. write(item) end
  return codec.head(5, #parts) .. table.concat(parts)
end

return function(_shared)
  return function(text)
    local value, e = codec.decode(text)
    if value == nil then
      assert(type(e.message) == "string")
      return
    end
    local once = write(value)
    local again = codec.decode(once)
    assert(again ~= nil and write(again) == once)
  end
end
