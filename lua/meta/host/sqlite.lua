---@meta host.sqlite
-- SQLite connections; rooms use cso.std.sqlite. Source: host/bind/sqlite.c

---@class host.sqlite
---@field methods table  what db's colon finds
local sqlite = {}

---@param path string
---@param options { readonly: boolean?, create: boolean?, busy_ms: integer? }?
---@return cso.Database?
---@return { code: "sqlite", sqlite: integer, message: string, path: string }? err
function sqlite.open(path, options) end

return sqlite
