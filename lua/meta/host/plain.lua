---@meta host.plain

---@class host.plain
local plain = {}

--- Whether two values are the same plain data: texts, numbers, truths, and tables of such, arrays or not. What has
--- another metatable, or is nested beyond all measure, is like nothing but itself.
---@param a any
---@param b any
---@return boolean
function plain.alike(a, b) end

--- Whether a table has the very members that it had, and each is alike in what there is, which may have more.
---@param want table
---@param was table
---@param have table
---@return boolean
function plain.stays(want, was, have) end

return plain
