--- The lock of a shared state: an object that says who works on it. It is made where none is, and
--- renewed while its holder lives. Its age is judged by the service's clock. Who takes it over from
--- a holder that fell silent gets a higher fence; what the old one writes from then on is refused.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local objects = require "cso.state.remote.objects"
local snapshot = require "cso.state.remote.snapshot"

local lease = {}

lease.TAIL = ".lock"

--- Seconds that a holder may be silent, how often it renews, and after how many silent lifetimes
--- another may take over.
lease.TTL, lease.EVERY, lease.PATIENCE = 60, 15, 2

local CHAIN = 20 -- so many holders, each taken over by the next one, are named at the most

---@class cso.state.Lease
---@field id string
---@field fence integer
---@field lost cso.Err?    set for good when somebody else took it
local Lease = {}
Lease.__index = Lease

local function stamp(at) return os.date("!%Y-%m-%d %H:%M:%S UTC", math.floor(at)) end

--- Reads what a lock object says; nil when it says nothing sensible.
---@param body string
---@return table?
function lease.read(body)
  local held = json.decode(body)
  return type(held) == "table" and type(held.id) == "string" and held or nil
end

local function damaged(store)
  return err.new { code = "corrupt_lock", class = "locked",
    message = ("the lock %s%s can't be read"):format(store.name, lease.TAIL),
    hint = ("make sure that nobody works on it, then: csorun s3 rm %s%s"):format(store.name, lease.TAIL) }
end

--- Who holds it, since when, what for, and what to do.
---@param store cso.state.Objects
---@param held table
---@param age number?  seconds since the holder was heard of
---@return cso.Err   class "locked"
function lease.taken(store, held, age)
  local left = age and lease.PATIENCE * (held.ttl or lease.TTL) - age
  local wait = left and ("; it was heard of %d s ago, and may be taken over when it stays silent for %d s more"):format(
    age, math.max(1, left)) or ""
  return err.new { code = "locked", class = "locked", holder = held,
    message = ("%s is locked: %s by %s (process %s) since %s, lock id %s"):format(store.name, held.command or "a run",
      held.who or "somebody", tostring(held.pid or "?"), stamp(held.since or 0), held.id),
    hint = ("wait for it to end%s. If it is surely dead: csorun unlock %s"):format(wait, held.id) }
end

local function body_of(self)
  return json.encode({ csorun = "lease", id = self.id, who = self.who, host = self.host, pid = self.pid,
    command = self.command, since = self.since, expires = self.wall() + lease.TTL, ttl = lease.TTL, fence = self.fence,
    beat = self.beats, after = self.after }, { sort = true })
end

local function heard(self)
  self.heard_wall, self.heard_steady = self.wall(), self.steady()
end

--- Seconds since the service last confirmed the lease: by the clock that runs on while a machine
--- sleeps, or by the one that nobody sets, whichever shows more.
function Lease:silent()
  return math.max(self.wall() - self.heard_wall, self.steady() - self.heard_steady)
end

--- True while nobody else can have taken it.
---@return boolean
function Lease:is_fresh() return not self.lost and self:silent() < lease.TTL end

--- True when it is time to renew.
---@return boolean
function Lease:is_due() return not self.lost and self:silent() >= lease.EVERY end

-- Who took it may have ended already: then no lock tells of that run, but the fence of what it wrote does.
local function what_became(self, held)
  local name = self.store.name
  if held then
    return ("%s was taken over by %s (%s) while this run was silent"):format(name, held.who or "somebody",
      held.command or "a run")
  end
  local about = snapshot.about(self.store)
  if about and about.fence > self.fence then
    return ("%s was taken over by %s while this run was silent, and that run has ended: it wrote serial %d at %s"):format(
      name, about.by ~= "" and about.by or "somebody", about.serial, stamp(about.written))
  end
  return ("the lock of %s was removed by somebody"):format(name)
end

