--- So many at a time, in order of arrival.
local failure = require("cso.task.failure")
local future = require("cso.task.future")

---@class cso.task.Semaphore
---@field size integer
---@field used integer
local Semaphore = {}
Semaphore.__index = Semaphore
Semaphore.__name = "cso.task.Semaphore"

-- Hands free places to those who have waited longest.
local function serve(self)
  while self.used < self.size and self.first <= self.last do
    local f = self.line[self.first]
    self.line[self.first] = nil
    self.first = self.first + 1
    if f then
      self.used = self.used + 1
      f:complete()
    end
  end
end

--- Takes a place, waiting for one.
function Semaphore:acquire()
  if self.used < self.size and self.first > self.last then
    self.used = self.used + 1
    return
  end
  local f = future.new()
  self.last = self.last + 1
  local at = self.last
  self.line[at] = f
  f.abandon = function()
    if self.line[at] == f then self.line[at] = false end
  end
  future.await(f)
end

--- Gives a place back.
function Semaphore:release()
  if self.used == 0 then error("semaphore: released more often than acquired", 2) end
  self.used = self.used - 1
  serve(self)
end

local function give_back(self, ok, ...)
  self:release()
  if not ok then error((...), 0) end
  return ...
end

--- Calls fn(...) while holding a place.
---@param fn function
---@return any ... fn's results
function Semaphore:with(fn, ...)
  self:acquire()
  return give_back(self, xpcall(fn, failure.note, ...))
end

--- Changes the number of places. Those who hold one keep it.
---@param size integer
function Semaphore:resize(size)
  self.size = size
  serve(self)
end

---@param size integer number of places
---@return cso.task.Semaphore
return function(size)
  if math.type(size) ~= "integer" or size < 0 then
    error("semaphore: size must be an integer, 0 or more", 2)
  end
  return setmetatable({ size = size, used = 0, line = {}, first = 1, last = 0 }, Semaphore)
end
