--- The state of one stack: what csorun built, what it is doing, what it did. A SQLite file; every
--- change is on disk before the call that made it returns.
local backup = require "cso.state.backup"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local journal = require "cso.state.journal"
local json = require "cso.std.json"
local lock = require "cso.state.lock"
local moves = require "cso.state.moves"
local records = require "cso.state.records"
local schema = require "cso.state.schema"
local sqlite = require "cso.std.sqlite"

local state = {}

---@class cso.Store
local Store = {}
Store.__index = Store
Store.backup = backup.backup
for name, fn in pairs(journal) do Store[name] = fn end
for name, fn in pairs(lock) do Store[name] = fn end
for name, fn in pairs(moves) do Store[name] = fn end

local function damaged(path, why)
  -- A file that is only not ours to write is not damaged, and a copy would not help.
  if why:match("readonly") or why:match("unable to open") then
    return err.new { code = "state_permission", class = "config", message = ("%s: %s"):format(path, why),
      hint = "mend the permissions of the file and its folder, or run as the one to whom they belong" }
  end
  return err.new {
    code = "corrupt_state", class = "config", message = ("%s can't be used as state: %s"):format(path, why),
    hint = fs.stat(backup.path(path)) and ("csorun leaves it as it is; %s holds it as it was before the last run"):format(
      backup.path(path)) or "put back a copy of it; csorun leaves the file as it is",
  }
end

local function io_error(path, e)
  return err.new { code = e.code or "io", class = "config", message = ("%s: %s"):format(path, e.message) }
end

--- Makes a new file beside its final place, so that a half-made one is never found there.
local function create(path)
  local dir = path:match("^(.*)/[^/]*$")
  if dir then
    local ok, e = fs.mkdir_p(dir, 448) -- 0700
    if not ok then return nil, io_error(dir, e) end
  end
  local new = path .. ".new"
  os.remove(new)
  local ok, e = fs.write_atomic(new, "", 384) -- 0600, before anything is in it
  if not ok then return nil, io_error(new, e) end
  local db
  db, e = sqlite.open(new)
  if not db then return nil, io_error(new, e) end
  ok, e = db:exec(("PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN; %s COMMIT;"):format(
    schema.APPLICATION_ID, schema.VERSION, schema.CREATE))
  if ok then ok, e = db:run("INSERT INTO meta VALUES ('lineage', ?), ('serial', '0'), ('salt', ?)",
    hash.uuid(), hash.hex_encode(hash.random(16))) end
  db:close()
  if not ok then return nil, io_error(new, e) end
  local renamed, why = os.rename(new, path)
  if not renamed then return nil, io_error(path, { message = why }) end
  return true
end

local function check(db, path)
  local row, e = db:one("PRAGMA application_id")
  if not row then return nil, damaged(path, e and e.message or "it is no database") end
  if row.application_id ~= schema.APPLICATION_ID then
    return nil, damaged(path, "it is a database, but not one of csorun's")
  end
  row = db:one("PRAGMA user_version")
  if row.user_version > schema.VERSION then
    return nil, err.new {
      code = "newer_state", class = "config",
      message = ("%s was written by a newer csorun (format %d, this one knows %d)"):format(
        path, row.user_version, schema.VERSION),
      hint = "use that version or a newer one",
    }
  end
  row, e = db:one("PRAGMA quick_check(1)")
  if not row or row.quick_check ~= "ok" then
    return nil, damaged(path, row and row.quick_check or e.message)
  end
  return true
end

--- Opens the state of a stack.
---@param opts { path: string, create: boolean?, now: fun(): number }
---@return cso.Store?, cso.Err?  code "no_state" when there is none and create is not set
function state.open(opts)
  local path = opts.path
  local stat = fs.stat(path)
  if not stat then
    if not opts.create then
      return nil, err.new { code = "no_state", class = "config", message = "there is no state at " .. path,
        hint = "apply the playbook first" }
    end
    local ok, e = create(path)
    if not ok then return nil, e end
  elseif stat.size == 0 then
    return nil, damaged(path, "it is empty")
  end
  local db, e = sqlite.open(path)
  if not db then return nil, damaged(path, e.message) end
  local ok
  ok, e = check(db, path)
  if ok then ok, e = db:exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000") end
  if not ok then
    db:close()
    return nil, err.is(e) and e or damaged(path, e.message)
  end
  local self = setmetatable({ db = db, path = path, now = opts.now or os.time }, Store)
  for _, row in ipairs(assert(db:query("SELECT key, value FROM meta"))) do self[row.key] = row.value end
  if not self.salt or not self.lineage then
    db:close()
    return nil, damaged(path, "its header is missing")
  end
  self.serial = tonumber(self.serial)
  return self
