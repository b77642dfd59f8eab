--- csorun state pull, push, versions: whole states, out and in.
local transfer = {}

local function usage(code, message, hint)
  return nil, require("cso.std.err").new { code = code, class = "usage", message = message, hint = hint }
end

local function say(ctx, object, text)
  if ctx.opts.json then
    ctx.out(require("cso.std.json").encode(object, { sort = true }) .. "\n")
  else
    ctx.out(text .. "\n")
  end
  return 0
end

local function place_of(ctx)
  local stack = require "cso.cmd.stack"
  local name, e = stack.name(ctx, ctx.opts.playbook, ctx.opts.stack)
  if not name then return nil, e end
  return stack.path(ctx, name), name
end

-- The versions that a place keeps: { serial, lineage, by, written, bytes = fn }.
local function versions_of(ctx, place)
  local shared = require "cso.cmd.shared"
  local list = {}
  if shared.is_one(place) then
    local snapshot = require "cso.state.remote.snapshot"
    local objects, e = shared.objects(ctx, place)
    if not objects then return nil, e end
    local found
    found, e = snapshot.versions(objects)
    if not found then return nil, e end
    for i, v in ipairs(found) do
      list[i] = { serial = v.serial, lineage = v.lineage, by = v.by, written = v.written, place = v.version or place .. v.tail,
        copy = function(give)
          local bytes, failed = snapshot.of_version(objects, v)
          if not bytes then return nil, failed end
          return require("cso.state.cover").in_memory(bytes, give)
        end }
    end
    return list
  end
  local fs, state = require "cso.std.fs", require "cso.state"
  local sealer, e = require("cso.cmd.encryption").of(ctx)
  if not sealer then return nil, e end
  for _, path in ipairs { place, place .. ".backup" } do
    local stat = fs.stat(path)
    local store = stat and state.open { path = path, now = os.time, sealer = sealer }
    if store then
      ctx:defer(function() store:close() end)
      list[#list + 1] = { serial = store.serial, lineage = store.lineage, written = stat.mtime // 1, place = path,
        copy = function(give) return give(store.db) end }
    end
  end
  return list
end

local function version(ctx, place, serial)
  local list, e = versions_of(ctx, place)
  if not list then return nil, e end
  local known = {}
  for i, v in ipairs(list) do
    if v.serial == serial then return v end
    known[i] = ("%d"):format(v.serial)
  end
  return usage("unknown_serial", ("%s keeps no version with the serial %d"):format(place, serial),
    #known > 0 and "there are " .. table.concat(known, ", ") or nil)
end

-- Where an open state goes: into a file, or to the standard output. What is sealed passes through a file
-- of its own, what is in clear through none.
local function giver(ctx, to, sealer)
  local backup, cover, fs = require "cso.state.backup", require "cso.state.cover", require "cso.std.fs"
  local function out(bytes, e)
    if bytes then ctx.out(bytes) end
    return bytes and true, e
  end
  return function(db)
    if to then return backup.copy(db, to, sealer) end
    if not (sealer and sealer.keys) then return out(cover.clear_bytes(db)) end
    local file = require "cso.state.file"
    local path, e = file.private()
    if not path then return nil, e end
    local ok
    ok, e = backup.copy(db, path, sealer)
    if ok then ok, e = out(fs.read(path)) end
    file.discard(path)
    return ok, e
  end
end

function transfer.pull(opts, args, ctx)
  local err, fs = require "cso.std.err", require "cso.std.fs"
  local to = args[1]
  local place, name = place_of(ctx)
  if not place then return nil, name end
  if to and fs.stat(to) then return usage("exists", to .. " is there already", "name another file, or remove it") end
  if not to and ctx.is_terminal(1) then
    return usage("terminal", "a state is no text for a terminal",
      "csorun state pull FILE, or send it on: csorun state pull >FILE")
  end
  local sealer, e = require("cso.cmd.encryption").of(ctx)
  if not sealer then return nil, e end
  local give, serial = giver(ctx, to, not opts.clear and sealer or nil), opts.serial
  local ok
  if serial then
    local kept
    kept, e = version(ctx, place, serial)
    if not kept then return nil, e end
    ok, e = kept.copy(give)
  else
    local store
    store, e = require("cso.cmd.stack").open(ctx, name, {})
    if not store then return nil, e end
    serial = store.serial
    ok, e = give(store.db)
  end
  if not ok then return nil, err.wrap(e, "config") end
  if not to then return 0 end
  return say(ctx, { type = "pull", state = place, file = to, serial = serial },
    ("%s holds the state of %s, serial %d"):format(to, name, serial))
end

-- Where there is nothing to compare with, the copy is simply put.
local function put(ctx, place, given, sealer)
  local kept, e = require("cso.state.push").place(place, given, os.time(), sealer)
  if not kept then return nil, e end
  return say(ctx, { type = "push", state = place, serial = given.serial, kept = kept ~= "" and kept or nil },
    ("%s is the pushed state now, serial %d%s"):format(place, given.serial,
      kept ~= "" and ("; the damaged file is " .. kept) or ""))
end

local replaceable = { no_state = true, lost_state = true, corrupt_state = true, altered_seal = true }

function transfer.push(opts, args, ctx)
  local push, shared, stack = require "cso.state.push", require "cso.cmd.shared", require "cso.cmd.stack"
  local place, name = place_of(ctx)
  if not place then return nil, name end
  local sealer, e = require("cso.cmd.encryption").of(ctx)
  if not sealer then return nil, e end
  local given
  given, e = push.read(args[1], os.time, sealer)
  if not given then return nil, e end
  ctx:defer(given.close)
  local far = shared.is_one(place)
  local store
  store, e = stack.open(ctx, name, { create = far, lock = "state push", mend = true })
  if not store then
    if far or not replaceable[e.code] then return nil, e end
    return put(ctx, place, given, sealer)
  end
  local what
  what, e = push.judge(store, given, opts.force)
  if not what then return nil, e end
  if what == "nothing" then
    return say(ctx, { type = "push", state = place, serial = store.serial, changed = false },
      place .. " is this very state already")
  end
  local ok
  ok, e = push.into(store, given)
  if not ok then return nil, e end
  local run = store:begin_run { command = "state push", who = ctx:who() }
  store:end_run(run, { counts = {}, failed = 0 })
  if given.list then store:advance() end
  return say(ctx, { type = "push", state = place, serial = store.serial, changed = true },
    ("%s is the pushed state now, serial %d"):format(place, store.serial))
end

function transfer.versions(opts, _, ctx)
  local place, e = place_of(ctx)
  if not place then return nil, e end
  local list
  list, e = versions_of(ctx, place)
  if not list then return nil, e end
  local rows = {}
  for i, v in ipairs(list) do
    local at = os.date("!%Y-%m-%d %H:%M:%S", v.written)
    rows[i] = { ("%d"):format(v.serial), at, v.by or "", v.lineage or "", v.place }
    if opts.json then
      ctx.out(require("cso.std.json").encode({ type = "version", serial = v.serial, written = v.written, by = v.by,
        lineage = v.lineage, place = v.place }, { sort = true }) .. "\n")
    end
  end
  if not opts.json then
    ctx.out(require("cso.std.text").table({ "SERIAL", "WRITTEN (UTC)", "BY", "LINEAGE", "WHERE" }, rows, ctx.paint.bold))
  end
  return 0
end

return transfer
