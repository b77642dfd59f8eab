---@meta host.signal

---@class host.signal
local signal = {}

---@class host.SignalWatch: host.Box
local Watch = {}
---@return integer
function Watch:id() end

--- Completes as { id, signal = name } at each signal until the box is closed.
---@param name string SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH or SIGCONT
---@return host.SignalWatch?
---@return table? err
function signal.open(name) end

return signal
