--- The terminal: whether there is one, how big it is.
local uv = require "luv"

local term = {}

--- True when a file descriptor is a terminal.
---@param fd integer
---@return boolean
function term.isatty(fd)
  return uv.guess_handle(fd) == "tty"
end

local screen

--- The size of the terminal behind standard output, now.
---@return integer? columns  nil when there is none
---@return integer? rows
function term.size()
  if not screen then
    if not term.isatty(1) then return nil end
    screen = uv.new_tty(1, false)
    if not screen then return nil end
    uv.unref(screen)
  end
  return uv.tty_get_winsize(screen)
end

return term
