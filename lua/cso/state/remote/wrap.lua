--- The one place through which the bytes of a shared state pass on their way out and in: snapshots
--- and journal segments. What covers them (encryption) goes here.
local wrap = {}

---@param bytes string   a database file or a list of changes
---@return string? covered, cso.Err?
function wrap.out(bytes) return bytes end

---@param covered string
---@return string? bytes, cso.Err?
function wrap.back(covered) return covered end

return wrap
