---@meta host.loop

---@class host.loop
local loop = {}

--- A thing that has ended, or that happened; more fields by what it is.
---@class host.Completion
---@field id integer

--- Runs the loop until something completes or the time is over; 0 only looks. Raises what a luv
--- callback raised.
---@param ms number? milliseconds; none: until something happens, or nothing can
---@return host.Completion[]
function loop.wait(ms) end

--- Seconds of a clock that never jumps.
---@return number
function loop.now() end

--- Seconds since 1970.
---@return number
function loop.time() end

--- Requests, jobs and the like that are under way.
---@return integer
function loop.busy() end

--- Whether waiting without a limit could ever return.
---@return boolean
function loop.alive() end

--- Open handles, for leak checks.
---@return integer
function loop.handles() end

return loop
