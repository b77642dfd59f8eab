--- Standard mode: how often, how long, and when a client has failed so much that it must not
--- add load. One retry quota belongs to one client. Pure: chance is an argument.
local standard = {}

local Standard = {}
Standard.__index = Standard

-- A place that does not answer at all, or not in our language, is not going to within the pauses of
-- further attempts.
local HOPELESS = 3

local QUOTA, REFUND, CAP = 500, 1, 20

-- What SDKs do now, and what they are about to do (revision 2.1): quicker where a service merely
-- fails, as patient as ever where it asks for peace.
local now = { cost = 5, timeout_cost = 10, throttled_cost = 5, base = 1, throttled_base = 1 }
local next_revision = { cost = 14, timeout_cost = 14, throttled_cost = 5, base = 0.05, throttled_base = 1 }
local bases = { dynamodb = 0.025, dynamodbstreams = 0.025 }

--- Attempts in total where nobody has said a number, by service; others have 3.
standard.usual = { dynamodb = 4, dynamodbstreams = 4 }

---@class cso.aws.Retry
---@field attempts integer attempts in total

--- A retry policy with a full quota.
---@param opts { attempts: integer?, random: (fun(): number), quota: integer?, cap: number?, revised: boolean?, service: string? }
---   revised: by the numbers of revision 2.1
---@return cso.aws.Retry
function standard.new(opts)
  return setmetatable({
    revised = opts.revised, numbers = opts.revised and next_revision or now,
    own_base = opts.revised and bases[opts.service] or nil,
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
---@return number? pause seconds that whoever asks in a loop waits before it is told (revision 2.1)
function Standard:again(call, failure)
  if not failure.retryable then return nil, "not retryable" end
  local attempts = self.attempts
  if failure.sent == false or failure.strange then attempts = math.min(attempts, HOPELESS) end
  if call.attempt >= attempts then return nil, "attempts" end
  local numbers = self.numbers
  local cost = failure.timeout and numbers.timeout_cost or failure.throttled and numbers.throttled_cost or numbers.cost
  local base = failure.throttled and numbers.throttled_base or self.own_base or numbers.base
  local delay = self.random() * math.min(base * 2 ^ (call.attempt - 1), self.cap)
  local asked = failure.retry_after
  -- The service may ask for more, but not for more than five seconds above our own delay.
  if asked then delay = math.max(delay, math.min(asked, delay + 5)) end
  if self.quota < cost then return nil, "quota", self.revised and delay or nil end
  self.quota = self.quota - cost
  call.cost = cost
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
