--- Adaptive mode: standard mode behind a limiter that learns the rate that a service bears,
--- cubic like TCP's. Pure: clock and chance are arguments.
local standard = require "cso.aws.retry.standard"

local adaptive = {}

local SCALE, BETA, MIN_RATE, SMOOTH, WINDOW = 0.4, 0.7, 0.5, 0.8, 0.5

local Adaptive = {}
Adaptive.__index = Adaptive

---@param opts { attempts: integer?, random: (fun(): number), clock: (fun(): number) }
---@return cso.aws.Retry
function adaptive.new(opts)
  local now = opts.clock()
  local self = setmetatable({
    inner = standard.new(opts), clock = opts.clock, enabled = false,
    rate = 1, capacity = 1, filled = nil, tokens = 0,
    last_max = 0, last_throttle = now, zero = 0,
    measured = 0, window = math.floor(now), count = 0,
  }, Adaptive)
  self.attempts = self.inner.attempts
  return self
end

function Adaptive:fill(now)
  if self.filled then
    self.tokens = math.min(self.capacity, self.tokens + (now - self.filled) * self.rate)
  end
  self.filled = now
end

--- Seconds to wait before the next attempt may leave; takes its place in the queue.
---@return number
function Adaptive:before()
  if not self.enabled then return 0 end
  self:fill(self.clock())
  self.tokens = self.tokens - 1
  if self.tokens >= 0 then return 0 end
  return -self.tokens / self.rate
end

function Adaptive:measure(now)
  local window = math.floor(now / WINDOW) * WINDOW
  self.count = self.count + 1
  if window > self.window then
    local rate = self.count / (window - self.window)
    self.measured = rate * SMOOTH + self.measured * (1 - SMOOTH)
    self.count, self.window = 0, window
  end
  return self.measured
end

local function zero_of(last_max) return (last_max * (1 - BETA) / SCALE) ^ (1 / 3) end

function Adaptive:learn(throttled)
  local now = self.clock()
  local measured = self:measure(now)
  local rate
  if throttled then
    local used = self.enabled and math.min(measured, self.rate) or measured
    self.last_max, self.last_throttle = used, now
    self.zero = zero_of(used)
    rate = used * BETA
    self.enabled = true
  else
    rate = SCALE * (now - self.last_throttle - self.zero) ^ 3 + self.last_max
  end
  self:fill(now)
  self.rate = math.max(MIN_RATE, math.min(rate, 2 * measured))
  self.capacity = math.max(1, self.rate)
  self.tokens = math.min(self.tokens, self.capacity)
end

function Adaptive:begin() return self.inner:begin() end

function Adaptive:again(call, failure)
  self:learn(failure.throttled)
  return self.inner:again(call, failure)
end

function Adaptive:success(call)
  self:learn(false)
  self.inner:success(call)
end

return adaptive
