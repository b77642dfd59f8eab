--- What was made a moment ago is not known everywhere at once (eventual consistency): a call that
--- names it may hear "there is no such thing". Such a call is made again for a while; any other
--- "not found" is the truth.
local read = require "cso.kind.read"

local fresh = {}

--- Seconds for which a new thing may be unknown to parts of its service.
local WINDOW = 120

--- True when a string anywhere in the parameters names a thing that was made within the window.
local function names_fresh(made, now, v)
  if type(v) == "string" then
    local born = made[v]
    return born ~= nil and now - born < WINDOW
  end
  if type(v) ~= "table" then return false end
  for _, item in next, v do
    if names_fresh(made, now, item) then return true end
  end
  return false
end

--- Calls, and calls again while the service does not know what the call names and we just made.
---@param run table            `born`: id -> when it was made
---@param operation string
---@param params table
---@param call fun(): table?, cso.Err?
---@return table?, cso.Err?
function fresh.patiently(run, operation, params, call)
  local pause = 0.5
  while true do
    local out, e = call()
    if out or operation:match("^Delete") or not read.is_gone(e) or not names_fresh(run.born, run.now(), params) then
      return out, e
    end
    run.sleep(pause)
    pause = math.min(pause * 2, 8)
  end
end

return fresh
