-- YAML: faults have a place; JSON that is made of a value is YAML too.
local json = require "cso.std.json"
local yaml = require "cso.std.yaml"

return function(_shared)
  return function(text)
    local all, fault = yaml.decode_all(text, { any_tag = #text % 2 == 0 })
    assert(all or fault.line >= 1)
    local value, lines = yaml.decode(text)
    if value == nil then
      assert(lines.line >= 1 and lines.column >= 1)
      return
    end
    local once = json.encode(value)
    -- Line ends of YAML 1.1 that are plain characters of JSON.
    if once and (once:find("\xC2\x85", 1, true) or once:find("\xE2\x80[\xA8\xA9]")) then return end
    if once then assert(type((yaml.decode(once))) == type(value), once) end
  end
end
