--- The file of a state: what may be one, how a new one is made, and what is said of one that can't
--- be used. Nothing here ever makes an empty state where there was one.
local lazy = require "cso.std.lazy"
local backup = lazy "cso.state.backup"
local cover = require "cso.state.cover"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local errno = lazy "posix.errno"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local lfs = require "lfs"
local schema = require "cso.state.schema"
local sqlite = require "cso.std.sqlite"
local sums = require "cso.state.sums"
local unistd = lazy "posix.unistd"
local upgrade = lazy "cso.state.upgrade"

local file = {}

-- SQLite's primary result codes.
local FULL, CORRUPT, NOTADB = 13, 11, 26
local REFUSED = deep.index { 3, 8, 14, 23 } -- PERM, READONLY, CANTOPEN, AUTH
local IO = 10

local function primary(e) return e and e.sqlite and e.sqlite & 255 end

--- What is said of a file that is no state (any more).
---@param path string
---@param why string
---@return cso.Err   code "corrupt_state"
function file.damaged(path, why)
  local copy = backup.path(path)
  local hint = "put back a copy of it: csorun state push COPY --state " .. path
  if fs.stat(copy) then
    hint = ("%s holds it as it was before the last run; put it back with: csorun state push %s --state %s"):format(
      copy, copy, path)
  end
  return err.new { code = "corrupt_state", class = "config", hint = hint .. " (the damaged file is kept)",
    message = ("%s can't be used as state: %s"):format(path, why) }
end

--- An SQLite failure as what it means for a state.
---@param path string
---@param e cso.Err
---@return cso.Err
function file.failure(path, e)
  local code = primary(e)
  if err.is(e) and not code then return e end
  if code == CORRUPT or code == NOTADB or not code then return file.damaged(path, e.message) end
  if REFUSED[code] then
    return err.new { code = "state_permission", class = "config", sqlite = e.sqlite,
      message = ("%s: %s"):format(path, e.message),
      hint = "mend the permissions of the file and its folder, or run as the one to whom they belong" }
  end
  return err.new { code = "state_write", class = "config", sqlite = e.sqlite,
    message = ("the state %s can't be %s: %s"):format(path, (code == FULL or code == IO) and "written" or "used", e.message),
    hint = code == FULL and "free some space; what was done is in the journal"
      or "mend the disk or the permissions; what was done is in the journal" }
end

--- True when a failure to open may only mean that nothing can be written here.
---@param e cso.Err?
---@return boolean
function file.is_refused(e)
  local code = primary(e)
  return code ~= nil and (REFUSED[code] or code == IO) or false
end

local names = { directory = "a directory", ["named pipe"] = "a pipe", socket = "a socket",
  ["char device"] = "a device", ["block device"] = "a device" }

--- Looks at what lies at a path before anything is opened: opening a pipe would wait for ever.
---@param path string
---@return string? real   the path without links: lock and backup lie beside the file itself
---@return boolean|cso.Err there
function file.look(path)
  local mode = lfs.attributes(path, "mode")
  if not mode then
    if lfs.symlinkattributes(path, "mode") == "link" then
      return nil, err.new { code = "corrupt_state", class = "config",
        message = ("%s can't be used as state: it is a link, and what it points to is not there"):format(path),
        hint = "mount or put back what it points to, or remove the link to begin anew" }
    end
    return path, false
  end
  if mode ~= "file" then
    return nil, err.new { code = "corrupt_state", class = "config",
      message = ("%s can't be used as state: it is %s"):format(path, names[mode] or "no file"),
      hint = "name a file with --state" }
  end
  return lfs.symlinkattributes(path, "mode") == "link" and fs.real(path) or path, true
end

--- Who else may write it, as a warning; nil when nobody.
---@param path string
---@return cso.Err?
function file.exposed(path)
  local stat = fs.stat(path)
  if not stat or stat.mode & 18 == 0 then return nil end -- 0022
  return err.new { code = "state_exposed", class = "config", severity = "warning",
    message = ("%s may be written by others than its owner (mode %04o)"):format(path, stat.mode),
    hint = "chmod 600 " .. path }
