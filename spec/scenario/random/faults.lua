--- What may go wrong on the way to the account and back.
local faults = {}

-- %s is the share of the calls.
local RULES = { "throttle=%s", "error=%s", "unavailable=%s", "reset=%s", "lost=%s", "truncate=%s", "hang=%s",
  "stale=1s:%s", "propagation=2s", "throttle=0.05,error=0.05,reset=0.05,unavailable=0.05",
  "lost=0.05,truncate=0.05,stale=1s:0.1" }
local RATES = { "0.05", "0.1", "0.2" }

--- How long an answer may take, in seconds, so that silence does not take a minute each time.
faults.PATIENCE = "2"

--- Rules for a step, with a chance.
---@param dice spec.random.Dice
---@param chance number
---@param setting table
---@return string?
function faults.draw(dice, chance, setting)
  if not dice.chance(chance) then return nil end
  local rules = dice.pick(RULES):gsub("%%s", dice.pick(RATES))
  -- What a bucket holds is seen at once, and a state is kept on that.
  return setting.shared and rules:gsub("stale=[%w:.]+", "propagation=2s") or rules
end

return faults
