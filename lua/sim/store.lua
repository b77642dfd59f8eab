--- The account's memory: accounts × regions × services × collections of rows, in memory, and
--- written through to SQLite when a file is given. Every row that a request touched is committed
--- before its answer leaves, so a simulator that is killed forgets nothing it has confirmed.
local json = require "cso.std.json"

local store = {}

-- Collection ----------------------------------------------------------------------------------

---@class sim.Collection rows by id, in the order of their creation
local Collection = {}
Collection.__index = Collection

local function new_collection(owner, place)
  -- Collections behind "~" are the simulator's own (tokens, requests, timers): never stale.
  return setmetatable({ owner = owner, place = place, own = place:find("/~", 1, true) ~= nil,
    rows = {}, at = {}, born = {}, order = {}, n = 0, holes = 0,
    count = 0, indexes = {} }, Collection)
end

local function index_row(index, id, row)
  local key = index.key(row)
  local old = index.of[id]
  if old == key then return end
  if old ~= nil then
    index.by[old][id] = nil
    if next(index.by[old]) == nil then index.by[old] = nil end
  end
  index.of[id] = key
  if key ~= nil then
    local set = index.by[key]
    if not set then
      set = {}
      index.by[key] = set
    end
    set[id] = true
  end
end

-- While a stale read is being played, rows younger than the owner's horizon are not seen.
local function hidden(self, id)
  local horizon = self.owner.horizon
  return horizon and not self.own and (self.born[id] or 0) > horizon
end

--- The row with an id, or nil. Rows are live tables: after changing one, `put` it again.
---@param id string
---@return table|nil
function Collection:get(id)
  if id == nil or self.owner.horizon and hidden(self, id) then return nil end
  return self.rows[id]
end

--- Stores a row (new or changed) and returns it.
---@param id string
---@param row table
---@return table
function Collection:put(id, row)
  if not self.rows[id] then
    self.n = self.n + 1
    self.order[self.n] = id
    self.at[id] = self.n
    self.born[id] = self.owner.now and self.owner.now() or 0
    self.count = self.count + 1
  end
  self.rows[id] = row
  for _, index in next, self.indexes do index_row(index, id, row) end
  self.owner:touch(self, id)
  return row
end

--- Removes a row and returns it.
---@param id string
---@return table|nil
function Collection:delete(id)
  local row = self.rows[id]
  if not row then return nil end
  self.rows[id] = nil
  self.order[self.at[id]] = false
  self.at[id], self.born[id] = nil, nil
  self.count = self.count - 1
  self.holes = self.holes + 1
  for _, index in next, self.indexes do
    local key = index.of[id]
    if key ~= nil then
      index.of[id] = nil
      index.by[key][id] = nil
      if next(index.by[key]) == nil then index.by[key] = nil end
    end
  end
  if self.holes > 32 and self.holes > self.n // 2 then self:compact() end
  self.owner:touch(self, id)
  return row
end

function Collection:compact()
  local order, n = {}, 0
  for i = 1, self.n do
    local id = self.order[i]
    if id then
      n = n + 1
      order[n] = id
      self.at[id] = n
    end
  end
  self.order, self.n, self.holes = order, n, 0
end

--- All rows in the order of creation; `keep` may leave some out.
---@param keep (fun(row:table):any)?
---@return table[]
function Collection:list(keep)
  local list, n = {}, 0
  for i = 1, self.n do
    local id = self.order[i]
    local row = id and self.rows[id]
    if row and not hidden(self, id) and (not keep or keep(row)) then
      n = n + 1
      list[n] = row
    end
  end
  return list
end

-- The ids of the rows whose field has a value, as a set, through an index made on first use.
local function ids_by(self, field, value)
  local index = self.indexes[field]
  if not index then
    index = { by = {}, of = {}, key = function(row) return row[field] end }
    self.indexes[field] = index
    for id, row in next, self.rows do index_row(index, id, row) end
  end
  return index.by[value]
end

-- A set of ids as rows in the order of creation.
local function in_order(self, ids)
  local list, n = {}, 0
  for id in next, ids do
    if not hidden(self, id) then
      n = n + 1
      list[n] = id
    end
  end
  if n > 1 then
    local at = self.at
    table.sort(list, function(a, b) return at[a] < at[b] end)
  end
  for i = 1, n do list[i] = self.rows[list[i]] end
  return list
end

local nothing = {}

--- The rows whose field has a value, through an index that is made on first use.
---@param field string
---@param value any
---@return table[] in the order of creation
function Collection:by(field, value) return in_order(self, ids_by(self, field, value) or nothing) end

--- The rows whose field has one of several values.
---@param field string
---@param values any[]
---@return table[] in the order of creation
function Collection:by_any(field, values)
  if #values == 1 then return self:by(field, values[1]) end
  local ids = {}
  for _, value in ipairs(values) do
    for id in next, ids_by(self, field, value) or nothing do ids[id] = true end
  end
  return in_order(self, ids)
end

