---@meta host.sqlite
-- SQLite connections; rooms use cso.std.sqlite. Source: host/bind/sqlite.c

---@class host.sqlite
---@field methods table  what db's colon finds
local sqlite = {}

---@param path string
---@param options { readonly: boolean?, create: boolean?, busy_ms: integer?, cover: host.sqlite.Cover? }?
---@return cso.Database?
---@return { code: "sqlite", sqlite: integer, message: string, path: string }? err
function sqlite.open(path, options) end

---@class host.sqlite.Cover   what one sealed file is sealed with
---@field name fun(self): string   its VFS, for URIs, while it lives
---@field close fun(self)

---@param key string     32 bytes
---@param block string   4096 bytes: the file's first ones, which tell in clear how the key is found
---@return host.sqlite.Cover
function sqlite.cover(key, block) end

return sqlite
