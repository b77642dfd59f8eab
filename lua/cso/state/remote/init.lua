--- A state in S3 that a team shares. The working copy is the same SQLite file that a local state is;
--- this keeps it and the bucket together: lease, newest snapshot and the journal behind it come in;
--- intents go out before the calls that they announce, the rest soon after, a snapshot at the end.
local backup = require "cso.state.backup"
local changes = require "cso.state.changes"
local cover = require "cso.state.cover"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local file = require "cso.state.file"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local lease = require "cso.state.remote.lease"
local lost = require "cso.state.remote.lost"
local objects = require "cso.state.remote.objects"
local probe = require "cso.state.remote.probe"
local reseal = require "cso.state.reseal"
local segments = require "cso.state.remote.segments"
local shared = require "cso.state.remote.shared"
local snapshot = require "cso.state.remote.snapshot"
local state = require "cso.state"

local remote = {}

local PROBE_LASTS = 86400

local function no_state(store)
  return err.new { code = "no_state", class = "config", message = "there is no state at " .. store.name,
    hint = "apply the playbook first" }
end

--- Snapshot and journal as they are now. A run that is under way may move one into the other
--- meanwhile: then both are looked at again.
local function look(store, sealed)
  for _ = 1, 5 do
    local snap, e = snapshot.read(store)
    if snap == nil then return nil, e end
    local journals
    journals, e = segments.list(store)
    if not journals then return nil, e end
    journals = segments.whole(journals, sealed)
    local behind
    behind, e = segments.read(store, journals, snap or { fence = 0, segment = 0 })
    local again = store:head ""
    if behind and (again and again.etag or nil) == (snap and snap.etag or nil) then
      return { snapshot = snap or nil, journals = journals, behind = behind }
    end
    if not behind and (again and again.etag or nil) == (snap and snap.etag or nil) then return nil, e end
  end
  return nil, err.new { code = "busy_state", class = "service", message = store.name .. " changes faster than it can be read",
    hint = "run again" }
end

local function clear(path)
  for _, tail in ipairs { "", table.unpack(backup.beside) } do os.remove(path .. tail) end
end

-- A snapshot with what lies behind it, as an open database.
local function complete(db, seen, name)
  -- As it is: what lies behind it was written by whoever wrote it. An older format is upgraded after.
  local meta, e = file.check(db, name, false)
  if not meta then
    if e.code == "corrupt_state" then
      e.hint = snapshot.earlier(name)
    end
    return nil, e
  end
  for _, part in ipairs(seen.behind) do
    local ok
    if part.about.lineage ~= meta.lineage then
      return nil, err.new { code = "foreign_state", class = "config",
        message = ("the journal of %s belongs to another state (%s)"):format(name, part.about.lineage),
        hint = "something was copied over it: restore it from the bucket's versions" }
    end
    ok, e = changes.replay(db, part.list, name)
    if not ok then return nil, e end
  end
  return true
end

--- Puts a snapshot and what lies behind it at a path. They come together in memory: what is sealed in the
--- bucket never lies in clear on this machine.
local function unpack_to(path, seen, store)
  clear(path)
  return cover.in_memory(seen.snapshot.bytes, function(db)
    local ok, e = complete(db, seen, store.name)
    if ok then ok, e = backup.copy(db, path, store.sealer) end
    if ok then return true end
    return nil, e.sqlite and file.failure(path, e) or err.is(e) and e or err.wrap(e, "config")
  end)
end

--- Reads the shared state without taking it: a private copy of how it is now.
---@param opts { store: cso.state.Objects, work: string?, now: fun(): number }   work: where the working copy of this
---  machine lies, if there is one
---@return cso.Store?, cso.Err?
function remote.read(opts)
  local store = opts.store
  local seen, e = look(store)
  if not seen then return nil, e end
  if not seen.snapshot then return nil, lost(store, opts.work) or no_state(store) end
  local copy
  copy, e = file.private()
  if not copy then return nil, e end
  local ok, opened
  ok, e = unpack_to(copy, seen, store)
  if ok then opened, e = state.open { path = copy, now = opts.now, sealer = store.sealer } end
  if not opened then
    file.discard(copy)
    return nil, e
  end
  opened.copy, opened.place = copy, store.name
  return opened
end

-- The note beside a working copy says which lease wrote into it last, which ones were being taken by runs of
-- this machine since, and when the bucket was tried.
local function note_of(work)
  local text = fs.read(work .. ".lease")
  local note = text and json.decode(text)
  return type(note) == "table" and note or {}