--- One row whose field has a value, the oldest, or nil.
function Collection:one(field, value)
  local best
  for id in next, ids_by(self, field, value) or nothing do
    if not hidden(self, id) and (not best or self.at[id] < self.at[best]) then best = id end
  end
  return best and self.rows[best]
end

--- True when some row's field has a value.
function Collection:has(field, value)
  local ids = ids_by(self, field, value)
  return ids ~= nil and next(ids) ~= nil
end

-- Store ---------------------------------------------------------------------------------------

local Store = {}
Store.__index = Store

local schema = [[
  CREATE TABLE IF NOT EXISTS row (place TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (place, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
]]

-- JSON holds text only: raw bytes (blobs, binary user data) travel as base64 under a mark.
local hash
local function safe(v)
  if type(v) == "string" then
    if utf8.len(v) then return v end
    hash = hash or require "cso.std.hash"
    return { ["$bytes"] = hash.base64_encode(v) }
  elseif type(v) ~= "table" or v == json.null then return v end
  local out = {}
  for k, item in next, v do out[k] = safe(item) end
  return setmetatable(out, getmetatable(v))
end

local function unsafe(v)
  if type(v) ~= "table" then return v end
  if v["$bytes"] then
    hash = hash or require "cso.std.hash"
    return hash.base64_decode(v["$bytes"])
  end
  for k, item in next, v do v[k] = unsafe(item) end
  return v
end

local function encode_row(row) return json.encode(safe(row)) end

--- Opens a store.
---@param path string? SQLite file; nil keeps everything in memory only
---@return table|nil store, table? err
function store.open(path)
  local self = setmetatable({ places = {}, dirty = {}, meta = {}, meta_dirty = false, path = path }, Store)
  if not path then return self end
  local fs, sqlite = require "cso.std.fs", require "cso.std.sqlite"
  if not fs.stat(path) then
    -- The account may hold passwords: its file, and what SQLite puts beside it, is its owner's only.
    local made, failure = fs.write_atomic(path, "", tonumber("600", 8))
    if not made then return nil, failure end
  end
  local db, err = sqlite.open(path)
  if not db then return nil, err end
  self.db = db
  local ok
  for _, sql in ipairs { "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", schema } do
    ok, err = db:exec(sql)
    if not ok and err then return nil, err end
  end
  local rows
  rows, err = db:query("SELECT place, id, body FROM row ORDER BY place, seq, id")
  if not rows then return nil, err end
  for _, r in ipairs(rows) do
    self:collection(r.place):put(r.id, unsafe(json.decode(r.body)))
  end
  for _, r in ipairs(db:query("SELECT name, value FROM meta") or {}) do self.meta[r.name] = r.value end
  self.dirty = {}
  return self
end

--- The collection of a place ("account/region/service/Name"), made when missing.
---@param place string
---@return sim.Collection
function Store:collection(place)
  local c = self.places[place]
  if not c then
    c = new_collection(self, place)
    self.places[place] = c
  end
  return c
end

-- Remembers that a row has to be written, or that whoever notes changes wants to hear of it.
function Store:touch(collection, id)
  if not (self.db or self.noting) then return end
  local d = self.dirty[collection]
  if not d then
    d = {}
    self.dirty[collection] = d
  end
  d[id] = true
end

--- Keeps a small named value (clock, counters).
function Store:set_meta(name, value)
  if self.meta[name] == value then return end
  self.meta[name] = value
  self.meta_dirty = true
end

--- Commits what changed since the last commit. Nothing changed: nothing is done.
---@return boolean ok, table? err
function Store:commit()
  if not self.db or next(self.dirty) == nil then return true end
  local ok, err = self.db:transaction(function(db)
    for collection, ids in next, self.dirty do
      for id in next, ids do
        local row = collection.rows[id]
        local done, failure
        if row then
          done, failure = db:run("INSERT INTO row (place, id, seq, body) VALUES (?, ?, ?, ?) "
            .. "ON CONFLICT (place, id) DO UPDATE SET body = excluded.body",
            collection.place, id, collection.at[id], encode_row(row))
        else
          done, failure = db:run("DELETE FROM row WHERE place = ? AND id = ?", collection.place, id)
        end
        if done == nil then return nil, failure end
      end
    end
    for name, value in next, self.meta_dirty and self.meta or {} do
      db:run("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name, tostring(value))
    end
    return true
  end)
  if not ok then return false, err end
  self.dirty, self.meta_dirty = {}, false
  return true
end

--- Forgets everything, on disk too.
function Store:reset()
  self.places, self.dirty, self.meta = {}, {}, {}
  if self.db then
    self.db:exec("DELETE FROM row")
    self.db:exec("DELETE FROM meta")
  end
end

--- Everything that is stored: place → list of rows, in a stable order.
---@return table
function Store:dump()
  local out = {}
  for place, c in next, self.places do
    if c.count > 0 then out[place] = c:list() end
  end
  return out
end

function Store:close()
  if self.db then
    self:commit()
    self.db:close()
    self.db = nil
  end
end

return store
