--- The time of a rehearsal. Nothing there takes time by itself, so a wait only costs time while
--- nobody gets on with anything: then it runs as fast as it can, and a wait that would never end
--- ends at its limit within a moment. While calls go through, time stands still, however slow this
--- machine is: nobody is told "still waiting" because the processor was busy.
local task = require "cso.task"

local clock = {}

-- Wall seconds for which a waiter steps aside.
local STEP = 0.001

---@return { now: fun(): number, sleep: fun(seconds: number), progress: fun() }
function clock.new()
  local now, calls = 0, 0
  return {
    now = function() return now end,
    --- Somebody has changed something.
    progress = function() calls = calls + 1 end,
    sleep = function(seconds)
      local before, till = calls, now + seconds
      task.sleep(STEP)
      if calls == before and till > now then now = till end
    end,
  }
end

return clock
