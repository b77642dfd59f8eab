--- Virtual time. Readiness is computed when somebody looks, from the time stamp that the
--- creating call left behind; nothing ever ticks.
local clock = {}
clock.__index = clock

---@class sim.Clock
---@field latency "none"|"realistic"

--- Makes a clock.
---@param options { wall: (fun():number), speed: number?, latency: string?, offset: number? }
---@return sim.Clock
function clock.new(options)
  local wall = options.wall
  local start = wall()
  return setmetatable({ wall = wall, start = start, base = start + (options.offset or 0),
    speed = options.speed or 1, latency = options.latency or "none" }, clock)
end

--- The virtual time, epoch seconds.
---@return number
function clock:now() return self.base + (self.wall() - self.start) * self.speed end

--- How far virtual time has run ahead of the wall; kept with the state so that it never runs back.
---@return number seconds
function clock:ahead() return self:now() - self.wall() end

--- The moment at which something that takes `seconds` on AWS will be done.
---@param seconds number
---@return number epoch
function clock:after(seconds)
  if self.latency ~= "realistic" then return self:now() end
  return self:now() + seconds
end

return clock
