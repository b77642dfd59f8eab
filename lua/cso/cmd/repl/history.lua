--- The history of the REPL: a file of the user's own, one entry per line, newest last.
--- A line that begins with a blank is not kept: that is how one types what nobody shall read.
local history = {}

local LIMIT = 2000

local function escaped(text) return (text:gsub("\\", "\\\\"):gsub("\n", "\\n")) end
local function unescaped(line)
  return (line:gsub("\\(.)", function(c) return c == "n" and "\n" or c end))
end

---@class cso.cmd.History
---@field entries string[]
local History = {}
History.__index = History

--- Where the file lies: XDG_STATE_HOME, else ~/.local/state; nil when there is no home.
---@param environ table<string, string>
---@return string? dir, string? path
function history.place(environ)
  local base = environ.XDG_STATE_HOME
  if not base or not base:match("^/") then
    if not environ.HOME or environ.HOME == "" then return nil end
    base = environ.HOME .. "/.local/state"
  end
  return base .. "/csorun", base .. "/csorun/history"
end

--- Opens a history. A file that can't be read or written costs the memory, not the session.
---@param path string?
---@param fs { read: function, append: function }?  read(path) -> text|nil, append(path, text)
---@return cso.cmd.History
function history.open(path, fs)
  local self = setmetatable({ entries = {}, path = path, fs = fs }, History)
  local text = path and fs and fs.read(path)
  for line in (text or ""):gmatch("([^\n]+)") do
    table.insert(self.entries, unescaped(line))
  end
  local extra = #self.entries - LIMIT
  if extra > 0 then
    table.move(self.entries, extra + 1, #self.entries + extra, 1)
  end
  return self
end

--- Keeps an entry, unless it begins with a blank, is empty or repeats the last one.
---@param text string
function History:add(text)
  if text:match("^%s") or text == "" or text == self.entries[#self.entries] then return end
  table.insert(self.entries, text)
  if self.path and self.fs then self.fs.append(self.path, escaped(text) .. "\n") end
end

return history
