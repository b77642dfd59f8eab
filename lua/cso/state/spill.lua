--- What could not be written where it belongs is kept in a file, with the command that brings it
--- there later. A full disk may leave no room beside the state: then it goes where there is some.
local changes = require "cso.state.changes"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"

local spill = {}

--- Where it may go, best first.
local function places(path, env)
  local name = path:match "([^/]+)$"
  local list = { (path:gsub("%.db$", "")) }
  for _, dir in ipairs { env.TMPDIR or "/tmp", env.HOME or "/", "/dev/shm" } do
    list[#list + 1] = dir .. "/" .. (name:gsub("%.db$", ""))
  end
  return list
end

--- Writes bytes to the first place that takes them.
---@param path string    of the state
---@param tail string    "db" or "changes"
---@param bytes string
---@param now number
---@param env table<string, string>?
---@return string? file, cso.Err?
function spill.write(path, tail, bytes, now, env)
  local e
  for _, base in ipairs(places(path, env or { TMPDIR = os.getenv "TMPDIR", HOME = os.getenv "HOME" })) do
    local file = ("%s.spill-%s.%s"):format(base, os.date("!%Y%m%dT%H%M%SZ", math.floor(now)), tail)
    local ok
    ok, e = fs.write_atomic(file, bytes, 384) -- 0600
    if ok then return file end
  end
  return nil, e
end

--- The error that tells where it is and how it gets back.
---@param where string    what could not be written, for people and for --state
---@param why cso.Err
---@param file string?    nil: nobody took it
---@param text string?    then this is all there is
---@return cso.Err
function spill.told(where, why, file, text)
  if not file then
    return err.new { code = "state_write", class = "service", cause = why,
      message = ("the state %s can't be written (%s), nor is there a place for what it lacks:\n%s"):format(
        where, why.message, text or ""),
      hint = "save these lines in a file FILE; when there is room again: csorun state push FILE --state " .. where }
  end
  return err.new { code = "state_write", class = "service", cause = why,
    message = ("the state %s can't be written: %s\nWhat this run knows is in %s"):format(where, why.message, file),
    hint = ("when the cause is mended: csorun state push %s --state %s"):format(file, where) }
end

-- What sealed changes are sealed as, and how they begin on a screen.
local AS, ON_SCREEN = "changes", "csorun-sealed-text\n"

--- Opens spilled changes that are sealed; anything else stays as it is.
---@param bytes string
---@param sealer cso.state.Sealer?
---@param name string
---@return string? text, cso.Err?
function spill.open(bytes, sealer, name)
  local sealed = require "cso.state.sealed"
  if bytes:sub(1, #ON_SCREEN) == ON_SCREEN then bytes = hash.base64_decode(bytes:sub(#ON_SCREEN + 1)) or bytes end
  if not sealed.is_one(bytes) then return bytes end
  return (sealer or sealed.new()):back(bytes, AS, name)
end

--- Keeps changes that the disk refused.
---@param store cso.Store
---@param list table[]
---@param why cso.Err
---@return cso.Err
function spill.changes(store, list, why)
  local text = changes.encode(list, { lineage = store.lineage, serial = store.serial })
  local covered = text
  if store.sealer then
    local e
    covered, e = store.sealer:out(text, AS)
    if not covered then return e end
  end
  local file = spill.write(store.path, "changes", covered, store.now())
  if covered ~= text then text = ON_SCREEN .. hash.base64_encode(covered) .. "\n" end
  return spill.told(store.path, why, file, text)
end

return spill