end

-- The log of a run that was killed, without the file that it belongs to: SQLite would take it for the log of the
-- next file of that name. Another run may have made that file just now.
local function log_without(path)
  local log = fs.stat(path .. "-wal")
  if not log or log.size == 0 or fs.stat(path) then return nil end
  return err.new { code = "lost_state", class = "config",
    message = ("there is no state at %s, but %s-wal holds what a run that was killed wrote into it"):format(path, path),
    hint = ("put the file back; to begin anew, remove %s-wal, too"):format(path) }
end

--- There is no file. That is a new stack, or the loss of an old one: a backup with resources in it
--- says which, and so does a log.
---@param path string
---@param sealer cso.state.Sealer?
---@return cso.Err?
function file.lost(path, sealer)
  local copy = backup.path(path)
  if not fs.stat(copy) then return log_without(path) end
  local db = cover.open(copy, sealer, { readonly = true })
  local row = db and db:one "SELECT count(*) AS n FROM resources"
  if db then db:close() end
  if row and row.n == 0 then return log_without(path) end
  return err.new { code = "lost_state", class = "config",
    message = ("there is no state at %s, but %s holds %s of an earlier run"):format(path, copy,
      row and ("%d resources"):format(row.n) or "something"),
    hint = ("put it back with: csorun state push %s --state %s; or remove it to begin anew"):format(copy, path) }
end

-- Gives the new file its name, unless another run was faster: theirs is the state then.
local function place(new, path)
  local linked, why, number = unistd.link(new, path)
  if not linked and number ~= errno.EEXIST then return nil, { code = "io", message = ("%s: %s"):format(path, why) } end
  return fs.rename(path, path) -- changes nothing, and syncs the directory
end

--- Makes a new file beside its final place, so that a half-made one is never found there.
---@param path string
---@param sealer cso.state.Sealer?
---@return boolean? ok, cso.Err?
function file.create(path, sealer)
  local dir = path:match "^(.*)/[^/]*$"
  if dir and dir ~= "" then
    local ok, e = fs.mkdir_p(dir, 448) -- 0700
    if not ok then
      return nil, err.new { code = e.code, class = "config",
        message = ("the state can't be kept in %s: %s"):format(dir, e.message),
        hint = "--state FILE or CSORUN_STATE keeps it elsewhere" }
    end
  end
  local seal, failed = cover.fresh(sealer)
  if seal == nil then return nil, failed end
  local lineage, salt = hash.uuid(), hash.hex_encode(hash.random(16))
  local new = ("%s.new-%s"):format(path, hash.hex_encode(hash.random(4)))
  local ok, e = fs.write_atomic(new, "", 384) -- 0600, before anything is in it
  if not ok then return nil, err.wrap(e, "config") end
  local db
  db, e = sqlite.open(new, { cover = seal or nil })
  if not db then return nil, file.failure(path, e) end
  ok, e = db:exec(("PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN; %s COMMIT;"):format(
    schema.APPLICATION_ID, schema.VERSION, schema.CREATE))
  if ok then ok, e = db:run("INSERT INTO meta VALUES ('lineage', ?), ('serial', '0'), ('salt', ?), ('check', ?)",
    lineage, salt, sums.header(lineage, 0, salt)) end
  db:close()
  if seal then seal:close() end
  if ok then ok, e = place(new, path) end
  os.remove(new)
  if ok then return true end
  return nil, e.sqlite and file.failure(path, e) or err.wrap(e, "config")
end

--- Reads the header; what does not fit is damage, whatever the database says of itself.
local function header(db, path, version)
  local rows, e = db:query "SELECT key, value FROM meta"
  if not rows then return nil, file.damaged(path, e.message) end
  local meta = {}
  for _, row in ipairs(rows) do meta[row.key] = row.value end
  local serial = math.tointeger(tonumber(meta.serial))
  if not (meta.lineage and meta.salt and serial) then return nil, file.damaged(path, "its header is missing") end
  -- The first format had no check.
  if version > 1 and meta.check ~= sums.header(meta.lineage, serial, meta.salt) then
    return nil, file.damaged(path, "its header is damaged")
  end
  meta.serial = serial
  return meta
