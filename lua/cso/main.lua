--- Entry of the binary: gets the command line, returns the exit status.
local proc = require("host.proc")

---@param first string? first word of the command line
---@return integer status
return function(first)
  if first == "--version" or first == "version" then
    print("csorun " .. proc.version)
    return 0
  end
  io.stderr:write("usage: csorun [command] [file]\n")
  return 3
end
