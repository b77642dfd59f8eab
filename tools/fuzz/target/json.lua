-- JSON: what was read is written and read again without a difference.
local json = require "cso.std.json"

return function(_shared)
  return function(text)
    local value, e = json.decode(text, { unique = #text % 2 == 0 })
    if value == nil then
      assert(e.line >= 1 and e.column >= 1)
      return
    end
    local once = assert(json.encode(value))
    assert(json.encode((json.decode(once))) == once, once)
    assert(json.decode(assert(json.encode(value, { indent = 2 }))) ~= nil)
  end
end
