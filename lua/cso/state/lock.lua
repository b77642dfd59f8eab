--- One writer at a time. The lock is the operating system's, so it ends with its process however
--- that ends; who holds it is written beside it for the one who has to wait.
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local proc = require "cso.std.proc"

local lock = {}

--- Who has written beside the lock that they hold it. It says nothing of whether they still do.
---@return { id: string?, command: string, who: string, pid: integer?, since: number }?
function lock:holder()
  local row = self.db:one "SELECT info FROM holder WHERE one = 1"
  return row and json.decode(row.info) or nil
end

local function file_of(self) return self.path .. ".lock" end

-- The id that the last holder wrote into the lock's file. It names who took this very file; one that was put in its
-- place says nothing.
local function id_in_file(self)
  local file = io.open(file_of(self), "rb")
  if not file then return nil end
  local id = file:read "a":match "\n([%x-]+)\n"
  file:close()
  return id
end

local function write_id(self, id)
  local file = io.open(file_of(self), "r+b")
  if not file then return end
  file:write(("%d\n%s\n"):format(proc.pid(), id))
  file:close()
end

-- Whoever removes the file of a lock, thinking that it is a leftover, does not end the run that holds it. Who gets the
-- file that the holder wrote its id into knows that it has let go; of another file's holder it is asked whether its
-- process runs: it is the one that wrote it down by its number and by when it began. `nil` where nobody can tell.
local function still_runs(info, id)
  if info == nil or id ~= nil and id == info.id then return false end
  if info.pid == proc.pid() and (info.space == nil or info.space == proc.space()) then return false end
  return proc.runs(info.pid, info.birth, info.space)
end

--- True when a run holds the lock now; nil when that can't be told.
---@return boolean?
function lock:is_locked()
  if self.path == ":memory:" then return false end
  local id = id_in_file(self)
  local box, e = fs.lock(file_of(self))
  if not box then return e.code == "locked" end
  local held = still_runs(self:holder(), id)
  -- The file says again what it said.
  if id then write_id(self, id) end
  box:close()
  return held
end

--- Forgets a holder of whom nobody can tell whether it runs.
function lock:forget_holder() self.must(self.db:run "DELETE FROM holder") end

local function holder_text(info)
  if not info then return "another run" end
  return ("%s by %s (process %s) since %s, lock id %s"):format(info.command or "a run", info.who or "somebody",
    tostring(info.pid or "?"), os.date("!%Y-%m-%d %H:%M:%S UTC", math.floor(info.since or 0)), info.id or "?")
end

--- Takes the lock of this state.
---@param run { command: string, who: string, pid: integer? }
---@return { close: fun() }?, cso.Err?  class "locked" names the holder
function lock:lock(run)
  if self.path == ":memory:" then return { close = function() end } end
  local id = id_in_file(self)
  local box, e = fs.lock(file_of(self))
  if not box and e.code ~= "locked" then
    return nil, err.new { code = e.code, class = "config", message = e.message,
      hint = "mend the permissions, or run as the one to whom the state belongs" }
  end
  if not box then
    local held = self:holder()
    return nil, err.new {
      code = "locked", class = "locked", holder = held, message = ("%s is locked: %s"):format(self.path, holder_text(held)),
      hint = "wait for it to end, or stop it; the lock frees itself",
    }
  end
  local other = self:holder()
  local runs = still_runs(other, id)
  if runs ~= false then
    box:close()
    return nil, err.new {
      code = "locked", class = "locked", holder = other,
      message = ("%s %s locked: %s; the file of its lock was removed%s"):format(self.path, runs and "is" or "may be",
        holder_text(other), runs and "" or ", and this system does not tell whether that process runs"),
      hint = runs and "wait for it to end, or stop it"
        or ("when it surely runs nowhere any more: csorun unlock %s"):format(other.id or "ID"),
    }
  end
  local info = { id = hash.uuid(), command = run.command, who = run.who, pid = run.pid, since = self.now(),
    birth = run.pid and proc.birth(run.pid) or nil, space = proc.space() }
  local written, why = self.db:run("INSERT INTO holder VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET info = excluded.info",
    json.encode(info))
  -- A full disk is no other run: whoever opens the state again in this process has to hear of the disk.
  if not written then box:close() end
  self.must(written, why)
  write_id(self, info.id)
  return {
    close = function()
      if self.db then self.db:run("DELETE FROM holder") end
      box:close()
    end,
  }
end

return lock
