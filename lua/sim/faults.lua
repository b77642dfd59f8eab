--- Faults on purpose: throttles, server errors, resets, lost answers, stale reads. Rules are data
--- and their dice are seeded, so that a storm can be replayed.
local faults = {}
faults.__index = faults

---@class sim.FaultRule
---@field kind "throttle"|"error"|"unavailable"|"reset"|"lost"|"truncate"|"stale"|"slow"
---@field rate number?        0..1 (default 1)
---@field times integer?      how often at most
---@field after integer?      how many matching requests pass first
---@field service string?     botocore name
---@field operation string?   Lua pattern on the operation's name
---@field seconds number?     for stale: how old a row must be to be seen; for slow: the delay
---@field code string?        for error: the code
---@field status integer?

local kinds = { throttle = true, error = true, unavailable = true, reset = true, lost = true, truncate = true,
  stale = true, slow = true }

--- Parses "throttle=0.1,lost=0.05,stale=2s:0.5" into rules.
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
    local seconds, rate = value:match("^([%d.]+)s:?([%d.]*)$")
    rate = tonumber(seconds and (rate ~= "" and rate or "1") or value)
    if not rate or rate < 0 or rate > 1 then return nil, "a rate lies between 0 and 1: '" .. item .. "'" end
    rules[#rules + 1] = { kind = kind, rate = rate, seconds = tonumber(seconds) }
  end
  return rules
end

--- Makes a source of faults.
---@param rules sim.FaultRule[]
---@param ids table seeded source of numbers
function faults.new(rules, ids) return setmetatable({ rules = rules, ids = ids, seen = {} }, faults) end

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
      if seen.requests > (rule.after or 0) and (not rule.times or seen.hits < rule.times)
        and (not rule.rate or rule.rate >= 1 or self.ids:fraction() < rule.rate) then
        seen.hits = seen.hits + 1
        return rule
      end
    end
  end
end

local throttles = { ec2 = { "RequestLimitExceeded", 503 }, s3 = { "SlowDown", 503 },
  default = { "ThrottlingException", 400 }, query = { "Throttling", 400 } }

--- The error answer that a rule stands for, or nil when the rule breaks the wire instead.
---@param rule sim.FaultRule
---@param service table
---@return table|nil fault
function faults.answer(rule, service)
  if rule.kind == "throttle" then
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
