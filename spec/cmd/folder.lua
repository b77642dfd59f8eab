--- A folder of a spec's own, in which csorun runs as a user runs it.
local shell = require "spec.cmd.shell_line"

---@param options string?  what stands before every command's words: "--sim"
---@return { open: function, close: function, csorun: function, write: function, read: function, dir: string }
return function(options)
  local folder = {}

  --- For before_each.
  function folder.open()
    local pipe = assert(io.popen "mktemp -d")
    folder.dir = pipe:read "l"
    pipe:close()
  end

  --- For after_each.
  function folder.close() os.execute(("rm -rf '%s'"):format(folder.dir)) end

  --- Runs csorun; before stands in front of it: NAME=value.
  ---@return integer status, string text
  function folder.csorun(words, before)
    local text, status = shell(("%s $B/csorun %s %s"):format(before or "", options or "", words), folder.dir)
    return status, text
  end

  function folder.write(name, text)
    local file = assert(io.open(folder.dir .. "/" .. name, "wb"))
    file:write(text)
    file:close()
  end

  function folder.read(name)
    local file = assert(io.open(folder.dir .. "/" .. name, "rb"))
    local text = file:read "a"
    file:close()
    return text
  end

  return folder
end
