--- Which account a command speaks to: the real one as the environment and profile say, or the
--- simulated one, which is reached exactly like the real one: by an endpoint and keys of its own.
local account = {}

-- The keys that the private simulator accepts; they open nothing else.
local SIM_KEYS = { access_key = "AKIASIMULATEDACCOUNT", secret_key = "simulated-account-needs-no-secret",
  account = "123456789012" }

-- How often a call is tried where nothing is configured. More than the SDKs' three: one call that
-- gives up fails a run of hundreds, and there is nobody in a hurry behind it.
local ATTEMPTS = 8

--- The variable that tells a stack's process where the simulated account of its workspace is.
account.SHARED = "CSORUN_SIM_URL"

local SIM_REGION = "eu-west-2"

--- True when the command line asks for the simulated account. Every option about it asks for it:
--- ignoring one would reach the real account instead.
---@param opts table
---@return boolean
function account.is_simulated(opts)
  return (opts.sim or opts.sim_fresh or opts.sim_latency or opts.sim_speed) and true or false
end

--- How time passes for what waits on the account.
---@param ctx cso.cmd.Context
---@return cso.cmd.Pace?
---@return cso.Err?
function account.pace(ctx)
  local opts, task = ctx.opts, require "cso.task"
  local speed = opts.sim_speed and opts.sim_speed > 0 and opts.sim_speed or nil
  return require("cso.cmd.pace").new({ simulated = account.is_simulated(opts), latency = opts.sim_latency, speed = speed,
    environ = ctx.environ }, task.now, task.sleep)
end

