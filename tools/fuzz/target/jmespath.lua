-- JMESPath: an expression in the first line, the data after it.
local jmespath = require "cso.std.jmespath"
local json = require "cso.std.json"

return function(shared)
  return function(text)
    local part = shared.parts(text, 2)
    local data = json.decode(part[2])
    if data == nil then data = { a = { b = json.array { 1, "x", json.null, { c = true } } }, d = "e" } end
    local value = shared.outcome(jmespath.search(part[1], data))
    if value ~= nil then json.encode(value) end
  end
end
