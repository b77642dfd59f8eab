--- Puts another copy of a state in the place of this one: a pulled one, a backup, what a run that could
--- not write left behind. A copy that is not a later one of the same state is refused.
local backup = require "cso.state.backup"
local changes = require "cso.state.changes"
local cover = require "cso.state.cover"
local err = require "cso.std.err"
local file = require "cso.state.file"
local fs = require "cso.std.fs"
local schema = require "cso.state.schema"
local spill = require "cso.state.spill"
local state = require "cso.state"
local sums = require "cso.state.sums"

local push = {}

--- Reads what is to be pushed; the file itself is not touched.
---@param path string
---@param now fun(): number
---@param sealer cso.state.Sealer?
---@return { store: cso.Store?, list: table[]?, lineage: string, serial: integer, close: fun() }? given
---@return cso.Err?
function push.read(path, now, sealer)
  local real, there = file.look(path)
  if not real then return nil, there end
  if not there then
    return nil, err.new { code = "no_file", class = "usage", message = "there is no file " .. path }
  end
  local text, e = fs.read(real)
  if not text then return nil, err.wrap(e, "config") end
  if not cover.is_file(text) then
    text, e = spill.open(text, sealer, path)
    if not text then return nil, e end
  end
  if changes.is_one(text) then
    local read
    read, e = changes.decode(text, path)
    if not read then return nil, e end
    return { list = read.list, lineage = read.about.lineage, serial = read.about.serial, close = function() end }
  end
  local copy
  copy, e = file.aside(real)
  if not copy then return nil, err.wrap(e, "config") end
  local store
  store, e = state.open { path = copy, now = now, sealer = sealer }
  if not store then
    file.discard(copy)
    local at, upto = e.message:find(copy, 1, true)
    if at then e.message = e.message:sub(1, at - 1) .. path .. e.message:sub(upto + 1) end
    -- What helps a state that is damaged is about the private copy here.
    if e.code == "corrupt_state" then e.hint = nil end
    return nil, e
  end
  store.copy = copy
  return { store = store, lineage = store.lineage, serial = store.serial, close = function() store:close() end }
end

local function refuse(code, message, current)
  return nil, err.new { code = code, class = "usage", message = message,
    hint = ("state pull the present one first; --force %s replaces it all the same"):format(current.lineage) }
end

local function same(current, given)
  if #current:resources() ~= #given.store:resources() then return false end
  for _, name in ipairs { "resources", "outputs", "pending" } do
    local sql = ("SELECT * FROM %s ORDER BY 1"):format(name)
    local a, b = current.must(current.db:query(sql)), given.store.must(given.store.db:query(sql))
    for i = 1, math.max(#a, #b) do
      for k, v in pairs(a[i] or b[i] or {}) do
        if not (a[i] and b[i]) or (b[i][k] ~= v) then return false end
      end
    end
  end
  return true
end

--- Whether a copy may take the place of a state.
---@param current cso.Store
---@param given table      from push.read
---@param force string?    the lineage of the state that is given up
---@return "push"|"nothing"|nil what, cso.Err?
function push.judge(current, given, force)
  local has = current.serial > 0 or #current:resources() > 0
  if force and force ~= current.lineage then
    return nil, err.new { code = "wrong_id", class = "usage",
      message = ("--force wants the id of the state that is given up, which is not %s"):format(force),
      hint = ("it is %s"):format(current.lineage) }
  end
  if force or not has and not given.list then return "push" end
  if given.lineage ~= current.lineage then
    return refuse("foreign_state", ("it is another stack's state: its lineage is %s, the present one's is %s"):format(
      given.lineage, current.lineage), current)
  end
  if given.serial < current.serial then
    return refuse("older_state", ("it is older than the present state: serial %d, the present one's is %d"):format(
      given.serial, current.serial), current)
  end
  if given.serial == current.serial and given.store then
    if same(current, given) then return "nothing" end
    return refuse("other_state", ("it differs from the present state, and both have serial %d"):format(given.serial), current)
  end
  return "push"
end

--- Replaces the content of an open state, all at once.
---@param current cso.Store
---@param given table   from push.read
---@return boolean? ok, cso.Err?
function push.into(current, given)
  current:backup()
  if given.list then return changes.replay(current.db, given.list, "the file") end
  local from, serial = given.store, math.max(given.serial, current.serial)
  -- What is forced is the newest from now on, for everybody.
  if given.serial < current.serial or given.lineage ~= current.lineage and current.serial > 0 then serial = serial + 1 end
  local lines = { "BEGIN IMMEDIATE" }
  for _, name in ipairs(schema.TABLES) do
    lines[#lines + 1] = ("DELETE FROM %s; INSERT INTO %s SELECT * FROM given.%s"):format(name, name, name)
  end
  local must = current.must
  -- Closed, it is one whole file.
  from.db:close()
  from.db = nil
  local detach = must(cover.attach(current.db, from.path, from.sealer))
  local ok, e = current.db:exec(table.concat(lines, "; "))
  if ok then
    ok, e = current.db:run([[UPDATE meta SET value = CASE key WHEN 'lineage' THEN ? WHEN 'serial' THEN ? WHEN 'salt' THEN ?
      WHEN 'check' THEN ? ELSE value END]], from.lineage, tostring(serial), from.salt,
      sums.header(from.lineage, serial, from.salt))
  end
  if ok then ok, e = current.db:exec "COMMIT" end
  if not ok then current.db:exec "ROLLBACK" end
  detach()
  if not ok then return nil, file.failure(current.path, e) end
  current.lineage, current.serial, current.salt = from.lineage, serial, from.salt
  -- In the bucket it is a new snapshot: nobody can be told it as changes.
  if current.save then return current:save() end
  return true
end

--- Puts a copy where no state is, or a damaged one. That one is kept under another name.
---@param path string
---@param given table   from push.read
---@param now number
---@param sealer cso.state.Sealer?
---@return string? kept   where the damaged file is; "" when there was none
---@return cso.Err?
function push.place(path, given, now, sealer)
  if not given.store then
    return nil, err.new { code = "no_state", class = "config",
      message = "there is no state at " .. path .. " to which this could be added",
      hint = "put back a copy of it first" }
  end
  local dir = path:match "^(.*)/[^/]*$"
  if dir and dir ~= "" then
    local made, why = fs.mkdir_p(dir, 448) -- 0700
    if not made then return nil, err.wrap(why, "config") end
  end
  local box, e = fs.lock(path .. ".lock")
  if not box then return nil, err.wrap(e, e.code == "locked" and "locked" or "config") end
  local kept, ok = "", true
  if fs.stat(path) then
    kept = ("%s.damaged-%s"):format(path, os.date("!%Y%m%dT%H%M%SZ", math.floor(now)))
    ok, e = fs.rename(path, kept)
  end
  for _, tail in ipairs(backup.beside) do
    if ok and fs.stat(path .. tail) then
      ok, e = fs.rename(path .. tail, (kept ~= "" and kept or path .. ".damaged") .. tail)
    end
  end
  if ok then ok, e = backup.copy(given.store.db, path, sealer) end
  box:close()
  if not ok then return nil, err.wrap(e, "config") end
  return kept
end

return push
