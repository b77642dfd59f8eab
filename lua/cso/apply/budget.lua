--- How many calls may be in flight per service, operation and region: services count each operation
--- by itself. There is no fixed parallelism: a throttled attempt halves a budget, success widens it,
--- quickly up to where it was held last and slowly beyond (AIMD with a slow start, as TCP does).
local heap = require "cso.std.heap"
local task = require "cso.task"

local budget = {}

local START, FLOOR, CEILING = 16, 1, 64
local SAFE = 0.75 -- of the budget at which throttling began, widening is quick

local function first(a, b)
  if a.weight ~= b.weight then return a.weight > b.weight end
  return a.nth < b.nth
end

local function new_lane(limit)
  return { limit = limit, active = 0, waiting = heap(first), nth = 0, sent = 0, cut = 0, quick = 0 }
end

local function serve(lane)
  while lane.active < lane.limit do
    local one = lane.waiting.pop()
    if not one then return end
    if not one.gone then
      lane.active, one.served = lane.active + 1, true
      one.future:complete(true)
    end
  end
end

local function leave(lane)
  lane.active = lane.active - 1
  serve(lane)
end

local function enter(lane, weight)
  if lane.active < lane.limit then
    lane.active = lane.active + 1
    return
  end
  lane.nth = lane.nth + 1
  local one = { weight = weight, nth = lane.nth, future = task.future() }
  lane.waiting.push(one)
  local ok, e = pcall(task.await, one.future)
  if not ok then
    -- Who no longer waits must not be given what others wait for.
    one.gone = true
    if one.served then leave(lane) end
    error(e, 0)
  end
end

-- What was in flight together is throttled together: that is told once, not once for each.
local function narrow(lane, nth)
  if nth <= lane.cut then return end
  lane.cut = lane.sent
  lane.quick = lane.limit * SAFE
  lane.limit = math.max(FLOOR, lane.limit / 2)
end

local function widen(lane)
  local step = lane.limit < lane.quick and 1 or 1 / lane.limit
  lane.limit = math.min(CEILING, lane.limit + step)
end

---@class cso.Budget
---@field run fun(key: string, fn: fun(told: fun(e: cso.Err)): (any, cso.Err?), weight: number?): any, cso.Err?, number
---  runs fn as soon as the budget of `key` allows, the greatest weight first; fn tells of attempts that
---  failed. Gives what fn gave, and the seconds for which it was not run
---@field limit fun(key: string): number   the present limit, for the curious and for specs

---@param now (fun(): number)?  seconds
---@param start number?   of each budget
---@return cso.Budget
function budget.new(now, start)
  now = now or task.now
  local lanes = {}
  local function lane_of(key)
    local lane = lanes[key]
    if not lane then
      lane = new_lane(start or START)
      lanes[key] = lane
    end
    return lane
  end
  return {
    run = function(key, fn, weight)
      local lane, since = lane_of(key), now()
      enter(lane, weight or 0)
      local waited = now() - since
      lane.sent = lane.sent + 1
      local nth, throttled = lane.sent, false
      local function told(e)
        if not e.throttled then return end
        throttled = true
        narrow(lane, nth)
        -- The next attempt of this call counts among what is sent after the cut.
        lane.sent = lane.sent + 1
        nth = lane.sent
      end
      local ok, out, e = pcall(fn, told)
      if ok and not out and e and e.throttled and not throttled then told(e) end
      if ok and out and not throttled then widen(lane) end
      leave(lane)
      if not ok then error(out, 0) end
      return out, e, waited
    end,
    limit = function(key) return lane_of(key).limit end,
  }
end

return budget
