--- Values handed from task to task, first in, first out.
local future = require("cso.task.future")

---@class cso.task.Queue
local Queue = {}
Queue.__index = Queue
Queue.__name = "cso.task.Queue"

-- Takes the longest waiting task's future off a line of them; nil when nobody waits.
local function next_in(line)
  while line.first <= line.last do
    local entry = line[line.first]
    line[line.first] = nil
    line.first = line.first + 1
    if entry then return entry end
  end
end

local function join(line, entry)
  line.last = line.last + 1
  local at = line.last
  line[at] = entry
  entry.future.abandon = function()
    if line[at] == entry then line[at] = false end
  end
  return future.await(entry.future)
end

--- Adds a value; waits while a bounded queue is full.
---@param value any not nil
function Queue:put(value)
  if value == nil then error("queue: nil can't be put", 2) end
  if self.closed then error("queue: it is closed", 2) end
  local getter = next_in(self.getters)
  if getter then
    getter.future:complete(value)
  elseif self.count < self.limit then
    self.count = self.count + 1
    self.tail = self.tail + 1
    self.items[self.tail] = value
  else
    join(self.putters, { future = future.new(), value = value })
  end
end

local function take(self)
  local value = self.items[self.head]
  self.items[self.head] = nil
  self.head = self.head + 1
  self.count = self.count - 1
  local putter = next_in(self.putters)
  if putter then
    self.count = self.count + 1
    self.tail = self.tail + 1
    self.items[self.tail] = putter.value
    putter.future:complete()
  end
  return value
end

--- Takes the oldest value, waiting for one; nil when the queue is closed and empty.
---@return any
function Queue:get()
  if self.count > 0 then return take(self) end
  if self.closed then return nil end
  return join(self.getters, { future = future.new() })
end

--- Says that nothing more will be put: those who wait for a value get nil.
function Queue:close()
  self.closed = true
  for getter in next_in, self.getters do getter.future:complete(nil) end
end

---@param limit integer? most values it holds (no limit when absent)
---@return cso.task.Queue
return function(limit)
  return setmetatable({
    limit = limit or math.huge, items = {}, head = 1, tail = 0, count = 0, closed = false,
    getters = { first = 1, last = 0 }, putters = { first = 1, last = 0 },
  }, Queue)
end
