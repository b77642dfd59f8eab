--- Brings a state that an older csorun wrote to the format of this one. `steps[n]` makes format n
--- from n - 1, inside of one transaction; the file as it was is kept beside it.
local backup = require "cso.state.backup"
local cover = require "cso.state.cover"
local schema = require "cso.state.schema"
local sums = require "cso.state.sums"

local upgrade = {}

local steps = {}

--- Sums of records and of the header.
steps[2] = function(db)
  local ok, e = db:exec "ALTER TABLE resources ADD COLUMN sum INTEGER NOT NULL DEFAULT 0"
  if not ok then return nil, e end
  local rows
  rows, e = db:query "SELECT address, record FROM resources"
  if not rows then return nil, e end
  for _, row in ipairs(rows) do
    ok, e = db:run("UPDATE resources SET sum = ? WHERE address = ?", sums.of(row.address, row.record), row.address)
    if not ok then return nil, e end
  end
  ok, e = db:exec(schema.TALLY)
  if not ok then return nil, e end
  local meta = {}
  rows, e = db:query "SELECT key, value FROM meta"
  if not rows then return nil, e end
  for _, row in ipairs(rows) do meta[row.key] = row.value end
  local serial = math.tointeger(tonumber(meta.serial))
  if not (meta.lineage and serial and meta.salt) then return nil, { message = "its header is missing" } end
  return db:run("INSERT INTO meta VALUES ('check', ?)", sums.header(meta.lineage, serial, meta.salt))
end

--- Inverses of runs, what else is known of a run, and its place in their order: runs of one second
--- have no order but the one in which they were begun.
steps[3] = function(db)
  return db:exec([[
    ALTER TABLE runs ADD COLUMN facts TEXT;
    ALTER TABLE runs ADD COLUMN nth INTEGER;
    UPDATE runs SET nth = (SELECT count(*) FROM runs AS r WHERE (r.started, r.id) <= (runs.started, runs.id));
  ]] .. schema.UNDO)
end

-- The file as it is, by a look of its own: the transaction that is open here can't be copied from.
local function keep(db, to, sealer)
  local row, e = db:one "SELECT file FROM pragma_database_list WHERE name = 'main'"
  if not row then return nil, e end
  local other
  other, e = cover.open(row.file, sealer, { readonly = true })
  if not other then return nil, e end
  local ok
  ok, e = backup.copy(other, to, sealer)
  other:close()
  return ok, e
end

--- Upgrades an open state. Who comes at the same time waits, and finds it done.
---@param db cso.Database
---@param path string
---@param sealer cso.state.Sealer?   what the copy is sealed with
---@return boolean? ok, cso.Err?  nothing has changed when it fails
function upgrade.run(db, path, sealer)
  return db:transaction(function()
    local row, e = db:one "PRAGMA user_version"
    if not row then return nil, e end
    local from = row.user_version
    if from >= schema.VERSION then return true end
    local ok
    ok, e = keep(db, ("%s.format%d"):format(path, from), sealer)
    if not ok then return nil, e end
    for n = from + 1, schema.VERSION do
      ok, e = steps[n](db)
      if not ok then return nil, e end
    end
    return db:exec(("PRAGMA user_version = %d"):format(schema.VERSION))
  end)
end

return upgrade
