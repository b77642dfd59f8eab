--- The state of one stack: what csorun built, what it is doing, what it did. A SQLite file; every
--- change is on disk before the call that made it returns.
local lazy = require "cso.std.lazy"
local backup = require "cso.state.backup"
local changes = lazy "cso.state.changes"
local cover = require "cso.state.cover"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local file = require "cso.state.file"
local fs = require "cso.std.fs"
local journal = require "cso.state.journal"
local json = require "cso.std.json"
local leave = require "cso.state.leave"
local present = require "cso.state.present"
local records = require "cso.state.records"
local schema = require "cso.state.schema"
local spill = lazy "cso.state.spill"
local sqlite = require "cso.std.sqlite"
local sums = require "cso.state.sums"
local undo = require "cso.state.undo"

local state = {}

---@class cso.Store
local Store = {}
Store.__index = Store
Store.backup = backup.backup
for name, fn in pairs(journal) do Store[name] = fn end
for name, fn in pairs(leave) do Store[name] = fn end
for name, fn in pairs(undo) do Store[name] = fn end

-- What a plan seldom asks of its state is loaded when somebody does.
for name, part in pairs { holder = "lock", is_locked = "lock", lock = "lock", forget_holder = "lock", move = "moves",
  imagine = "moves" } do
  Store[name] = function(...) return require("cso.state." .. part)[name](...) end
end

--- One reader's error for one row that can't be understood.
local function broken(self, what)
  error(file.damaged(self.path, what .. " is damaged"), 0)
end

--- Wraps an open database. `must` gives what a call of it gave, or raises what its failure means.
local function wrap(db, path, meta, now)
  local self = setmetatable({ db = db, path = path, now = now or os.time, lineage = meta.lineage,
    serial = meta.serial, salt = meta.salt }, Store)
  function self.must(ok, e)
    if ok == nil then error(file.failure(path, e or { message = "something is missing in it" }), 0) end
    return ok
  end
  return self
end

local function settings(db, path)
  local ok, e = db:exec [[PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
    PRAGMA cache_size = -512]] -- KiB: a state is read once, from its first page to its last
  if not ok then return nil, file.failure(path, e) end
  return true
end

local function attach(path, at, opts)
  local db, which = cover.open(at, opts.sealer, { name = path })
  if not db then return nil, which end
  -- The first look at the pages: a folder where nothing may be written is found out here.
  local ok, e = db:one "SELECT count(*) AS n FROM sqlite_schema"
  local meta
  if ok then meta, e = file.check(db, path, true, which ~= "clear" and opts.sealer or nil) end
  if meta then ok, e = settings(db, path) end
  if meta and ok then
    local self = wrap(db, path, meta, opts.now)
    self.sealer, self.which = opts.sealer, which
    return self
  end
  db:close()
  return nil, e
end

--- Reads a state of which nothing may be written, from a private copy.
local function read_only(path, opts)
  local copy, e = file.aside(path)
  if not copy then return nil, e end
  local self
  self, e = attach(path, copy, opts)
  if not self then
    file.discard(copy)
    return nil, e
  end
  self.copy = copy
  return self
end

--- Opens the state of a stack.
---@param opts { path: string, create: boolean?, now: fun(): number, write: boolean?, sealer: cso.state.Sealer? }  write:
---  it has to be writable; a state that isn't can be read all the same
---@return cso.Store?, cso.Err?  code "no_state" when there is none and create is not set
function state.open(opts)
  local path, there = file.look(opts.path)
  if not path then return nil, there end
  if not there then
    local e = file.lost(path, opts.sealer)
    if e then return nil, e end
    if not opts.create then
      return nil, err.new { code = "no_state", class = "config", message = "there is no state at " .. path,
        hint = "apply the playbook first" }
    end
    local ok
    ok, e = file.create(path, opts.sealer)
    if not ok then return nil, e end
  elseif (fs.stat(path) or {}).size == 0 then
    return nil, file.damaged(path, "it is empty")
  end
  local self, e = attach(path, path, opts)
  if not self and not opts.write and not opts.create and file.is_refused(e) then self, e = read_only(path, opts) end
  if not self then return nil, err.is(e) and e.class ~= "internal" and e or file.failure(path, e) end
  self.warning = file.exposed(path)
  return self
end

--- A store that lives in memory only, for plans without state and for specs.
---@return cso.Store
function state.memory(now)
  local db = assert(sqlite.open(":memory:"))
  assert(db:exec(schema.CREATE))
  return wrap(db, ":memory:", { lineage = "memory", serial = 0, salt = "memory" }, now)
end

local function record_of(self, address, text, sum, decode)
  local record = sum == sums.of(address, text) and decode(text, self.salt)
  return record or broken(self, "the record of " .. address)
end

-- The row of a question that has at most one; nil when there is none.
local function one(self, sql, ...)
  local row, e = self.db:one(sql, ...)
  if not row and e then self.must(nil, e) end
  return row
end

local function decoded(self, text, what)
  local v, e = json.decode(text)
  if v == nil and e then broken(self, what) end
  return records.unpack({ v }, self.salt)[1]
end

