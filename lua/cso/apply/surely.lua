--- What has to be tried again when nobody can say whether it was carried out: the answer was lost,
--- or the service failed in the middle. Only for what does no harm when it is done twice, or what
--- looks first what is left to do.
local ATTEMPTS, FIRST, LONGEST = 10, 0.5, 15

--- Calls fn until its outcome is clear.
---@param run table
---@param fn fun(attempt: integer): any, cso.Err?
---@return any, cso.Err?
return function(run, fn)
  local pause = FIRST
  for attempt = 1, ATTEMPTS do
    local ok, e = fn(attempt)
    if ok or not e.ambiguous or attempt == ATTEMPTS then return ok, e end
    run.sleep(pause)
    pause = math.min(pause * 2, LONGEST)
  end
end
