--- A cache that can't grow without end: when it is full it is emptied. What is in use comes back with
--- the next question, at the price of finding it once more.
local bounded = {}

---@class cso.std.Bounded
local Bounded = {}
Bounded.__index = Bounded

--- A cache of at most so many values.
---@param most integer
---@return cso.std.Bounded
function bounded.new(most)
  return setmetatable({ most = most, count = 0, values = {} }, Bounded)
end

---@param key any
---@return any value nil when it is not (or no longer) known
function Bounded:get(key) return self.values[key] end

--- Keeps a value under a key.
---@param key any
---@param value any
function Bounded:put(key, value)
  if self.values[key] == nil then
    if self.count >= self.most then self.values, self.count = {}, 0 end
    self.count = self.count + 1
  end
  self.values[key] = value
end

return bounded
