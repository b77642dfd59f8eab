--- A service that throttles everything for a while, or failed so often that the client has no retries left to
--- spend, is outlasted: one call that gives up would fail a run of hundreds. Only calls of which it is sure
--- that they were not carried out are made again here.
local PATIENCE, FIRST, LONGEST = 15 * 60, 2, 15 -- seconds

local function passes(e) return not e.ambiguous and (e.throttled or e.gave_up == "quota") end

--- Calls, and calls again while the service does not let anybody in. Holds its place in the budget meanwhile,
--- so that no other call of that kind knocks in its stead.
---@param run { now: (fun(): number), sleep: fun(s: number), stop: { requested: boolean? }? }
---@param call fun(): table?, cso.Err?
---@return table?, cso.Err?
return function(run, call)
  local pause, since = FIRST, nil
  while true do
    local out, e = call()
    if out or not passes(e) or run.stop and run.stop.requested then return out, e end
    since = since or run.now()
    if run.now() - since > PATIENCE then return nil, e end
    run.sleep(pause)
    pause = math.min(pause * 1.5, LONGEST)
  end
end