end

local function tables(db, path)
  for _, name in ipairs(schema.TABLES) do
    local row, e = db:one(("SELECT count(*) AS n FROM %s"):format(name))
    if not row then return nil, file.damaged(path, e.message) end
  end
  local row, e = db:one [[SELECT n, total, (SELECT count(*) FROM resources) AS have,
    (SELECT coalesce(sum(sum), 0) FROM resources) AS sum FROM tally]]
  if not row then return nil, file.damaged(path, e and e.message or "its tally is missing") end
  if row.n ~= row.have or row.total ~= row.sum then
    return nil, file.damaged(path, ("it holds %d records and should hold %d"):format(row.have, row.n))
  end
  return true
end

local function format(db, path, may_upgrade, sealer)
  local row, e = db:one "PRAGMA application_id"
  if not row then return nil, e and file.failure(path, e) or file.damaged(path, "it is no database") end
  if row.application_id ~= schema.APPLICATION_ID then
    return nil, file.damaged(path, "it is a database, but not one of csorun's")
  end
  local version
  version, e = db:one "PRAGMA user_version"
  if not version then return nil, file.failure(path, e) end
  version = version.user_version
  if version > schema.VERSION then
    return nil, err.new { code = "newer_state", class = "config",
      message = ("%s was written by a newer csorun (format %d, this one knows %d)"):format(path, version, schema.VERSION),
      hint = "use that version or a newer one" }
  end
  row, e = db:one "PRAGMA quick_check(1)"
  if not row then return nil, file.failure(path, e) end
  if row.quick_check ~= "ok" then return nil, file.damaged(path, row.quick_check) end
  if version < 1 then return nil, file.damaged(path, "its format is unknown") end
  if version == schema.VERSION or not may_upgrade then return version end
  local ok
  ok, e = upgrade.run(db, path, sealer)
  if ok then return schema.VERSION end
  return nil, e.sqlite and file.failure(path, e) or file.damaged(path, e.message)
end

--- Checks an open state through and through.
---@param db cso.Database
---@param path string   for messages
---@param may_upgrade boolean   else an older one is only looked at
---@param sealer cso.state.Sealer?   for the copy that is kept of an older one
---@return { lineage: string, serial: integer, salt: string }? meta, cso.Err?
function file.check(db, path, may_upgrade, sealer)
  local version, e = format(db, path, may_upgrade, sealer)
  if not version then return nil, e end
  local meta, ok
  meta, e = header(db, path, version)
  if not meta or version < schema.VERSION then return meta, e end
  ok, e = tables(db, path)
  if not ok then return nil, e end
  return meta
end

--- A path for a private copy of a state, in a directory of its own, which file.discard removes.
---@return string? path, cso.Err?
function file.private()
  local dir = ("%s/csorun-%s"):format(os.getenv "TMPDIR" or "/tmp", hash.hex_encode(hash.random(8)))
  local ok, e = fs.mkdir_p(dir, 448) -- 0700
  return ok and dir .. "/state.db", e
end

--- A private copy of a state that lies where nothing can be written: SQLite wants to make files
--- beside a database even to read it.
---@param path string
---@return string? copy   for the caller to remove with file.discard
---@return cso.Err?
function file.aside(path)
  local bytes, e = fs.read(path)
  if not bytes then return nil, e end
  local copy
  copy, e = file.private()
  if not copy then return nil, e end
  local ok
  ok, e = fs.write_atomic(copy, bytes, 384)
  local wal = fs.read(path .. "-wal")
  if ok and wal then ok, e = fs.write_atomic(copy .. "-wal", wal, 384) end
  if ok then return copy end
  file.discard(copy)
  return nil, e
end

--- Removes a private copy with its directory.
---@param copy string
function file.discard(copy)
  local dir = copy:match "^(.*)/"
  for _, name in ipairs(fs.list(dir) or {}) do os.remove(dir .. "/" .. name) end
  lfs.rmdir(dir)
end

return file
