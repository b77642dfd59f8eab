--- How many calls may be in flight per service, class of operation and region. There is no fixed
--- parallelism: a throttle halves the budget, success widens it slowly (AIMD, as TCP does).
local task = require "cso.task"

local budget = {}

local START, FLOOR, CEILING = 16, 1, 64

---@return { run: fun(key: string, fn: fun(): any, cso.Err?): any, cso.Err? }
function budget.new()
  local lanes = {}
  local function lane_of(key)
    local lane = lanes[key]
    if not lane then
      lane = { limit = START, active = 0, waiting = {}, first = 1, last = 0 }
      lanes[key] = lane
    end
    return lane
  end
  local function release(lane)
    lane.active = lane.active - 1
    while lane.first <= lane.last and lane.active < lane.limit do
      local f = lane.waiting[lane.first]
      lane.waiting[lane.first] = nil
      lane.first = lane.first + 1
      lane.active = lane.active + 1
      f:complete(true)
    end
  end
  local function acquire(lane)
    if lane.active < lane.limit then
      lane.active = lane.active + 1
      return
    end
    local f = task.future()
    lane.last = lane.last + 1
    lane.waiting[lane.last] = f
    task.await(f)
  end
  return {
    run = function(key, fn)
      local lane = lane_of(key)
      acquire(lane)
      local ok, out, e = pcall(fn)
      if ok and out then
        lane.limit = math.min(CEILING, lane.limit + 1 / lane.limit)
      elseif ok and e and e.throttled then
        lane.limit = math.max(FLOOR, lane.limit / 2)
      end
      release(lane)
      if not ok then error(out, 0) end
      return out, e
    end,
    --- The present limit of a lane, for the curious and for specs.
    limit = function(key) return lane_of(key).limit end,
  }
end

return budget