local function forget(dir)
  local lfs = require "lfs"
  if not lfs.attributes(dir) then return end
  local names = {}
  for name in lfs.dir(dir) do
    if name:match("^sim%.db") or name:match("^sim%-.*%.db") then names[#names + 1] = name end
  end
  for _, name in ipairs(names) do os.remove(dir .. "/" .. name) end
end

--- Starts the private simulator; it ends with the command.
---@param ctx cso.cmd.Context
---@return table? sim { url }
---@return cso.Err?
function account.start_simulator(ctx)
  local opts = ctx.opts
  -- The stacks of a workspace share one simulated account, which the run over all of them keeps.
  local shared = ctx.environ[account.SHARED]
  if shared and shared ~= "" then return { url = shared } end
  if opts.sim_fresh then forget(ctx.dir) end
  local made, e = require("cso.std.fs").mkdir_p(ctx.dir, tonumber("700", 8))
  if not made then return nil, e end
  local sim
  sim, e = require("sim").start {
    db = ctx.dir .. "/sim.db", latency = opts.sim_latency or (opts.sim_speed and "realistic") or "none",
    speed = opts.sim_speed, credentials = { SIM_KEYS },
  }
  if not sim then
    return nil, require("cso.std.err").new { code = e.code, class = "config",
      message = ("the simulated account in %s/sim.db can't be used: %s"):format(ctx.dir, e.message),
      hint = "put back a copy of it, or begin a new one with --sim-fresh" }
  end
  ctx:defer(sim.close)
  return sim
end

local function simulated_env(environ, opts, url)
  return {
    HOME = environ.HOME, AWS_CONFIG_FILE = "/dev/null", AWS_SHARED_CREDENTIALS_FILE = "/dev/null",
    AWS_EC2_METADATA_DISABLED = "true",
    AWS_REGION = opts.region or environ.AWS_REGION or environ.AWS_DEFAULT_REGION or SIM_REGION,
    AWS_ACCESS_KEY_ID = SIM_KEYS.access_key, AWS_SECRET_ACCESS_KEY = SIM_KEYS.secret_key,
    AWS_ENDPOINT_URL = url,
  }
end

-- A misspelt region would fail at its host's name, call by call. One that only looks unknown may
-- be newer than the catalogue: that is told and tried.
local function check_region(ctx, region)
  local deep = require "cso.std.deep"
  local known = {}
  for _, partition in ipairs(require("cso.std.catalogue").partitions().partitions or {}) do
    for name in pairs(partition.regions or {}) do known[name] = true end
  end
  if known[region] then return true end
  local near = require "cso.std.suggest"(region, deep.keys(known))
  local e = require("cso.std.err").new { code = "unknown_region", class = "config",
    message = ("csorun knows no region %s"):format(region),
    hint = near and ("did you mean %s?"):format(near) or nil }
  if not region:match("^%l%l+%-[%l%-]+%-%d+$") then return nil, e end
  e.severity = "warning"
  ctx:warn(e)
  return true
end

-- Asks for the code of an MFA device; nil where nobody sits.
local function mfa(ctx)
  if not ctx.is_terminal(0) or not ctx.is_terminal(2) then return nil end
  return function(serial)
    ctx.note(("MFA code for %s: "):format(serial))
    local line = io.read("l")
    return line and line:match("^%s*(%d+)%s*$")
  end
end

local LOOK, LONGEST = 5, 60 * 60 -- seconds

-- Keys that end in the middle of a run: what is under way waits while somebody signs in again, in another
-- terminal. Nothing reads the keyboard, so that calls in flight go on. Where nobody sits, the run stops.
local function pause(ctx)
  if not ctx.is_terminal(0) or not ctx.is_terminal(2) then return nil end
  return function(e, tries)
    -- What the environment says stays as it is while a program runs.
    if e.source == "environment" or tries * LOOK > LONGEST then return false end
    if tries == 1 then
      ctx:warn(require("cso.std.err").new { code = "KeysEnded", class = "credentials", severity = "warning",
        message = "the keys have ended and the run waits: " .. e.message,
        hint = (e.hint or "renew them in another terminal")
          .. "; the run goes on by itself, or press Ctrl-C to stop it" })
    end
    require("cso.task").sleep(LOOK)
    return true
  end
end

-- How long an answer may take, where the environment says so.
local function patience(environ)
  local text = environ.CSORUN_CALL_SECONDS
  if not text or text == "" then return nil end
  local seconds = require("cso.std.duration").parse(text)
  if seconds and seconds > 0 then return seconds end
  return nil, require("cso.std.err").new { code = "setting", class = "config", where = "CSORUN_CALL_SECONDS",
    message = ("%s is not how long a call may take"):format(text), hint = "for instance 20 or 2m" }
end

--- The session of the command.
---@param ctx cso.cmd.Context
---@return table? session
---@return cso.Err?
function account.session(ctx)
  local opts, env = ctx.opts, {}
  if account.is_simulated(opts) and opts.endpoint_url then
    return nil, require("cso.std.err").new { code = "usage", class = "usage",
      message = "--sim and --endpoint-url name two places for the same calls",
      hint = "leave one of them out" }
  end
  for name, value in pairs(ctx.environ) do env[name] = value end
  if account.is_simulated(opts) then
    local sim, e = account.start_simulator(ctx)
    if not sim then return nil, e end
    env = simulated_env(ctx.environ, opts, sim.url)
  end
  local seconds, wrong_setting = patience(ctx.environ)
  if wrong_setting then return nil, wrong_setting end
  local session, e = require("cso.aws").session {
    timeout = seconds,
    -- An address that is named for this run outranks all that is configured.
    endpoint = opts.endpoint_url,
    env = env, region = opts.region, sleep = ctx.pace.sleep, now = ctx.pace.now, before = ctx.pace.before,
    steady = require("cso.task").now, events = ctx.emit, retry = { usual = ATTEMPTS },
    ask = mfa(ctx), pause = pause(ctx),
    profile = not account.is_simulated(opts) and opts.profile or nil,
  }
  if not session then return nil, e end
  local pace = ctx.pace
  if pace.refuses then
    e = pace.refuses(opts.endpoint_url or session.config:endpoint_url "STS")
    if e then return nil, e end
  end
  local region, wrong = session:region()
  if wrong and wrong.code ~= "NoRegion" then return nil, wrong end
  if region and not opts.endpoint_url then
    local ok
    ok, e = check_region(ctx, require("cso.aws.config").plain_region(region))
    if not ok then return nil, e end
  end
  return session
end

--- What the account is, for the eye.
---@param ctx cso.cmd.Context
---@return string
function account.place(ctx)
  local opts = ctx.opts
  local region = ctx.session:region() or "no region"
  if account.is_simulated(opts) then return "simulated account, " .. region end
  local profile = opts.profile or ctx.environ.AWS_PROFILE
  local words = { region }
  if profile and profile ~= "" then table.insert(words, 1, "profile " .. profile) end
  if opts.endpoint_url then words[#words + 1] = opts.endpoint_url end
  return table.concat(words, ", ")
end

return account
