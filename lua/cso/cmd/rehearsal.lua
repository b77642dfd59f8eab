--- plan --rehearse and apply --rehearse: starts the private simulator, lets the plan run there, and
--- tells what came of it.
local err = require "cso.std.err"

local rehearsal = {}

-- Keys that open the private simulator and nothing else.
local SECRET = "rehearsed-and-gone"

--- A simulator for one rehearsal: in memory, no latency, no faults.
---@param session table   the real one, only asked for its account and region
---@return table? simulator  for cso.rehearse; `close` ends it
---@return cso.Err?
function rehearsal.simulator(session)
  local seed = require "sim.seed"
  local who = session:identity {}
  local sim, e = require("sim").start { account = who and who.Account, seed = "rehearsal" }
  if not sim then
    return nil, err.new { code = e.code, class = "internal", message = "no simulator for the rehearsal: " .. e.message }
  end
  local world = sim.world
  return {
    url = sim.url, close = sim.close,
    keys = function(account)
      local key = "AKIA" .. account .. "SIMU"
      world.credentials[key] = { access_key = key, secret_key = SECRET, account = account }
      return world.credentials[key]
    end,
    begin = function() seed.begin(world) end,
    rename = function(map) seed.rename(world, map) end,
    quota = function(name, most) world.quotas[name] = most end,
    put = function(place, id, row) seed.put(world, place, id, row) end,
  }
end

--- Rehearses a plan, without a word.
---@param opts { plan: table, program: table?, session: table, store: cso.Store }
---@return cso.Rehearsal? result, cso.Err?
function rehearsal.of(opts)
  local changes = 0
  for _, action in ipairs(opts.plan.actions) do
    if action.action ~= "noop" then changes = changes + 1 end
  end
  if changes == 0 and #(opts.plan.moves or {}) == 0 then
    return { changes = 0, failures = {}, left_out = {}, skipped = {}, calls = {} }
  end
  local simulator, e = rehearsal.simulator(opts.session)
  if not simulator then return nil, e end
  local ok, result, failure = pcall(require("cso.rehearse").run, { plan = opts.plan, program = opts.program,
    session = opts.session, simulator = simulator, store = opts.store })
  simulator.close()
  if not ok then return nil, err.wrap(result) end
  return result, failure
end

-- The steps that a rehearsal takes for passed.
local function steps_of(made)
  local list = {}
  for _, action in ipairs(made.actions) do
    if action.action == "run" then list[#list + 1] = action.address end
  end
  return list
end

--- Rehearses the plan of a job once, however many ask.
---@param ctx cso.cmd.Context
---@param job table   from work.plan
---@return cso.Rehearsal? result, cso.Err?
function rehearsal.once(ctx, job)
  if not job.rehearsed then
    job.rehearsed = table.pack(require("cso.cmd.watch").run(ctx, function()
      return rehearsal.of { plan = job.plan, program = job.program, session = ctx.session, store = job.store }
    end))
  end
  return table.unpack(job.rehearsed, 1, 2)
end

--- Rehearses the plan of a job and tells what came of it.
---@param ctx cso.cmd.Context
---@param job table   from work.plan
---@return integer? exit_code   nil when nothing failed
---@return cso.Err?
function rehearsal.run(ctx, job)
  local started = require("cso.task").now()
  local result, e = rehearsal.once(ctx, job)
  if not result then return nil, e end
  result.steps, result.wall = steps_of(job.plan), require("cso.task").now() - started
  if ctx.opts.json then
    local view = require("cso.ui.json").new { write = ctx.out, time = os.time }
    for _, failure in ipairs(result.failures) do view:event("rehearsal_failed", failure) end
    result.total = result.changes
    view:event("rehearsed", result)
  else
    ctx.out(require("cso.ui.rehearsal")(result, { paint = ctx.paint, read = ctx.read_source, trace = ctx.opts.trace }))
  end
  if #result.failures == 0 then return nil end
  return require("cso.cmd.exit").codes.failed
end

return rehearsal
