--- The one place through which the bytes of a shared state pass on their way out and in: snapshots
--- and journal segments. Where the store has a sealer, they are sealed; each under its own name.
local sealed = require "cso.state.sealed"

local wrap = {}

local NONE = sealed.new()

---@param store cso.state.Objects
---@param bytes string   a database file or a list of changes
---@param what string    which; never passes for another
---@return string? covered, cso.Err?
function wrap.out(store, bytes, what) return (store.sealer or NONE):out(bytes, what) end

---@param store cso.state.Objects
---@param covered string
---@param what string
---@return string? bytes, cso.Err?
function wrap.back(store, covered, what) return (store.sealer or NONE):back(covered, what, store.name) end

return wrap
