--- Virtual time. Readiness is computed when somebody looks, from the time stamp that the
--- creating call left behind; nothing ever ticks.
local clock = {}
clock.__index = clock

---@class sim.Clock
---@field latency "none"|"realistic"

--- Makes a clock.
---@param options { wall: (fun():number), speed: number?, latency: string?, offset: number? }  with a speed of
---  its own it does not go by what callers have waited
---@return sim.Clock
function clock.new(options)
  local wall = options.wall
  local start = wall()
  return setmetatable({ wall = wall, start = start, base = start + (options.offset or 0),
    speed = options.speed or 1, follows = options.speed == nil, latency = options.latency or "none" }, clock)
end

--- The virtual time, epoch seconds.
---@return number
function clock:now() return self.base + (self.wall() - self.start) * self.speed end

--- How far virtual time has run ahead of the wall; kept with the state so that it never runs back.
---@return number seconds
function clock:ahead() return self:now() - self.wall() end

local LONGEST = 7 * 86400 -- seconds

--- A caller has waited so long, in less time than that (CSORUN_PACE): it is later by so much.
---@param seconds number?
function clock:pass(seconds)
  if self.follows and seconds and seconds > 0 and seconds <= LONGEST then self.base = self.base + seconds end
end

--- The moment at which something that takes `seconds` on AWS will be done.
---@param seconds number
---@return number epoch
function clock:after(seconds)
  if self.latency ~= "realistic" then return self:now() end
  return self:now() + seconds
end

return clock
