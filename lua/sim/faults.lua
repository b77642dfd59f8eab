--- Faults on purpose: throttles, server errors, resets, lost answers, stale reads. Rules are data
--- and their dice are seeded, so that a storm can be replayed.
local faults = {}
faults.__index = faults

---@class sim.FaultRule
---@field kind "throttle"|"error"|"unavailable"|"reset"|"lost"|"truncate"|"hang"|"stale"|"slow"|"limit"|"propagation"
---@field rate number?        0..1 (default 1)
---@field times integer?      how often at most
---@field after integer?      how many matching requests pass first
---@field service string?     botocore name
---@field operation string?   Lua pattern on the operation's name
---@field seconds number?     stale: how old a row must be to be seen; slow: the delay; propagation: how
---                            long a new role or profile is unknown to other services
---@field per_second number?  for limit: requests that an operation takes per second, beyond the burst
---@field burst number?       for limit
---@field code string?        for error: the code
---@field status integer?

local kinds = { throttle = true, error = true, unavailable = true, reset = true, lost = true, truncate = true,
  hang = true, stale = true, slow = true, limit = true, propagation = true }

--- Parses "throttle=0.1,lost=0.05,stale=2s:0.5,limit=20/s:50,propagation=10s" into rules.
---@param spec string|table|nil
---@return sim.FaultRule[]|nil rules, string? message
function faults.parse(spec)
  if spec == nil or spec == "" then return {} end
  if type(spec) == "table" then
    for _, rule in ipairs(spec) do
      if not kinds[rule.kind] then return nil, "unknown fault '" .. tostring(rule.kind) .. "'" end
    end
    return spec
  end
  local rules = {}
  for item in spec:gmatch("[^,%s]+") do
    local kind, value = item:match("^(%a+)=(.+)$")
    if not kinds[kind or ""] then return nil, "unknown fault '" .. item .. "'" end
    local per_second, burst = value:match("^([%d.]+)/s:?([%d.]*)$")
    if kind == "limit" and not per_second then return nil, "a limit is written as 20/s:50: '" .. item .. "'" end
    local seconds, rate = value:match("^([%d.]+)s:?([%d.]*)$")
    if per_second then rate, seconds, value = "1", nil, "1" end
    rate = tonumber(seconds and (rate ~= "" and rate or "1") or value)
    if not rate or rate < 0 or rate > 1 then return nil, "a rate lies between 0 and 1: '" .. item .. "'" end
    rules[#rules + 1] = { kind = kind, rate = rate, seconds = tonumber(seconds), per_second = tonumber(per_second),
      burst = tonumber(burst) }
  end
  return rules
end

--- Makes a source of faults.
---@param rules sim.FaultRule[]
---@param ids table seeded source of numbers
---@param now fun():number virtual time, for limits
function faults.new(rules, ids, now)
  local self = setmetatable({ rules = {}, ids = ids, seen = {}, buckets = {}, now = now, propagation = 0 }, faults)
  for _, rule in ipairs(rules) do
    if rule.kind == "propagation" then self.propagation = rule.seconds or 10 else
      table.insert(self.rules, rule)
    end
  end
  return self
end

-- Token buckets as AWS has them: one per operation.
function faults:over_limit(rule, service, operation)
  local key, now = service .. "." .. operation, self.now()
  local b = self.buckets[key] or { tokens = rule.burst or rule.per_second, at = now }
  self.buckets[key] = b
  b.tokens = math.min(rule.burst or rule.per_second, b.tokens + (now - b.at) * rule.per_second)
  b.at = now
  if b.tokens < 1 then return true end
  b.tokens = b.tokens - 1
  return false
end

--- The fault for one request, or nil.
---@param service string
---@param operation string
---@return sim.FaultRule|nil
function faults:draw(service, operation)
  for i, rule in ipairs(self.rules) do
    if (not rule.service or rule.service == service) and (not rule.operation or operation:find(rule.operation)) then
      local seen = self.seen[i] or { requests = 0, hits = 0 }
      self.seen[i] = seen
      seen.requests = seen.requests + 1
      if rule.kind == "limit" then
        if self:over_limit(rule, service, operation) then return rule end
      elseif seen.requests > (rule.after or 0) and (not rule.times or seen.hits < rule.times)
        and (not rule.rate or rule.rate >= 1 or self.ids:fraction() < rule.rate) then
        seen.hits = seen.hits + 1
        return rule
      end
    end
  end
end

--- Heads or tails, of the same dice.
---@return boolean
function faults:toss() return self.ids:fraction() < 0.5 end

local throttles = { ec2 = { "RequestLimitExceeded", 503 }, s3 = { "SlowDown", 503 },
  default = { "ThrottlingException", 400 }, query = { "Throttling", 400 } }

--- The error answer that a rule stands for, or nil when the rule breaks the wire instead.
---@param rule sim.FaultRule
---@param service table
---@return table|nil fault
function faults.answer(rule, service)
  if rule.kind == "throttle" or rule.kind == "limit" then
    local t = throttles[service.name] or (service.protocol == "query" and throttles.query) or throttles.default
    return { code = rule.code or t[1], status = rule.status or t[2], message = "Rate exceeded" }
  elseif rule.kind == "error" then
    return { code = rule.code or "InternalFailure", status = rule.status or 500,
      message = "An internal error has occurred" }
  elseif rule.kind == "unavailable" then
    return { code = rule.code or "ServiceUnavailable", status = rule.status or 503,
      message = "The service is unavailable. Please try again shortly." }
  end
end

return faults
