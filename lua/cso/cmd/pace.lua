--- How time passes for what waits on the account. Everything that waits for AWS (pauses before another try,
--- looks at what is coming up, deletions, `every` of a step) sleeps here and reads its time limits off
--- this clock. What waits for our own processes and sockets doesn't: leases, heartbeats and the limits of
--- requests are real seconds everywhere.
local err = require "cso.std.err"
local loopback = require "cso.std.loopback"

local pace = {}

pace.VARIABLE = "CSORUN_PACE"

--- The header that tells a simulated account by how many seconds waits were cut short, so that its time
--- goes on as much: what becomes consistent, ready or free again there does so after as many looks as ever.
pace.HEADER = "x-csorun-waited"

local MOST = 1000

-- In the private simulated account nothing takes time where no latency was asked for: what is waited
-- for is there at the first look or never, and a wait is as good when it is short.
local HURRY = 100

local function wrong(message, hint)
  return nil, err.new { code = "pace", class = "config", where = pace.VARIABLE, message = message, hint = hint }
end

-- What the variable says; nil where it says nothing.
local function given(environ)
  local text = environ[pace.VARIABLE]
  if not text or text == "" then return nil end
  local factor = tonumber(text)
  if factor and factor >= 1 and factor <= MOST then return factor end
  return wrong(("%s is no pace for waits"):format(text),
    ("a number from 1 to %d: how many times shorter they are"):format(MOST))
end

---@class cso.cmd.Pace
---@field now fun(): number                seconds, as the account's clock would tell them
---@field sleep fun(seconds: number)       of that clock
---@field refuses (fun(url: string?): cso.Err?)?  says why waits on the account behind an endpoint are not shortened
---@field before (fun(request: cso.http.Request): cso.Err?)?  sees each request to a service before it is sent

--- A clock that jumps: a wait lasts a fraction, and afterwards it is as late as if it had lasted in full.
--- Whatever else takes time takes as much as ever, so nothing is late only because it was computed slowly.
---@param factor number
---@param steady fun(): number
---@param sleep fun(seconds: number)
---@return cso.cmd.Pace pace
---@return fun(): number passed   seconds jumped over since it was asked last
local function jumping(factor, steady, sleep)
  local ahead, told = 0, 0
  local function now() return steady() + ahead end
  return { now = now, sleep = function(seconds)
    local till = now() + seconds
    sleep(seconds / factor)
    ahead = math.max(ahead, till - steady())
  end }, function()
    local passed = ahead - told
    told = ahead
    return passed
  end
end

-- Waits on an account that is none of this machine are not cut short: nothing there would be ready sooner,
-- and who looks a hundred times as often is throttled.
local function only_here(factor, url)
  local host = url and (url:match("^%a[%w+.-]*://([^/?#]*)") or url)
  if host and not host:find("@", 1, true) and loopback(host) then return nil end
  local _, e = wrong(("%s=%g shortens waits on a simulated account of this machine, and %s"):format(pace.VARIABLE, factor,
    host and host .. " is none" or "no endpoint is named"),
    ("unset %s, or name the simulator: AWS_ENDPOINT_URL or --endpoint-url"):format(pace.VARIABLE))
  return e
end

--- Time as a command has it.
---@param opts { simulated: boolean, speed: number?, latency: string?, environ: table<string, string> }
---  simulated: the account is the private one, whose clock runs `speed` times as fast where that was asked for
---@param steady fun(): number          seconds of a clock that never jumps
---@param sleep fun(seconds: number)    real ones
---@return cso.cmd.Pace?
---@return cso.Err?
function pace.new(opts, steady, sleep)
  local factor, e = given(opts.environ)
  if e then return nil, e end
  if opts.simulated and opts.speed then
    local speed = opts.speed
    return { now = function() return steady() * speed end, sleep = function(seconds) return sleep(seconds / speed) end }
  end
  if opts.simulated and not factor and (opts.latency or "none") == "none" then factor = HURRY end
  if (factor or 1) == 1 then return { now = steady, sleep = sleep } end
  local clock, passed = jumping(factor, steady, sleep)
  clock.refuses = function(url) return only_here(factor, url) end
  clock.before = function(request)
    local no = only_here(factor, request.url)
    if no then return no end
    local seconds = passed()
    if seconds > 0 then table.insert(request.headers, { pace.HEADER, ("%.3f"):format(seconds) }) end
  end
  return clock
end

return pace
