--- csorun sim
local err = require "cso.std.err"

-- The keys of a simulator that was given none.
local KEY, SECRET = "AKIASIMULATEDACCOUNT", "simulated-account-needs-no-secret"

local function usage(message, hint)
  return nil, err.new { code = "usage", class = "usage", message = message, hint = hint }
end

local function greeting(sim, key, secret)
  return ([[The simulated account listens on %s
  export AWS_ENDPOINT_URL=%s
  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s
Ctrl-C ends it.
]]):format(sim.url, sim.url, key, secret)
end

-- What an account that is kept in a file holds.
local function dump(ctx)
  local path = ctx.opts.state or ctx.dir .. "/sim.db"
  if not require("cso.std.fs").stat(path) then
    return usage("there is no simulated account in " .. path, "name its file with --state FILE")
  end
  local inventory, e = require("sim").inventory(path)
  if not inventory then return nil, err.wrap(e, "config") end
  ctx.out(require("cso.std.json").encode(inventory, { indent = 2, sort = true }) .. "\n")
  return 0
end

return {
  name = "sim",
  help = "Serve a simulated AWS account on a port of this machine",
  args = { { name = "dump", optional = true } },
  options = {
    { long = "port", value = "N", kind = "integer", help = "port (default: any that is free)" },
    { long = "seed", value = "N", help = "seed of ids and dice" },
    { long = "latency", value = "MODE", choices = { "none", "realistic" },
      help = "how long services take: none (default) or realistic" },
    { long = "speed", value = "N", kind = "number", help = "run virtual time N times faster" },
    { long = "faults", value = "RULES", help = "faults on purpose, as in throttle=0.1,lost=0.05,stale=2s:0.5" },
    { long = "account", value = "ID", help = "account id (default 123456789012)" },
    { long = "access-key", value = "KEY", help = "access key that is accepted" },
    { long = "secret-key", value = "SECRET", help = "its secret" },
  },
  text = table.concat({
    "The AWS CLI, SDKs and csorun reach it by AWS_ENDPOINT_URL; requests must be signed with its keys.",
    "csorun sim dump prints what the account of --state FILE (default .cso/sim.db) holds.",
    "With --state FILE the account is kept in FILE and the next start goes on from there.",
    "CSORUN_PACE=100 lets csorun wait a hundred times shorter for it (docs/simulator.md).",
    "POST /_sim/reset, POST /_sim/faults and GET /_sim/dump control it from this machine.",
  }, "\n"),
  waits = true,
  run = function(opts, args, ctx)
    if args[1] == "dump" then return dump(ctx) end
    if args[1] then return usage("sim knows no " .. args[1], "csorun sim, or csorun sim dump") end
    if opts.account and not opts.account:match("^%d%d%d%d%d%d%d%d%d%d%d%d$") then
      return usage("an account id has twelve digits: " .. opts.account)
    end
    if opts.speed and opts.speed <= 0 then return usage("--speed must be greater than 0") end
    if (opts.access_key == nil) ~= (opts.secret_key == nil) then
      return usage("--access-key and --secret-key belong together")
    end
    local task = require "cso.task"
    local key, secret = opts.access_key or KEY, opts.secret_key or SECRET
    local sim, e = require("sim").start {
      port = opts.port, db = ctx.opts.state, seed = opts.seed, faults = opts.faults, account = opts.account,
      speed = opts.speed, latency = opts.latency or (opts.speed and "realistic") or "none",
      credentials = { { access_key = key, secret_key = secret, account = opts.account } },
      report = function(text) ctx.note(text .. "\n") end,
    }
    if not sim then return nil, err.wrap(e, "usage") end
    ctx:defer(sim.close)
    if ctx.opts.json then
      ctx.out(require("cso.std.json").encode { url = sim.url, port = sim.port, access_key = key } .. "\n")
    else
      ctx.out(greeting(sim, key, secret))
    end
    local ended = task.future()
    local function stop() if not ended.done then ended:complete() end end
    local closers = {}
    for i, name in ipairs { "SIGINT", "SIGTERM", "SIGHUP" } do closers[i] = task.on_signal(name, stop) end
    task.await(ended)
    for _, close in ipairs(closers) do close() end
    return 0
  end,
}
