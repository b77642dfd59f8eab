--- A bucket without the snapshot of a state that there was: what it knew is in the account, and would be made a second
--- time. The working copy of this machine tells, or earlier snapshots that are kept beside.
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local state = require "cso.state"

local function resources_in(work, sealer)
  local copy = work and fs.stat(work) and state.open { path = work, sealer = sealer }
  local n = copy and #copy:resources() or 0
  if copy then copy:close() end
  return n
end

--- What is said where there is no snapshot; nil where there was none.
---@param store cso.state.Objects
---@param work string?   where the working copy lies, if there is one
---@return cso.Err?
return function(store, work)
  local function gone(what, hint)
    return err.new { code = "lost_state", class = "config", hint = hint,
      message = ("there is no state at %s any more, but %s"):format(store.name, what) }
  end
  local n = resources_in(work, store.sealer)
  if n > 0 then
    return gone(("%s holds %d resources of the last run here"):format(work, n),
      ("put it back with: csorun state push %s --state %s; or remove it to begin anew"):format(work, store.name))
  end
  local kept, e = store:list ".history/"
  if not kept then return e end
  if #kept == 0 then return nil end
  return gone("earlier versions of it are there",
    ("csorun state versions --state %s lists them, state pull and state push put one back; remove %s.history/ to begin anew")
      :format(store.name, store.name))
end
