--- While a run writes a state, its file may be taken away: by `git clean`, by somebody who tidies up, by a folder
--- that is moved. SQLite goes on writing into what no name leads to, and all of it goes with the process. So each
--- change asks first whether the file still lies where it will be looked for, and the end puts back what went.
local lazy = require "cso.std.lazy"
local backup = require "cso.state.backup"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local lfs = require "lfs"
local spill = lazy "cso.state.spill"

local present = {}

local function mark_of(path)
  local found = lfs.attributes(path)
  return found and ("%d:%d"):format(found.dev, found.ino) or nil
end

local function gone(path, what)
  return err.new { code = "state_gone", class = "config", message = ("the state %s was %s while this run wrote it"):format(
    path, what) }
end

--- Remembers which file it is.
---@param store cso.Store
function present.begin(store)
  if store.path ~= ":memory:" then store.mark = mark_of(store.path) end
end

--- Raises when another file, or none, is in the place of the one that is written.
---@param store cso.Store
function present.must(store)
  if not store.mark then return end
  local now = mark_of(store.path)
  if now == store.mark then return end
  local e = gone(store.path, now and "replaced by another file" or "removed")
  e.hint = "nothing more is changed; what it knew is kept"
  error(e, 0)
end

-- To close a database that has lost its name would remove the log of the one that bears it now. It ends with the process.
local left = {}

local function leave(store)
  left[#left + 1] = store.db
  store.db, store.mark = nil, nil
end

-- The log of the file that went must not be taken for that of the one that comes.
local function put_back(store)
  local new = store.path .. ".back"
  local ok, e = fs.mkdir_p(store.path:match "^(.*)/[^/]*$" or ".", tonumber("700", 8))
  if ok then ok, e = backup.copy(store.db, new, store.sealer) end
  if not ok then return nil, e end
  for _, tail in ipairs(backup.beside) do os.remove(store.path .. tail) end
  return fs.rename(new, store.path)
end

--- Brings what a run knew to where the next one finds it, when its file has gone.
---@param store cso.Store
---@return boolean? ok, cso.Err?
function present.finish(store)
  local now = store.mark and store.db and mark_of(store.path)
  if not store.mark or not store.db or now == store.mark then return true end
  local ok, why
  local e = gone(store.path, now and "replaced by another file" or "removed")
  if now then
    local to = ("%s.spill-%s.db"):format((store.path:gsub("%.db$", "")), os.date("!%Y%m%dT%H%M%SZ", math.floor(store.now())))
    ok, why = backup.copy(store.db, to, store.sealer)
    e.message = ("%s; what it knew is in %s"):format(e.message, to)
    e.hint = ("see which of both is right, and put this one in its place with: csorun state push %s --state %s"):format(to,
      store.path)
  else
    ok, why = put_back(store)
    e.message, e.hint = e.message .. "; what it knew is there again", "run again: it goes on from there"
  end
  leave(store)
  if not ok then return nil, spill.told(store.path, why, nil, "(no copy of it could be made)") end
  return nil, e
end

return present