local function lose(self, held)
  self.lost = err.new { code = "lease_lost", class = "locked", holder = held, message = what_became(self, held),
    hint = "nothing more is changed; what this run knows is kept in a file beside the playbook's .cso" }
  return nil, self.lost
end

-- How often a beat is tried while the bucket has another one of ours.
local TRIES = 2

--- Renews the lease, and writes down its fence where that changed.
---@param tries integer?  how often it was tried already
---@return boolean? ok, cso.Err?  code "lease_lost" when it is another's
function Lease:renew(tries)
  if self.lost then return nil, self.lost end
  self.beats = self.beats + 1
  local etag, e = self.store:put(lease.TAIL, body_of(self), { match = self.etag })
  if etag then
    self.etag = etag
    heard(self)
    return true
  end
  if not objects.is_conflict(e) and not objects.is_missing(e) then return nil, e end
  -- An answer may have been lost on its way: then the object is ours, and it is this very beat.
  local refused = e
  local now
  now, e = self.store:get(lease.TAIL)
  if now == nil then return nil, e end
  local held = now and lease.read(now.body)
  if held and held.id == self.id then
    self.etag = now.etag
    if held.beat == self.beats then
      heard(self)
      return true
    end
    if (tries or 0) >= TRIES then return nil, refused end
    return self:renew((tries or 0) + 1)
  end
  return lose(self, held)
end

--- Gives it back. A lock that is another's by now is left alone.
---@return boolean? ok, cso.Err?
function Lease:release()
  if self.lost then return true end
  local now, e = self.store:get(lease.TAIL)
  if now == nil then return nil, e end
  local held = now and lease.read(now.body)
  if not held or held.id ~= self.id then return true end
  local ok
  ok, e = self.store:delete(lease.TAIL, now.etag)
  if ok or objects.is_conflict(e) then return true end
  return nil, e
end

local function new(store, info)
  local self = setmetatable({ store = store, id = info.id or hash.uuid(), who = info.who, host = info.host, pid = info.pid,
    command = info.command, wall = info.wall, steady = info.steady, since = info.wall(), fence = 0, beats = 0 }, Lease)
  heard(self)
  return self
end

-- May this holder be replaced, and why?
local function replaceable(held, age, info)
  if info.dead and info.dead(held) then return "its process on this machine is gone" end
  local limit = lease.PATIENCE * (held.ttl or lease.TTL)
  if age and age > limit then return ("it was silent for %d s"):format(age) end
end

--- Takes the lease.
---@param store cso.state.Objects
---@param info { who: string, host: string?, pid: integer?, command: string, wall: fun(): number, steady: fun(): number, dead: (fun(held: table): boolean)?, id: string? }
---@return cso.state.Lease? lease
---@return table|cso.Err|nil predecessor   what the lock said of the holder that was replaced, with `why`;
---  else the error: class "locked" names the holder
function lease.take(store, info)
  local self = new(store, info)
  for _ = 1, 3 do
    local etag, e = store:put(lease.TAIL, body_of(self), { none = true })
    if etag then
      self.etag = etag
      heard(self)
      return self
    end
    if not objects.is_conflict(e) then return nil, e end
    local now
    now, e = store:get(lease.TAIL)
    if now == nil then return nil, e end
    if now then
      local held = lease.read(now.body)
      if not held then return nil, damaged(store) end
      if held.id == self.id then -- the answer to our own write was lost
        self.etag = now.etag
        return self
      end
      local why = replaceable(held, now.age, info)
      if not why then return nil, lease.taken(store, held, now.age) end
      self.fence, self.after = (held.fence or 0) + 1, { held.id, table.unpack(held.after or {}, 1, CHAIN) }
      etag, e = store:put(lease.TAIL, body_of(self), { match = now.etag })
      if etag then
        self.etag, held.why = etag, why
        heard(self)
        return self, held
      end
      if not objects.is_conflict(e) then return nil, e end
    end
  end
  return nil, err.new { code = "locked", class = "locked", message = store.name .. " is taken and given back all the time",
    hint = "run again" }
end

return lease
