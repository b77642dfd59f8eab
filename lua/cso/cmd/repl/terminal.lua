--- The terminal as the REPL needs it: raw while a line is edited, as it was while the line runs.
local task = require "cso.task"
local uv = require "luv"

local terminal = {}

-- Pasted text comes marked, so that its line ends are no Enter keys.
local PASTE_ON, PASTE_OFF = "\27[?2004h", "\27[?2004l"

---@class cso.cmd.Terminal
local Terminal = {}
Terminal.__index = Terminal

--- Opens standard input, or fails when it is no terminal.
---@param write fun(text: string)
---@return cso.cmd.Terminal?, string?
function terminal.open(write)
  local tty, why = uv.new_tty(0, true)
  if not tty then return nil, why end
  return setmetatable({ tty = tty, write = write, bytes = {} }, Terminal)
end

--- Raw mode: every key comes at once, and none of them is a signal.
function Terminal:begin()
  self.tty:set_mode(1)
  self.write(PASTE_ON)
  self.tty:read_start(function(e, data)
    if e or not data then self.ended = true else table.insert(self.bytes, data) end
    local waiting = self.waiting
    self.waiting = nil
    if waiting then waiting:complete() end
  end)
end

--- The mode that the shell had set: Ctrl-C is a signal again.
function Terminal:rest()
  self.tty:read_stop()
  self.write(PASTE_OFF)
  self.tty:set_mode(0)
end

--- Waits for bytes; nil at the end of input.
---@return string?
function Terminal:read()
  while #self.bytes == 0 do
    if self.ended then return nil end
    self.waiting = task.future()
    task.await(self.waiting)
  end
  local data = table.concat(self.bytes)
  self.bytes = {}
  return data
end

--- Wakes a read that waits, without bytes (the window has a new size).
function Terminal:wake()
  local waiting = self.waiting
  if waiting then
    self.waiting = nil
    table.insert(self.bytes, "")
    waiting:complete()
  end
end

--- Gives the terminal back.
function Terminal:close()
  if self.tty and not self.tty:is_closing() then
    self:rest()
    uv.tty_reset_mode()
    self.tty:close()
  end
end

return terminal
