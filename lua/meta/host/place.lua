---@meta host.place

---@class host.place
local place = {}

--- A function that finds the nearest frame of a user's file. It takes a level, 2 if none is given: 1 is its caller.
---@param known table<function, string|false>  the files of functions that were asked for already
---@param of fun(fn: function): string|false   the file of another one; notes it in `known` if it likes
---@return fun(level: integer?): string?, integer?   file and line, or nothing
function place.finder(known, of) end

return place