end

local function write_note(work, note)
  return fs.write_atomic(work .. ".lease", json.encode(note, { sort = true }), 384)
end

local function tried(store, work, now)
  local note = note_of(work)
  if note.probed == store.name and now - (note.probed_at or 0) < PROBE_LASTS and now >= note.probed_at then return true end
  local ok, e = probe(store)
  if not ok then return nil, e end
  note.probed, note.probed_at = store.name, now
  return write_note(work, note)
end

-- Who holds it, when another run on this machine has the working copy.
local function held_here(store, e)
  local got = store:get(lease.TAIL)
  local held = got and lease.read(got.body)
  if held then return lease.taken(store, held) end
  return err.new { code = "locked", class = "locked", message = ("%s is locked by process %s on this machine"):format(
    store.name, tostring(e.pid or "?")), hint = "wait for it to end" }
end

local function take_local(store, work)
  local ok, e = fs.mkdir_p(work:match "^(.*)/", 448) -- 0700
  if not ok then return nil, err.wrap(e, "config") end
  local box
  box, e = fs.lock(work .. ".lock")
  if box then return box end
  if e.code ~= "locked" then return nil, e end
  return nil, held_here(store, e)
end

-- Whether a copy is the one of a holder. A run of ours that died as soon as it had the lock wrote nothing: then it
-- is still the one of that before it.
local function is_copy_of(note, held)
  local empty = deep.index(note.taking)
  local id, at = held.id, 0
  while id and id ~= note.id do
    if not empty[id] then return false end
    at = at + 1
    id = held.after and held.after[at]
  end
  return id ~= nil
end

-- A working copy that a dead run of this machine left, and nobody has replaced since, knows more
-- than the bucket: all of its writes came here first.
local function left_here(store, work, held, seen)
  if not (held and is_copy_of(note_of(work), held)) then return nil end
  local opened = state.open { path = work, write = true, sealer = store.sealer }
  if not opened then return nil end
  local same = not seen.snapshot or not seen.snapshot.lineage or seen.snapshot.lineage == opened.lineage
  opened:close()
  return same
end

local function bring(opts, held, seen)
  local store, work = opts.store, opts.work
  if left_here(store, work, held, seen) then return "local" end
  if not seen.snapshot then
    local gone = not opts.mend and lost(store, work)
    if gone or not opts.create then return nil, gone or no_state(store) end
    clear(work)
    os.remove(backup.path(work))
    local made, e = file.create(work, store.sealer)
    return made and "new", e
  end
  local ok, e = unpack_to(work, seen, store)
  return ok and "bucket", e
end

local function fence_of(seen, taken)
  local before = seen.snapshot or seen.damaged
  local fence = math.max(taken.fence, (before and before.fence or 0) + 1)
  for _, journal in ipairs(seen.journals) do fence = math.max(fence, journal.fence + 1) end
  return fence
end

-- What is damaged is put aside in the bucket, and something empty takes its place: for a push.
local function put_aside(store, now)
  local head, e = store:head ""
  if not head then return nil, e end
  local ok
  ok, e = store:copy("", (".damaged-%s"):format(os.date("!%Y%m%dT%H%M%SZ", math.floor(now))))
  if not ok then return nil, e end
  local journals
  journals, e = segments.list(store)
  if not journals then return nil, e end
  local fence = math.tointeger(tonumber(head.metadata["csorun-fence"])) or 0
  return { damaged = { etag = head.etag, fence = fence, segment = 0 }, journals = journals, behind = {} }
end

