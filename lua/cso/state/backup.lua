--- A copy of the state as it was before each run that may change it, beside it: `<file>.backup`.
--- There is one, of the last such run; whoever needs more keeps their own.
local lazy = require "cso.std.lazy"
local cover = require "cso.state.cover"
local fs = require "cso.std.fs"
local uv = lazy "luv"

local backup = {}

--- Files beside a state of which SQLite would take a part for its own.
backup.beside = { "-wal", "-shm", "-journal" }

--- Where the copy of a state lies.
---@param path string
---@return string
function backup.path(path) return path .. ".backup" end

-- SQLite does not sync what it vacuums into, and a copy may be all that is left after a power cut.
local function sync(path)
  local fd, why = uv.fs_open(path, "r", 0)
  if not fd then return nil, { code = "io", message = why } end
  local ok
  ok, why = uv.fs_fsync(fd)
  uv.fs_close(fd)
  return ok, { code = "io", message = why }
end

--- Writes a whole, compact copy of an open state. What lay there stays until the copy is whole.
---@param db cso.Database
---@param to string
---@param sealer cso.state.Sealer?   what it is to be sealed with; nil or without keys: it lies in clear
---@return boolean? ok, cso.Err?
function backup.copy(db, to, sealer)
  local new = to .. ".new"
  local seal, failed = cover.fresh(sealer)
  if seal == nil then return nil, failed end
  for _, tail in ipairs { "", table.unpack(backup.beside) } do os.remove(new .. tail) end
  -- Made empty and private first: SQLite fills what is there, and nobody else may read it meanwhile.
  local ok, e = fs.write_atomic(new, "", 384) -- 0600
  if ok then ok, e = cover.vacuum(db, new, seal) end
  if seal then seal:close() end
  if ok then ok, e = sync(new) end
  if ok then ok, e = fs.rename(new, to) end
  if not ok then
    for _, tail in ipairs { "", table.unpack(backup.beside) } do os.remove(new .. tail) end
    return nil, e
  end
  return true
end

--- Copies this state.
---@return boolean? ok, cso.Err?
function backup:backup()
  if self.path == ":memory:" or self.serial == 0 then return true end
  return backup.copy(self.db, backup.path(self.path), self.sealer)
end

return backup