end

--- A store that lives in memory only, for plans without state and for specs.
---@return cso.Store
function state.memory(now)
  local db = assert(sqlite.open(":memory:"))
  assert(db:exec(schema.CREATE))
  return setmetatable({ db = db, path = ":memory:", now = now or os.time, lineage = "memory", serial = 0,
    salt = "memory" }, Store)
end

local function must(ok, e)
  if ok == nil then error(err.new { code = "state_write", class = "config",
    message = "the state can't be written: " .. (e and e.message or "unknown reason"),
    hint = "free the disk or mend its permissions; what was done is in the journal" }, 0) end
  return ok
end

Store.must = must

--- All resources, sorted by address.
---@return cso.Record[]
function Store:resources()
  local out = {}
  for i, row in ipairs(must(self.db:query("SELECT record FROM resources ORDER BY address"))) do
    out[i] = assert(records.decode(row.record, self.salt))
  end
  return out
end

---@param address string
---@return cso.Record?
function Store:get(address)
  local row = self.db:one("SELECT record FROM resources WHERE address = ?", address)
  return row and records.decode(row.record, self.salt) or nil
end

local function bump(self)
  self.serial = self.serial + 1
  must(self.db:run("UPDATE meta SET value = ? WHERE key = 'serial'", tostring(self.serial)))
end

--- Several changes as one: all on disk or none.
function Store:together(fn)
  must(self.db:exec("BEGIN IMMEDIATE"))
  self.inside = true
  local ok, e = pcall(fn)
  self.inside = false
  if ok then
    must(self.db:exec("COMMIT"))
  else
    self.db:exec("ROLLBACK")
    error(e, 0)
  end
end

--- Writes a resource.
---@param record cso.Record
function Store:put(record)
  local text = records.encode(record, self.salt)
  must(self.db:run("INSERT INTO resources VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET record = excluded.record",
    record.address, text))
end

--- Forgets a resource (the account is not touched).
---@param address string
---@return boolean existed
function Store:remove(address)
  return must(self.db:run("DELETE FROM resources WHERE address = ?", address)) > 0
end

--- Moves the serial on: once per run that changed anything.
function Store:advance() bump(self) end

---@return table<string, any>
function Store:outputs()
  local out = {}
  for _, row in ipairs(must(self.db:query("SELECT name, value FROM outputs ORDER BY name"))) do
    out[row.name] = records.unpack({ json.decode(row.value) }, self.salt)[1]
  end
  return out
end

---@param outputs table<string, any>
function Store:set_outputs(outputs)
  self:together(function()
    must(self.db:run("DELETE FROM outputs"))
    for name, v in deep.sorted_pairs(outputs) do
      must(self.db:run("INSERT INTO outputs VALUES (?, ?)", name, json.encode(records.pack(v, self.salt))))
    end
  end)
end

--- Evidence of a step: what it returned when it last passed.
function Store:set_evidence(address, run, v)
  must(self.db:run([[INSERT INTO evidence VALUES (?, ?, ?, ?) ON CONFLICT (address)
    DO UPDATE SET run = excluded.run, at = excluded.at, value = excluded.value]],
    address, run, self.now(), json.encode(records.pack(v == nil and json.null or v, self.salt))))
end

function Store:evidence(address)
  local row = self.db:one("SELECT run, at, value FROM evidence WHERE address = ?", address)
  return row and { run = row.run, at = row.at, value = records.unpack({ json.decode(row.value) }, self.salt)[1] } or nil
end

--- Learned durations: type -> action -> seconds.
function Store:durations()
  local out = {}
  for _, row in ipairs(must(self.db:query("SELECT type, action, seconds FROM durations"))) do
    out[row.type] = out[row.type] or {}
    out[row.type][row.action] = row.seconds
  end
  return out
end

--- Remembers how long a moment took: a running mean that forgets slowly.
function Store:learn(type_name, action, seconds)
  must(self.db:run([[INSERT INTO durations VALUES (?, ?, ?)
    ON CONFLICT (type, action) DO UPDATE SET seconds = 0.7 * durations.seconds + 0.3 * excluded.seconds]],
    type_name, action, seconds + 0.0))
end

function Store:close()
  if self.db then
    self.db:close()
    self.db = nil
  end
end

return state