-- Ends the journals of a holder and of those that it took over: these may not be sealed yet, it died too early for
-- that. Gives the number of the holder's seal; 0 when it never came to write.
local function seal(store, held, journals, before)
  local number = 0
  for fence = math.max(1, (held.fence or 0) - #(held.after or {})), held.fence or 0 do
    local e
    number, e = segments.seal(store, fence, journals, before)
    if not number then return nil, e end
  end
  return number
end

-- What lies there is no state that this key has sealed, or none at all: a copy may take its place.
local function is_damage(e)
  local code = e.code or ""
  return code:match "^corrupt_" ~= nil or code == "altered_seal" or code == "not_sealed"
end

-- Everything between the lease and a store that can be used.
local function prepare(opts, taken, held)
  local store = opts.store
  local seen, e = look(store)
  if not seen and opts.mend and is_damage(e) then seen, e = put_aside(store, opts.wall()) end
  if not seen then return nil, e end
  local ok
  if held and (held.fence or 0) > 0 then
    local number
    number, e = seal(store, held, seen.journals, seen.snapshot)
    if not number then return nil, e end
    -- Until the seal stood, the old holder may have written on.
    if not seen.damaged then seen, e = look(store, { fence = held.fence, number = number }) end
    if not seen then return nil, e end
  end
  local from
  from, e = bring(opts, held, seen)
  if not from and opts.mend and is_damage(e) then
    seen, e = put_aside(store, opts.wall())
    if seen then from, e = bring(opts, nil, seen) end
  end
  if not from then return nil, e end
  taken.fence = fence_of(seen, taken)
  ok, e = taken:renew()
  if not ok then return nil, e end
  local note = note_of(opts.work)
  note.id, note.fence, note.taking = taken.id, taken.fence, nil
  ok, e = write_note(opts.work, note)
  if not ok then return nil, e end
  local opened
  opened, e = state.open { path = opts.work, now = opts.now, write = true, sealer = store.sealer }
  if not opened then return nil, e end
  ok, e = reseal.run(opened)
  if not ok and e then
    opened:close()
    return nil, e
  end
  shared.attach(opened, { objects = store, lease = taken, snapshot = seen.snapshot or seen.damaged, from = from })
  -- A new fence or a new state is told at once: it is what keeps an older writer out.
  if from ~= "bucket" or #seen.behind > 0 or held then
    ok, e = opened:save()
    if not ok then
      opened:close()
      return nil, e
    end
  end
  return opened
end

--- Takes the shared state for a run that may change it.
--- `now` is for records; `wall` and `steady` are the two clocks of the lease.
---@param opts { store: cso.state.Objects, work: string, create: boolean?, now: fun(): number, wall: fun(): number, steady: fun(): number, who: string, host: string?, pid: integer, command: string, note: fun(text: string) }
---@return cso.Store? store   with `durable`, `save`, `tend` and `release` besides what every store has
---@return cso.Err?
function remote.take(opts)
  local store, work = opts.store, opts.work
  local box, e = take_local(store, work)
  if not box then return nil, e end
  local ok
  ok, e = tried(store, work, opts.wall())
  local taken, held
  if ok then
    local note, id = note_of(work), hash.uuid()
    local dead = deep.index(note.taking)
    dead[note.id or false] = true
    -- Written down first: who dies between the bucket and the note must be known for dead.
    note.taking = note.taking or {}
    table.insert(note.taking, id)
    ok, e = write_note(work, note)
    if ok then
      taken, held = lease.take(store, { id = id, who = opts.who, host = opts.host, pid = opts.pid,
        command = opts.command, wall = opts.wall, steady = opts.steady,
        -- We hold the lock of the copy that it worked on: its process has ended.
        dead = function(other) return dead[other.id] end })
      if not taken then e = held end
    end
  end
  if not taken then
    box:close()
    return nil, e
  end
  if held then
    opts.note(("%s: the lock %s of %s (%s) is taken over: %s\n"):format(store.name, held.id, held.who or "somebody",
      held.command or "a run", held.why))
  end
  local opened
  opened, e = prepare(opts, taken, held)
  if not opened then
    taken:release()
    box:close()
    return nil, e
  end
  opened.box, opened.place = box, store.name
  return opened
end

--- Ends a lock by its id, whoever holds it. What its run had still to say is refused from then on.
---@param store cso.state.Objects
---@param id string
---@return table? held   what the lock said; false when nothing is locked
---@return cso.Err?      code "wrong_lock" when the lock has another id
function remote.unlock(store, id)
  local got, e = store:get(lease.TAIL)
  if not got then return got, e end
  local held = lease.read(got.body)
  if held and held.id ~= id then
    return nil, err.new { code = "wrong_lock", class = "usage",
      message = ("%s is locked, but not by %s"):format(store.name, id), hint = lease.taken(store, held, got.age).message }
  end
  if held and (held.fence or 0) > 0 then
    local snap, journals
    journals, e = segments.list(store)
    if not journals then return nil, e end
    snap, e = snapshot.read(store)
    if snap == nil then return nil, e end
    local number
    number, e = seal(store, held, journals, snap or nil)
    if not number then return nil, e end
  end
  local ok
  ok, e = store:delete(lease.TAIL, got.etag)
  if not ok then
    if not objects.is_conflict(e) then return nil, e end
    return nil, err.new { code = "locked", class = "locked",
      message = ("the lock of %s was renewed just now: its run lives"):format(store.name),
      hint = "stop it first, then unlock again" }
  end
  return held or {}
end

return remote
