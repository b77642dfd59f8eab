--- Calls at which a run, and then the one after it, is killed.
local kills = {}

--- Kills for runs that make about so many calls.
---@param dice spec.random.Dice
---@param calls integer
---@param setting table?   where states are shared, another machine may go on; where there are many stacks, there are
---  many processes
---@return { at: integer, moment: "before"|"after", elsewhere: boolean?, whom: "all"|"parent"|"child"|nil }[]
function kills.draw(dice, calls, setting)
  local list = {}
  while dice.chance(0.5) and #list < 3 do
    list[#list + 1] = { at = dice.below(calls), moment = dice.pick { "before", "after" },
      elsewhere = setting and setting.shared and not setting.stacks and dice.chance(0.4) or nil,
      whom = setting and setting.stacks and dice.pick { "all", "parent", "child" } or nil }
  end
  return list
end

return kills
