---@meta host.embed

---@class host.embed
local embed = {}

--- Names of the files inside the binary (and below $CSORUN_LUA) that begin with the prefix.
---@param prefix string "lua/cso/cmd/"
---@return table<string, true>
function embed.list(prefix) end

--- Bytes of such a file; Lua sources are kept compiled, use require for those.
---@param name string
---@return string?
function embed.read(name) end

return embed
