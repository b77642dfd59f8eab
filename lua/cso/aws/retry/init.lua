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

--- Makes the policy that configuration asks for. `attempts` overrides what the user has configured,
--- `usual` stands where the user has configured nothing.
---@param config table? cso.aws.Config
---@param opts { mode: string?, attempts: integer?, usual: integer?, random: (fun(): number), clock: (fun(): number) }
---@return cso.aws.Retry? policy
---@return cso.Err? err class "config"
function retry.new(config, opts)
  local function get(variable, key) return config and config:get(variable, key) end
  local mode = opts.mode or get("AWS_RETRY_MODE", "retry_mode") or "standard"
  local text = opts.attempts or get("AWS_MAX_ATTEMPTS", "max_attempts")
    or opts.usual or 3
  local attempts = math.tointeger(tonumber(text))
  if not attempts or attempts < 1 then
    return nil, err.new { code = "InvalidRetrySetting", class = "config",
      message = ("the number of attempts must be a whole number of 1 or more, is %s"):format(text),
      hint = "see AWS_MAX_ATTEMPTS and max_attempts" }
  end
  local settings = { attempts = attempts, random = opts.random, clock = opts.clock }
  -- "legacy" is what older SDKs call their own way; it is served by the standard one.
  if mode == "standard" or mode == "legacy" then return standard.new(settings) end
  if mode == "adaptive" then return adaptive.new(settings) end
  return nil, err.new { code = "InvalidRetrySetting", class = "config",
    message = ("there is no retry mode %s"):format(mode), hint = "use standard or adaptive" }
end

--- Runs a policy over given outcomes without waiting or sending: what would happen.
---@param policy cso.aws.Retry
---@param outcomes table[] failures { code, status, class, retry_after }, or { success = true }
---@return { delay: number?, why: string?, quota: integer? }[] steps
function retry.simulate(policy, outcomes)
  local call, steps = policy:begin(), {}
  for i, outcome in ipairs(outcomes) do
    local step = {}
    if outcome.success then
      policy:success(call)
      step.why = "success"
    else
      step.delay, step.why = policy:again(call, codes.classify(outcome))
    end
    step.quota = (policy.inner or policy).quota
    steps[i] = step
    if not step.delay then call = policy:begin() end
  end
  return steps
end

return retry
