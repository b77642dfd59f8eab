---@meta host.proc

---@class host.proc
---@field version string
local proc = {}

--- No core file and no ptrace by others. The program does this by itself.
function proc.no_core() end

---@return table<string, string>
function proc.environ() end

---@param name string
---@param value string? nil takes it away
function proc.setenv(name, value) end

---@return integer
function proc.pid() end

--- Closes the state and ends the process.
---@param code integer? (0)
function proc.exit(code) end

return proc
