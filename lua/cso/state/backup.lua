--- A copy of the state as it was before each run that may change it, beside it: `<file>.backup`.
--- There is one, of the last such run; whoever needs more keeps their own.
local fs = require "cso.std.fs"

local backup = {}

--- Files beside a state of which SQLite would take a part for its own.
backup.beside = { "-wal", "-shm", "-journal" }

--- Where the copy of a state lies.
---@param path string
---@return string
function backup.path(path) return path .. ".backup" end

--- Writes a whole, compact copy of an open state. What lay there stays until the copy is whole.
---@param db cso.Database
---@param to string
---@return boolean? ok, cso.Err?
function backup.copy(db, to)
  local new = to .. ".new"
  os.remove(new)
  -- Made empty and private first: SQLite fills what is there, and nobody else may read it meanwhile.
  local ok, e = fs.write_atomic(new, "", 384) -- 0600
  if ok then ok, e = db:run("VACUUM INTO ?", new) end
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
  return backup.copy(self.db, backup.path(self.path))
end

return backup
