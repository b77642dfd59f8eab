--- The two clocks of the host: wall time for what AWS sees, steady time for measuring.
local loop = require "host.loop"

return {
  --- Seconds since 1970, with a fraction.
  ---@type fun(): number
  time = loop.time,
  --- Seconds on a clock that never jumps.
  ---@type fun(): number
  now = loop.now,
}
