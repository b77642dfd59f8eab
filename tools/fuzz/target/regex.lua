-- Regular expressions, in the first line, against the text after it, in all three engines.
local partition_regex = require "cso.aws.endpoint.regex"
local pattern = require "sim.pattern"
local regex = require "cso.std.regex"

return function(shared)
  return function(text)
    local part = shared.parts(text, 2)
    local find, message = regex.compile(part[1])
    assert(find or type(message) == "string" and not message:find(":%d+:"), message)
    if find then shared.raises(find, part[2]) end
    local match = pattern.compile(part[1])
    if match then match(part[2]) end
    if part[1]:match("^[%w\\+()|^$-]*$") and not part[1]:find("\\$") then pcall(partition_regex.matches, part[1], part[2]) end
  end
end
