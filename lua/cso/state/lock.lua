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

-- Whoever removes the file of a lock, thinking that it is a leftover, does not end the run that holds it. What tells
-- it from one that died is that its process is the one that wrote it down: not only its number, also when it began.
local function still_runs(info)
  return info ~= nil and info.birth ~= nil and info.pid ~= proc.pid() and proc.birth(info.pid) == info.birth
end

--- True when a run holds the lock now.
---@return boolean
function lock:is_locked()
  if self.path == ":memory:" then return false end
  local box, e = fs.lock(self.path .. ".lock")
  if box then box:close() end
  return box == nil and e.code == "locked" or box ~= nil and still_runs(self:holder())
end

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
  local box, e = fs.lock(self.path .. ".lock")
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
  if still_runs(other) then
    box:close()
    return nil, err.new {
      code = "locked", class = "locked", holder = other,
      message = ("%s is locked: %s; the file of its lock was removed"):format(self.path, holder_text(other)),
      hint = "wait for it to end, or stop it",
    }
  end
  local info = { id = hash.uuid(), command = run.command, who = run.who, pid = run.pid, since = self.now(),
    birth = run.pid and proc.birth(run.pid) }
  local written, why = self.db:run("INSERT INTO holder VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET info = excluded.info",
    json.encode(info))
  -- A full disk is no other run: whoever opens the state again in this process has to hear of the disk.
  if not written then box:close() end
  self.must(written, why)
  return {
    close = function()
      if self.db then self.db:run("DELETE FROM holder") end
      box:close()
    end,
  }
end

return lock
