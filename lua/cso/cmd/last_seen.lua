--- What the state of a stack was when it was last seen here: kept beside it, or beside the working copy of a
--- shared one. A whole older state in its place is in order by itself, whatever it is sealed with; only who
--- remembers the newer one can tell.
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local json = require "cso.std.json"
local lfs = require "lfs"

local last_seen = {}

local function read(file)
  -- That there is none yet is no error, and none is made: errors are searched for all secrets that are known. What is
  -- no file may never end.
  local handle = lfs.attributes(file, "mode") == "file" and io.open(file, "rb")
  if not handle then return nil end
  local told = json.decode(handle:read "a" or "")
  handle:close()
  return type(told) == "table" and math.type(told.serial) == "integer" and told or nil
end

-- A note that can't be written costs the warning, nothing else.
local function write(store, file)
  local dir = file:match "^(.*)/[^/]*$"
  if dir then fs.mkdir_p(dir, tonumber("700", 8)) end
  fs.write_atomic(file, json.encode({ lineage = store.lineage, serial = store.serial, at = os.time() }, { sort = true }),
    tonumber("600", 8))
end

--- Whether a state that was seen here is not there any more. That is no new stack: what it knew is in the account, and
--- would be made a second time.
---@param place string   a file
---@return cso.Err?
function last_seen.lost(place)
  -- Of what a copy tells more is said by whoever opens the state.
  if lfs.symlinkattributes(place) or lfs.attributes(place .. ".backup") then return nil end
  local told = read(place .. ".seen")
  if not told or told.serial == 0 then return nil end
  return err.new { code = "lost_state", class = "config",
    message = ("there is no state at %s any more: it had serial %d on %s"):format(place, told.serial,
      os.date("!%Y-%m-%d %H:%M:%S UTC", math.tointeger(told.at) or 0)),
    hint = ("put it back, or make it anew of what there is: csorun state rebuild; to begin with nothing, remove %s.seen"):format(
      place) }
end

--- Warns when an older state is in the place of one that was seen here, and remembers a newer one.
---@param ctx cso.cmd.Context
---@param store cso.Store
---@param place string   what people call it
---@param file string    of the note
---@param writes boolean?   whoever writes it goes on from it: from its end on, it is the one that counts
function last_seen.check(ctx, store, place, file, writes)
  local told = read(file)
  local known = told and told.lineage == store.lineage
  if known and store.serial < told.serial then
    ctx:warn(err.new { code = "older_state", class = "config",
      message = ("%s is older than it was: it has serial %d, and had %d on %s"):format(place, store.serial, told.serial,
        os.date("!%Y-%m-%d %H:%M:%S UTC", math.tointeger(told.at) or 0)),
      hint = "what was done since then is not remembered, and would be made a second time: put the newer one back, "
        .. "or find what there is by csorun state rebuild" })
  elseif store.serial > 0 and not writes and not (known and store.serial == told.serial) then
    write(store, file)
  end
  if not writes then return end
  ctx:at_end(function()
    local now = read(file)
    if not now or now.lineage ~= store.lineage or now.serial ~= store.serial then write(store, file) end
    return true
  end)
end

return last_seen
