--- Dice that fall the same way whenever they are thrown from the same seed.
local ids = require "sim.ids"

---@class spec.random.Dice
---@field below fun(n: integer): integer   1..n
---@field pick fun(list: any[]): any
---@field chance fun(p: number): boolean

---@param seed integer|string
---@return spec.random.Dice
return function(seed)
  local source = ids.new("random:" .. seed)
  local dice = {}
  function dice.below(n) return math.floor(source:fraction() * n) + 1 end
  function dice.pick(list) return list[dice.below(#list)] end
  function dice.chance(p) return source:fraction() < p end
  return dice
end
