--- Finds out whether a bucket keeps its word on conditions. Some services that speak S3 take the
--- headers and ignore them: two runs would then both believe to hold the lock.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local objects = require "cso.state.remote.objects"

local function refused(store, what)
  return nil, err.new { code = "no_conditions", class = "config",
    message = ("%s can't hold a state that is shared: it %s"):format(store.name, what),
    hint = "use Amazon S3 or a service that honours If-None-Match and If-Match on PutObject, or a local state" }
end

-- What is tried on an object of its own, in this order, and what has to come of it.
local trials = {
  { on = { none = true }, good = true, else_says = "refuses a write with If-None-Match" },
  { on = { none = true }, good = false, else_says = "ignores If-None-Match: it let a second writer overwrite the first" },
  { on = { match = '"00000000000000000000000000000000"' }, good = false,
    else_says = "ignores If-Match: it let a writer overwrite what it had not seen" },
  { on = "current", good = true, else_says = "refuses a write with the right If-Match" },
}

--- Tries it.
---@param store cso.state.Objects
---@return boolean? ok, cso.Err?  code "no_conditions"
return function(store)
  local tail = ".probe-" .. hash.hex_encode(hash.random(8))
  local etag, result, problem = nil, true, nil
  for i, trial in ipairs(trials) do
    local on = trial.on == "current" and { match = etag } or trial.on
    local made, e = store:put(tail, "probe " .. i, on)
    if not made and not objects.is_conflict(e) and not (e.status == 501 or e.code == "NotImplemented") then
      result, problem = nil, e
      break
    end
    if (made ~= nil) ~= trial.good then
      result, problem = refused(store, trial.else_says)
      break
    end
    etag = made or etag
  end
  store:delete(tail)
  return result, problem
end
