--- When to look again at what takes time. The first look is made at once by whoever asks; this says
--- how long to pause after one that found nothing yet.

local SHORTEST, LONGEST = 0.5, 30 -- seconds
local FINEST = 50                 -- near the end looks lie so many to the expected duration

--- What is expected by experience is approached in halves, closer and closer together around the
--- expected end. A figure of the kind's is only a guess: then no pause is longer than half of what
--- has passed, so that what is done early is not found late. Beyond the end, looks thin out again.
---@param spent number     seconds since the first look
---@param expect number    seconds that it is expected to take
---@param learned boolean  whether earlier runs say so
---@return number seconds
return function(spent, expect, learned)
  local finest = math.max(SHORTEST, expect / FINEST)
  local pause
  if spent < expect then
    pause = (expect - spent) / 2
    if not learned then pause = math.min(pause, spent / 2) end
  else
    pause = (spent - expect) / 4
  end
  return math.min(math.max(pause, finest), LONGEST)
end
