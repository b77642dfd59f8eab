---@meta host.term

---@class host.term
local term = {}

---@param fd integer
---@return boolean
function term.isatty(fd) end

--- Of the terminal on any standard stream; nothing when there is none.
---@return integer? columns
---@return integer? rows
function term.size() end

--- Keys arrive as typed, unechoed, until the box is closed.
---@return host.Box?
---@return table? err
function term.raw() end

--- Columns that a UTF-8 text takes; escape sequences take none.
---@param text string
---@return integer
function term.width(text) end

return term
