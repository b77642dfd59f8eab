--- A binary heap of what is to happen when. One host wait serves all timers.
local timers = {}

---@class cso.task.Timer
---@field at number      in host.loop.now() seconds
---@field fn fun()|false false once cancelled or fired

local heap, live, serial = {}, 0, 0

local function before(a, b)
  if a.at ~= b.at then return a.at < b.at end
  return a.serial < b.serial
end

local function sift_up(i)
  local item = heap[i]
  while i > 1 do
    local parent = i // 2
    if not before(item, heap[parent]) then break end
    heap[i], i = heap[parent], parent
  end
  heap[i] = item
end

local function sift_down(i)
  local item, n = heap[i], #heap
  while true do
    local child = 2 * i
    if child > n then break end
    if child < n and before(heap[child + 1], heap[child]) then child = child + 1 end
    if not before(heap[child], item) then break end
    heap[i], i = heap[child], child
  end
  heap[i] = item
end

local function pop()
  local top, n = heap[1], #heap
  heap[1] = heap[n]
  heap[n] = nil
  if n > 2 then sift_down(1) end
  return top
end

--- Calls fn at the given time, from the driver: fn must not await.
---@param at number
---@param fn fun()
---@return cso.task.Timer
function timers.add(at, fn)
  serial = serial + 1
  local timer = { at = at, fn = fn, serial = serial }
  heap[#heap + 1] = timer
  live = live + 1
  sift_up(#heap)
  return timer
end

--- Makes sure that a timer won't fire (any more).
---@param timer cso.task.Timer
function timers.cancel(timer)
  if timer.fn then
    timer.fn = false
    live = live - 1
  end
end

--- When the next timer is due, or nil.
---@return number?
function timers.next()
  while heap[1] and not heap[1].fn do pop() end
  return heap[1] and heap[1].at
end

--- Fires what is due.
---@param now number
function timers.fire(now)
  local at = timers.next()
  while at and at <= now do
    local timer = pop()
    local fn = timer.fn
    timers.cancel(timer)
    fn()
    at = timers.next()
  end
end

--- Number of timers that will fire.
---@return integer
function timers.count()
  return live
end

return timers
