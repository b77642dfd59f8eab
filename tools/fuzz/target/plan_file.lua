-- Saved plans and rows of a state: files that others could have written.
local planfile = require "cso.cmd.planfile"
local literal = require "cso.std.literal"
local json = require "cso.std.json"

return function(shared)
  return function(text)
    local path = shared.file(text)
    shared.outcome(planfile.read({ opts = {}, environ = {} }, path))
    os.remove(path)
    local value = json.decode(text)
    if type(value) == "table" and literal.value then literal.value(value) end
  end
end
