--- ./dev matrix throttled: every call of half a minute is throttled. What matters is how often csorun knocks.
local faults = require "spec.scenario.matrix.faults"

local SECONDS = 30

local function mean(list, from, to)
  local sum = 0
  for at = from, to do sum = sum + (list[at] or 0) end
  return sum / (to - from + 1)
end

local matrix = {}

--- The door.
---@param opts table
---@param out table   tools.matrix.report
---@return integer failed
function matrix.run(opts, out)
  local book = opts.book
  local clean = faults.clean(book)
  local failure, calls, till = faults.throttled(book, clean, SECONDS)
  out:say("calls in each second: %s", table.concat(calls, " "))
  local total = 0
  for _, n in ipairs(calls) do total = total + n end
  local early, late, free = mean(calls, 1, 2), mean(calls, till - 9, till), math.max(table.unpack(calls, till + 1))
  out:say("per second: %.1f at first, %.1f after %d s of throttling, up to %d when it is over; %.2f times the calls",
    early, late, till - 10, free, total / clean.apply.requests)
  if not failure and late > early / 4 then failure = "the calls did not fall" end
  if not failure and free < 10 * late then failure = "the calls did not recover" end
  if not failure and total > 3 * clean.apply.requests then failure = "more than three times the calls" end
  out:one("throttled", failure, "./dev matrix throttled")
  return out:close()
end

return matrix
