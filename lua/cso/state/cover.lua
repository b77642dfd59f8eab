--- State files that are sealed: SQLite databases of which nothing lies on the disk in clear but the first
--- block, which says how the key is found. host/core/cover.h has the format; here is who opens which file.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local sealed = require "cso.state.sealed"
local sqlite = require "cso.std.sqlite"

local cover = {}

local BLOCK = 4096
local RESERVED = 32 -- what the seal takes of each page

local NONE = sealed.new()

-- The first block, or what there is of it.
local function block_of(path)
  local file = io.open(path, "rb")
  local block = file and file:read(BLOCK) or ""
  if file then file:close() end
  return block
end

--- True for a file that says it is sealed.
---@param path string
---@return boolean
function cover.is_sealed(path) return sealed.is_one(block_of(path)) end

--- True for the first bytes of a sealed state file; other sealed things (plans) begin alike.
---@param bytes string
---@return boolean
function cover.is_file(bytes)
  local header = sealed.header(bytes)
  return header ~= nil and header.pages == BLOCK
end

local function altered(name, why)
  return nil, err.new { code = "altered_seal", class = "config", message = ("%s is encrypted, and %s"):format(name, why),
    hint = require("cso.state.file").damaged(name, why).hint }
end

--- What a file is sealed with.
---@param path string
---@param sealer cso.state.Sealer?
---@param name string   for people
---@return host.sqlite.Cover|false|nil seal   false: it lies in clear
---@return "keys"|"old"|"clear"|cso.Err which
function cover.of(path, sealer, name)
  local block = block_of(path)
  if not sealed.is_one(block) then return false, "clear" end
  local header = sealed.header(block)
  if not header or #block < BLOCK then return altered(name, "its first bytes were altered") end
  if header.pages ~= BLOCK then return altered(name, "is no state") end
  local key, which = (sealer or NONE):key(header, name)
  if not key then return nil, which end
  return sqlite.cover(key, block), which
end

--- What a new file is to be sealed with.
---@param sealer cso.state.Sealer?
---@return host.sqlite.Cover|false|nil seal   false: with nothing
---@return cso.Err?
function cover.fresh(sealer)
  if not sealer or not sealer.keys then return false end
  local found, key = sealer:fresh()
  if not found then return nil, key end
  -- No two files are alike: a page of one is none of another, though both have one key.
  local header = deep.copy(found)
  header.pages, header.id = BLOCK, hash.hex_encode(hash.random(16))
  local head = sealed.head(header)
  if #head > BLOCK then return altered("the state", "its header is too long") end
  return sqlite.cover(key, head .. ("\0"):rep(BLOCK - #head))
end

--- Opens a state file, sealed or not.
---@param path string
---@param sealer cso.state.Sealer?
---@param options { readonly: boolean?, name: string? }?   name: for people
---@return cso.Database?
---@return "keys"|"old"|"clear"|cso.Err which   what it is sealed with
function cover.open(path, sealer, options)
  options = options or {}
  local seal, which = cover.of(path, sealer, options.name or path)
  if seal == nil then return nil, which end
  local db, e = sqlite.open(path, { create = false, readonly = options.readonly, cover = seal or nil })
  if not db then return nil, e end
  -- What a statement needs besides never reaches a disk.
  if seal then db:exec "PRAGMA temp_store = MEMORY" end
  return db, which
end

-- A path for ATTACH and VACUUM INTO, with the VFS that seals.
local function uri(path, seal)
  local escaped = path:gsub("[^%w/%._-]", function(c) return ("%%%02X"):format(c:byte()) end)
  return ("file:%s?vfs=%s"):format(escaped, seal and seal:name() or "unix")
end

--- Writes all of an open database into an empty file.
---@param db cso.Database
---@param to string
---@param seal host.sqlite.Cover|false
---@return integer? ok, cso.Err?
function cover.vacuum(db, to, seal)
  if seal then
    local ok, e = db:reserve(RESERVED)
    if not ok then return nil, e end
  end
  return db:run("VACUUM INTO ?", uri(to, seal))
end

--- Attaches a state file to an open database as `given`.
---@param db cso.Database
---@param path string
---@param sealer cso.state.Sealer?
---@return (fun())? detach, cso.Err?
function cover.attach(db, path, sealer)
  local seal, e = cover.of(path, sealer, path)
  if seal == nil then return nil, e end
  local ok
  ok, e = db:run("ATTACH DATABASE ? AS given", uri(path, seal))
  if not ok then return nil, e end
  return function()
    db:exec "DETACH DATABASE given"
    if seal then seal:close() end
  end
end

--- The bytes of an open state as they are in clear: whole and compact. Nothing of it touches the disk.
---@param db cso.Database
---@return string? bytes, cso.Err?
function cover.clear_bytes(db)
  local bytes, e = db:bytes()
  if not bytes then return nil, e end
  return cover.in_memory(bytes, function(copy)
    local ok
    ok, e = copy:exec "PRAGMA temp_store = MEMORY; VACUUM"
    if not ok then return nil, e end
    return copy:bytes()
  end)
end

--- Gives a database file's bytes to somebody as an open database, without a file.
---@param bytes string
---@param fn fun(db: cso.Database): any, any
---@return any ...   what fn gives
function cover.in_memory(bytes, fn)
  local db <close>, e = sqlite.open ":memory:"
  if not db then return nil, e end
  -- A file that says it has a write-ahead log can't be one in memory.
  local ok
  ok, e = db:become(bytes:sub(1, 18) .. "\1\1" .. bytes:sub(21))
  if not ok then return nil, e end
  return fn(db)
end

return cover
