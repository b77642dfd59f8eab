--- A copy of the state as it was before each run that may change it, beside it: `<file>.backup`.
--- There is one, of the last such run; whoever needs more keeps their own.
local fs = require "cso.std.fs"

local backup = {}

--- Where the copy of a state lies.
---@param path string
---@return string
function backup.path(path) return path .. ".backup" end

--- Copies this state. The old copy stays until the new one is whole.
---@return boolean? ok, cso.Err? e
function backup:backup()
  if self.path == ":memory:" or self.serial == 0 then return true end
  local new = backup.path(self.path) .. ".new"
  os.remove(new)
  -- Made empty and private first: SQLite fills what is there, and nobody else may read it meanwhile.
  local ok, e = fs.write_atomic(new, "", 384) -- 0600
  if ok then ok, e = self.db:run("VACUUM INTO ?", new) end
  if not ok then
    os.remove(new)
    return nil, e
  end
  local renamed, why = os.rename(new, backup.path(self.path))
  if not renamed then return nil, { code = "io", message = why } end
  return true
end

return backup
