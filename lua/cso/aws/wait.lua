--- Waiters of the model: ask again and again until an acceptor says that it is over.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local jmespath = require "cso.std.jmespath"
local suggest = require "cso.std.suggest"

local wait = {}

local matchers = {}

function matchers.path(a, outcome)
  return outcome.output ~= nil and deep.equal(jmespath.search(a.argument, outcome.output), a.expected)
end

function matchers.pathAll(a, outcome)
  local v = outcome.output and jmespath.search(a.argument, outcome.output)
  if type(v) ~= "table" or #v == 0 then return false end
  for i = 1, #v do
    if not deep.equal(v[i], a.expected) then return false end
  end
  return true
end

function matchers.pathAny(a, outcome)
  local v = outcome.output and jmespath.search(a.argument, outcome.output)
  if type(v) ~= "table" then return false end
  for i = 1, #v do
    if deep.equal(v[i], a.expected) then return true end
  end
  return false
end

function matchers.status(a, outcome) return outcome.status == a.expected end

function matchers.error(a, outcome)
  if a.expected == true then return outcome.err ~= nil end
  if a.expected == false then return outcome.err == nil end
  local e = outcome.err
  return e ~= nil and (e.code == a.expected or e.shape == a.expected)
end

--- What a waiter says to one outcome. Pure.
---@param acceptors table[]
---@param outcome { output: table?, err: table?, status: integer? }
---@return string? state "success", "failure", "retry"; nil when no acceptor fits
---@return table? acceptor
function wait.state(acceptors, outcome)
  for _, a in ipairs(acceptors) do
    local match = matchers[a.matcher]
    if match and match(a, outcome) then return a.state, a end
  end
end

local function fail(client, name, text, cause)
  return nil, err.new {
    code = cause and cause.code or "WaiterFailed", class = cause and cause.class or "service",
    service = client.model.name, waiter = name, cause = cause, status = cause and cause.status,
    message = ("waiting for %s.%s: %s"):format(client.model.name, name, text),
  }
end

local function describe(a)
  if a.matcher == "error" then return ("the call failed with %s"):format(tostring(a.expected)) end
  return ("%s became %s"):format(a.argument or "the status", tostring(a.expected))
end

--- Runs a waiter. Without a timeout (seconds) the model's number of attempts holds.
---@param client table
---@param name string
---@param params table?
---@param opts { timeout: number?, delay: number?, attempts: integer? }?
---@return true?
---@return cso.Err? err code "WaiterTimeout" when the time is over
function wait.run(client, name, params, opts)
  opts = opts or {}
  local waiter = client.model:waiter(name)
  if not waiter then
    local near = suggest(name, client.model:waiters())
    return nil, err.new { code = "UnknownWaiter", class = "usage", service = client.model.name,
      message = ("%s has no waiter %s"):format(client.model.name, name),
      hint = near and ("did you mean %s?"):format(near) or nil }
  end
  local delay = opts.delay or waiter.delay
  local attempts = opts.attempts or (opts.timeout and math.huge) or waiter.maxAttempts
  local deadline = opts.timeout and client.now() + opts.timeout
  local tries = 0
  while true do
    tries = tries + 1
    local output, e, meta = client:call(waiter.operation, params)
    if e and e.class ~= "service" then return nil, e end
    local state, a = wait.state(waiter.acceptors,
      { output = output, err = e, status = e and e.status or meta and meta.status })
    if state == "success" then return true end
    if state == "failure" then return fail(client, name, describe(a), e) end
    if not state and e then return fail(client, name, e.message, e) end
    if tries >= attempts or (deadline and client.now() + delay > deadline) then
      local _, timeout = fail(client, name, ("not so after %d attempts"):format(tries))
      timeout.code = "WaiterTimeout"
      return nil, timeout
    end
    client.sleep(delay)
  end
end

--- Runs a waiter over given outcomes without calling or sleeping: what would happen.
---@param waiter table as in the model: { delay, maxAttempts, acceptors }
---@param outcomes { output: table?, err: table?, status: integer? }[]
---@return { state: "success"|"failure"|"timeout"|"waiting", attempts: integer, slept: number }
function wait.simulate(waiter, outcomes)
  local slept = 0
  for i, outcome in ipairs(outcomes) do
    local state = wait.state(waiter.acceptors, outcome)
    if state == "success" or state == "failure" then return { state = state, attempts = i, slept = slept } end
    if not state and outcome.err then return { state = "failure", attempts = i, slept = slept } end
    if i >= waiter.maxAttempts then return { state = "timeout", attempts = i, slept = slept } end
    slept = slept + waiter.delay
  end
  return { state = "waiting", attempts = #outcomes, slept = slept }
end

return wait