local function all(self, decode)
  local out, gone = {}, {}
  for _, address in ipairs((self:leaving() or {}).addresses or {}) do gone[address] = true end
  local addresses, texts, known = table.unpack(
    self.must(self.db:columns "SELECT address, record, sum FROM resources ORDER BY address"))
  for i, address in ipairs(addresses) do
    if not gone[address] then out[#out + 1] = record_of(self, address, texts[i], known[i], decode) end
  end
  return out
end

--- All resources, sorted by address; not those that are on their way into another state.
---@return cso.Record[]
function Store:resources() return all(self, records.decode) end

--- As `resources`, for who seldom asks for their attributes: these are read when somebody does, or loops over the
--- record by `pairs`.
---@return cso.Record[]
function Store:remembered() return all(self, records.skim) end

---@param address string
---@return cso.Record?
function Store:get(address)
  local row = one(self, "SELECT address, record, sum FROM resources WHERE address = ?", address)
  return row and record_of(self, row.address, row.record, row.sum, records.decode) or nil
end

--- Several changes as one: all on disk or none.
function Store:together(fn)
  self.must(self.db:exec("BEGIN IMMEDIATE"))
  self.inside = true
  local ok, e = pcall(fn)
  self.inside = false
  if ok then
    self.must(self.db:exec("COMMIT"))
  else
    self.db:exec("ROLLBACK")
    error(e, 0)
  end
end

--- Writes a resource.
---@param record cso.Record
function Store:put(record)
  local text = records.encode(record, self.salt)
  self.must(self.db:run([[INSERT INTO resources VALUES (?, ?, ?)
    ON CONFLICT (address) DO UPDATE SET record = excluded.record, sum = excluded.sum]],
    record.address, text, sums.of(record.address, text)))
end

--- Forgets a resource (the account is not touched).
---@param address string
---@return boolean existed
function Store:remove(address)
  return self.must(self.db:run("DELETE FROM resources WHERE address = ?", address)) > 0
end

--- A number that is another one as soon as somebody else has written to this state.
---@return integer
function Store:version()
  return self.must(self.db:one("PRAGMA data_version")).data_version
end

--- Moves the serial on: once per run that changed anything.
function Store:advance()
  self.serial = self.serial + 1
  self.must(self.db:run("UPDATE meta SET value = CASE key WHEN 'serial' THEN ? ELSE ? END WHERE key IN ('serial', 'check')",
    tostring(self.serial), sums.header(self.lineage, self.serial, self.salt)))
end

---@return table<string, any>
function Store:outputs()
  local out = {}
  for _, row in ipairs(self.must(self.db:query("SELECT name, value FROM outputs ORDER BY name"))) do
    out[row.name] = decoded(self, row.value, "the output " .. row.name)
  end
  return out
end

---@param outputs table<string, any>
function Store:set_outputs(outputs)
  self:together(function()
    self.must(self.db:run("DELETE FROM outputs"))
    for name, v in deep.sorted_pairs(outputs) do
      self.must(self.db:run("INSERT INTO outputs VALUES (?, ?)", name, json.encode(records.pack(v, self.salt))))
    end
  end)
end

--- Evidence of a step: what it returned when it last passed.
function Store:set_evidence(address, run, v)
  self.must(self.db:run([[INSERT INTO evidence VALUES (?, ?, ?, ?) ON CONFLICT (address)
    DO UPDATE SET run = excluded.run, at = excluded.at, value = excluded.value]],
    address, run, self.now(), json.encode(records.pack(v == nil and json.null or v, self.salt))))
end

function Store:evidence(address)
  local row = one(self, "SELECT run, at, value FROM evidence WHERE address = ?", address)
  return row and { run = row.run, at = row.at, value = decoded(self, row.value, "the evidence of " .. address) } or nil
end

--- Learned durations: type -> action -> seconds.
function Store:durations()
  local out = {}
  for _, row in ipairs(self.must(self.db:query("SELECT type, action, seconds FROM durations"))) do
    out[row.type] = out[row.type] or {}
    out[row.type][row.action] = row.seconds
  end
  return out
end

--- Remembers how long a moment took: a running mean that forgets slowly.
function Store:learn(type_name, action, seconds)
  self.must(self.db:run([[INSERT INTO durations VALUES (?, ?, ?)
    ON CONFLICT (type, action) DO UPDATE SET seconds = 0.7 * durations.seconds + 0.3 * excluded.seconds]],
    type_name, action, seconds + 0.0))
end

--- From here on, what the disk refuses is kept, for `finish` to bring elsewhere.
function Store:guard()
  self.db = changes.recorder(self.db, { forget = true })
  present.begin(self)
end

--- Waits until what was written is where all who share the state see it. A local state is there, if its file is.
--- Raises where it is not: no changing call is sent then.
function Store:durable() present.must(self) end

--- The end of a run: everything is on disk, or in a file that the error names.
---@return boolean? ok, cso.Err?
function Store:finish()
  local unwritten = self.db and self.db.unwritten
  if not unwritten or #unwritten == 0 then return present.finish(self) end
  return nil, spill.changes(self, unwritten, self.db.why)
end

--- Opens the file anew: another one has its name now.
---@return boolean? ok, cso.Err?
function Store:reopen()
  self.db:close()
  local db, which = cover.open(self.path, self.sealer)
  local ok, e = db, which
  if db then ok, e = settings(db, self.path) end
  if not ok then return nil, file.failure(self.path, e) end
  self.db, self.which = db, which
  return true
end

function Store:close()
  if self.db then
    self.db:close()
    self.db = nil
  end
  if self.copy then file.discard(self.copy) end
  self.copy = nil
end

return state
