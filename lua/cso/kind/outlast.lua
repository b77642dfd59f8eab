--- A service that throttles everything for a while, that failed so often that the client has no retries left to
--- spend, or a network that is gone for a minute, is outlasted: one call that gives up would fail a run of
--- hundreds. Only calls of which it is sure that they were not carried out are made again here.
local outlast = {}

local FIRST, LONGEST = 2, 15 -- seconds between two tries

--- How long whoever changes an account waits for a service, and whoever only reads it, s.
outlast.CHANGING, outlast.READING = 15 * 60, 3 * 60

-- A network is back soon, or somebody has to see to it.
local NETWORK = 3 * 60

---@class cso.Outlast
---@field answered boolean?  somebody has answered: that nobody does now is no wrong address
---@field told boolean?      that it waits; of one outage that is said once
local Outlast = {}
Outlast.__index = Outlast

--- The endurance of one run, which all its calls share.
---@param run { now: (fun(): number), sleep: fun(s: number), stop: { requested: boolean? }?, emit: fun(name: string, data: table)? }
---@param patience number  s
---@return cso.Outlast
function outlast.new(run, patience)
  return setmetatable({ run = run, patience = patience }, Outlast)
end

--- How long this failure is waited through, or nil.
local function limit_of(self, e)
  if e.ambiguous then return nil end
  if e.throttled or e.gave_up == "quota" then return self.patience end
  return e.class == "network" and e.transient and self.answered and math.min(NETWORK, self.patience) or nil
end

local function tell(self, service, operation, e, limit)
  if self.told or not self.run.emit then return end
  self.told = true
  self.run.emit("outage", { service = service, operation = operation, seconds = limit, err = e })
end

--- Calls, and calls again while the service does not let anybody in or can't be reached. Whoever holds a place
--- in a budget holds it meanwhile, so that no other call of that kind knocks in its stead.
---@param service string
---@param operation string
---@param call fun(): table?, cso.Err?
---@return table?, cso.Err?
function Outlast:call(service, operation, call)
  local run, pause, since = self.run, FIRST, nil
  while true do
    local out, e = call()
    if out or not e then
      self.answered, self.told = true, nil
      return out, e
    end
    self.answered = self.answered or e.status ~= nil
    local limit = limit_of(self, e)
    if not limit or run.stop and run.stop.requested then return nil, e end
    since = since or run.now()
    if run.now() - since > limit then return nil, e end
    tell(self, service, operation, e, limit)
    run.sleep(pause)
    pause = math.min(pause * 1.5, LONGEST)
  end
end

return outlast
