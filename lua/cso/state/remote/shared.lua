--- What a store can do besides when its state is shared: make durable in the bucket what was written
--- here, save a snapshot, keep its lease. The methods of every other store stay as they are.
local backup = require "cso.state.backup"
local changes = require "cso.state.changes"
local cover = require "cso.state.cover"
local fs = require "cso.std.fs"
local segments = require "cso.state.remote.segments"
local snapshot = require "cso.state.remote.snapshot"
local spill = require "cso.state.spill"
local task = require "cso.task"

local shared = {}

--- A journal of so many segments is turned into a snapshot in the middle of a run.
local MANY = 200

--- Seconds between two looks at what has not been sent yet.
local PAUSE = 1

local Shared = {}

local function usable(self)
  local taken = self.lease
  if taken.lost then return nil, taken.lost end
  if taken:is_fresh() then return true end
  -- The machine may have slept, or the network been away: whose it is now, the bucket knows.
  return taken:renew()
end

-- Sends what was recorded; one at a time, and whoever comes meanwhile goes with the next.
local function send(self)
  local sending = task.future()
  self.sending = sending
  local list = self.db.list
  local upto = #list
  local ok, e
  task.shield(function()
    ok, e = usable(self)
    if ok then
      local text = changes.encode(table.move(list, self.sent + 1, upto, 1, {}),
        { lineage = self.lineage, serial = self.serial, fence = self.lease.fence, number = self.segment + 1 })
      ok, e = segments.write(self.objects, self.lease.fence, self.segment + 1, text)
    end
  end)
  self.sending = nil
  if ok then
    self.segment, self.sent = self.segment + 1, upto
    sending:complete(true)
    return true
  end
  if e.code == "lease_lost" then self.lease.lost = e end
  sending:complete(nil, e)
  return nil, e
end

--- Waits until everything that has been written so far is in the bucket. Calls that come at the same
--- time share one write.
function Shared:durable()
  local mark = #self.db.list
  while self.sent < mark do
    local ok, e
    if self.sending then
      local upto = self.sent
      ok, e = task.await(self.sending)
      -- The write that was under way may have begun before ours was recorded.
      if ok == nil and self.sent == upto then error(e, 0) end
    else
      ok, e = send(self)
      if not ok then error(e, 0) end
    end
  end
end

--- Writes an intent down; when it returns, the bucket has it too, and all that was written before it
--- (the creation that is expected, the records of what is there), so that whoever goes on from a run
--- that died knows what it may have been doing.
function Shared:intend(...)
  local seq = self.own.intend(self, ...)
  if not self.inside and task.current() then self:durable() end
  return seq
end

local function about(self)
  return { lineage = self.lineage, serial = self.serial, fence = self.lease.fence, segment = self.segment,
    by = self.lease.who or "", written = self.now() }
end

local function save(self)
  local ok, e = usable(self)
  if not ok then return nil, e end
  local upto = #self.db.list
  local bytes
  bytes, e = cover.clear_bytes(self.db)
  if not bytes then return nil, e end
  local said = about(self)
  local made
  made, e = snapshot.write(self.objects, bytes, said, self.snapshot and self.snapshot.etag)
  if not made then
    if e.code == "lease_lost" then self.lease.lost = e end
    return nil, e
  end
  self.snapshot, self.sent, self.saved = made, math.max(self.sent, upto), upto
  segments.prune(self.objects, said, self.now())
  return true
end

--- Writes a snapshot.
---@return boolean? ok, cso.Err?
function Shared:save()
  local ok, e
  while self.sending do task.await(self.sending) end
  -- Nobody writes a segment meanwhile: what the snapshot holds must be what it says it holds.
  local sending = task.future()
  self.sending = sending
  task.shield(function() ok, e = save(self) end)
  self.sending = nil
  sending:complete(ok, e)
  return ok, e
end

--- Keeps the lease and sends what waits, until it is cancelled. For a task of its own.
---@param sleep fun(seconds: number)
function Shared:tend(sleep)
  while true do
    sleep(PAUSE)
    if self.lease:is_due() then task.shield(function() self.lease:renew() end) end
    if not self.lease.lost and not self.sending and self.sent < #self.db.list then
      if self.segment - (self.snapshot and self.snapshot.segment or 0) >= MANY then self:save() else send(self) end
    end
  end
end

-- What can't go to the bucket stays here in a file of its own: the working copy is overwritten by
-- the next run.
local function keep_here(self, why)
  local to = (self.path:gsub("%.db$", "")):gsub("/remote/", "/") .. (".spill-%s.db"):format(
    os.date("!%Y%m%dT%H%M%SZ", math.floor(self.now())))
  local ok = backup.copy(self.db, to, self.sealer)
  if not ok then
    local bytes = fs.read(self.path)
    to = bytes and spill.write(to, "db", bytes, self.now())
  end
  local e = spill.told(self.place, why, to, "the working copy is " .. self.path)
  if why.class == "locked" then e.class = "locked" end
  return e
end

--- The end of a run: everything is in the bucket, or in a file that the error names.
---@return boolean? ok, cso.Err?
function Shared:finish()
  local list = self.db.list
  if #self.db.unwritten > 0 then
    return nil, spill.changes(self, self.db.unwritten, self.db.why)
  end
  local sealer = self.objects.sealer
  if #list <= self.saved and not (sealer and sealer.stale) then return true end
  local ok, e = self:save()
  if not ok then return nil, keep_here(self, e) end
  if sealer then sealer.stale = nil end
  snapshot.keep(self.objects, self.snapshot)
  return true
end

--- Gives the lease back and closes the working copy.
function Shared:close()
  if not self.db then return end
  self.lease:release()
  self.own.close(self)
  if self.box then self.box:close() end
end

--- Makes a store one of a shared state.
---@param store cso.Store   the open working copy
---@param parts { objects: cso.state.Objects, lease: cso.state.Lease, snapshot: table?, from: string }
function shared.attach(store, parts)
  local own = getmetatable(store).__index
  store.objects, store.lease, store.snapshot, store.own = parts.objects, parts.lease, parts.snapshot, own
  store.db = changes.recorder(store.db)
  store.sent, store.saved, store.segment = 0, 0, 0
  setmetatable(store, { __index = function(_, key)
    local found = Shared[key]
    if found ~= nil then return found end
    return own[key]
  end })
end

return shared
