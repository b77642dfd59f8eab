--- Retry policies, and what may be repeated at all.
local adaptive = require "cso.aws.retry.adaptive"
local codes = require "cso.aws.retry.codes"
local err = require "cso.std.err"
local standard = require "cso.aws.retry.standard"
local verbs = require "cso.std.verbs"

local retry = {}

retry.classify = codes.classify
retry.codes = codes

--- True when an operation may change something.
retry.mutates = verbs.mutates

--- True when doing an operation twice cannot do more than doing it once: the request's path
--- names what is put or deleted.
---@param name string
---@param method string?
---@return boolean
function retry.repeatable(name, method)
  return (method == "PUT" and (name:match("^Put") or name:match("^UploadPart")) ~= nil)
    or (method == "DELETE" and (name:match("^Delete") or name:match("^Abort")) ~= nil)
end

-- Operations that wait for work: their callers ask again at once whatever happened.
local polls = {
  sqs = { ReceiveMessage = true }, stepfunctions = { GetActivityTask = true },
  swf = { PollForActivityTask = true, PollForDecisionTask = true },
}

--- True when an operation is called again and again by those who wait for work.
---@param service string
---@param name string
---@return boolean
function retry.polls(service, name) return polls[service] ~= nil and polls[service][name] == true end

--- Makes the policy that configuration asks for. `attempts` overrides what the user has configured,
--- `usual` stands where the user has configured nothing.
---@param config table? cso.aws.Config
---@param opts { mode: string?, attempts: integer?, usual: integer?, quota: integer?, cap: number?, revised: boolean?, service: string?, random: (fun(): number), clock: (fun(): number) }
---   revised: by revision 2.1 of standard mode, whatever AWS_NEW_RETRIES_2026 says; service: its name, for the
---   numbers that are its own
---@return cso.aws.Retry? policy
---@return cso.Err? err class "config"
function retry.new(config, opts)
  local function get(variable, key) return config and config:get(variable, key) end
  local mode = opts.mode or get("AWS_RETRY_MODE", "retry_mode") or "standard"
  local revised = opts.revised
  if revised == nil then revised = (get "AWS_NEW_RETRIES_2026" or ""):lower() == "true" end
  local text = opts.attempts or get("AWS_MAX_ATTEMPTS", "max_attempts")
    or opts.usual or revised and standard.usual[opts.service] or 3
  local attempts = math.tointeger(tonumber(text))
  if not attempts or attempts < 1 then
    return nil, err.new { code = "InvalidRetrySetting", class = "config",
      message = ("the number of attempts must be a whole number of 1 or more, is %s"):format(text),
      hint = "see AWS_MAX_ATTEMPTS and max_attempts" }
  end
  local settings = { attempts = attempts, random = opts.random, clock = opts.clock, quota = opts.quota,
    cap = opts.cap, revised = revised, service = opts.service }
  -- "legacy" is what older SDKs call their own way; it is served by the standard one.
  if mode == "standard" or mode == "legacy" then return standard.new(settings) end
  if mode == "adaptive" then return adaptive.new(settings) end
  return nil, err.new { code = "InvalidRetrySetting", class = "config",
    message = ("there is no retry mode %s"):format(mode), hint = "use standard or adaptive" }
end

--- Runs a policy over given outcomes without waiting or sending: what would happen. An outcome's `at`
--- is the time at which it is known; adaptive policies learn from it.
---@param policy cso.aws.Retry|table a policy, or what one is made of: { mode?, attempts?, quota?, cap?,
---   revised?, service?, random? (a number stands for itself) }
---@param outcomes table[] failures { code, status, class, retry_after, at }, or { success = true, at }
---@return { attempt: integer, delay: number?, why: string?, quota: integer?, rate: number?, measured: number? }[] steps
---@return cso.Err? err class "config"
function retry.simulate(policy, outcomes)
  local now = outcomes[1] and outcomes[1].start or 0
  if not policy.begin then
    local random = policy.random or 1
    local made, e = retry.new(nil, { mode = policy.mode, attempts = policy.attempts, quota = policy.quota,
      cap = policy.cap, revised = policy.revised or false, service = policy.service, clock = function() return now end,
      random = type(random) == "function" and random or function() return random end })
    if not made then return nil, e end
    policy = made
  end
  local call, steps = policy:begin(), {}
  for i, outcome in ipairs(outcomes) do
    now = outcome.at or now
    local step = { attempt = call.attempt }
    if outcome.success then
      policy:success(call)
      step.why = "success"
    else
      step.delay, step.why = policy:again(call, codes.classify(outcome))
    end
    step.quota = (policy.inner or policy).quota
    step.rate, step.measured = policy.rate, policy.measured
    steps[i] = step
    if not step.delay then call = policy:begin() end
  end
  return steps
end

return retry
