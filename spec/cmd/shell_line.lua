--- Runs a shell line for the specs, in a process of its own.
local uv = require "luv"

local bin = uv.exepath():match("^(.*)/[^/]*$")

--- Runs a line in which $B is the directory of the binaries.
---@param line string
---@param dir string?  where to run it
---@return string text    standard output and error together
---@return integer status
return function(line, dir)
  local pipe = assert(io.popen(("cd '%s' && export B='%s' && { %s; } 2>&1; echo \"status=$?\""):format(
    dir or ".", bin, line)))
  local text = pipe:read("a")
  pipe:close()
  local status = text:match("status=(%d+)\n$")
  return (text:gsub("status=%d+\n$", "")), math.tointeger(tonumber(status))
end
