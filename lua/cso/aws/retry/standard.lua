--- Standard mode: how often, how long, and when a client has failed so much that it must not
--- add load. One retry quota belongs to one client. Pure: chance is an argument.
local standard = {}

local Standard = {}
Standard.__index = Standard

-- A place that does not answer at all, or not in our language, is not going to within the pauses of
-- further attempts.
local HOPELESS = 3

local QUOTA, COST, TIMEOUT_COST, REFUND, CAP = 500, 5, 10, 1, 20

---@class cso.aws.Retry
---@field attempts integer attempts in total

--- A retry policy with a full quota.
---@param opts { attempts: integer?, random: (fun(): number), quota: integer?, cap: number? }
---@return cso.aws.Retry
function standard.new(opts)
  return setmetatable({
    attempts = opts.attempts or 3, random = opts.random,
    quota = opts.quota or QUOTA, full = opts.quota or QUOTA, cap = opts.cap or CAP,
  }, Standard)
end

--- What one call remembers between its attempts.
---@return table
function Standard.begin(_self) return { attempt = 1 } end

--- Decides after a failed attempt.
---@param call table from `begin`
---@param failure table { retryable, timeout, retry_after? }
---@return number? delay seconds; nil = give up
---@return string? why "not retryable", "attempts" or "quota"
function Standard:again(call, failure)
  if not failure.retryable then return nil, "not retryable" end
  local attempts = self.attempts
  if failure.sent == false or failure.strange then attempts = math.min(attempts, HOPELESS) end
  if call.attempt >= attempts then return nil, "attempts" end
  local cost = failure.timeout and TIMEOUT_COST or COST
  if self.quota < cost then return nil, "quota" end
  self.quota = self.quota - cost
  call.cost = cost
  local delay = self.random() * math.min(2 ^ (call.attempt - 1), self.cap)
  local asked = failure.retry_after
  -- The service may ask for more, but not for more than five seconds above our own delay.
  if asked then delay = math.max(delay, math.min(asked, delay + 5)) end
  call.attempt = call.attempt + 1
  return delay
end

--- Tells of a success: what the last retry cost comes back, or a little when there was none.
---@param call table
function Standard:success(call)
  self.quota = math.min(self.full, self.quota + (call.cost or REFUND))
  call.cost = nil
end

--- Nothing to wait for before an attempt in this mode.
---@return number seconds
function Standard.before(_self) return 0 end

return standard
