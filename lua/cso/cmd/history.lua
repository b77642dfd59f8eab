--- csorun history [RUN]
local choices = require "cso.cmd.choices"

local function when(at)
  return os.date("!%Y-%m-%d %H:%M:%S", math.floor(at))
end

--- "3 created, 1 updated" of a run's stored result.
local function outcome(run)
  if not run.finished then return "did not end: killed, or still running" end
  local json = require "cso.std.json"
  local result = run.result and json.decode(run.result) or {}
  local parts = {}
  local deep = require "cso.std.deep"
  for action, n in deep.sorted_pairs(result.counts or {}) do parts[#parts + 1] = ("%s %d"):format(action, n) end
  if (result.failed or 0) > 0 then parts[#parts + 1] = ("failed %d"):format(result.failed) end
  if (result.skipped or 0) > 0 then parts[#parts + 1] = ("not tried %d"):format(result.skipped) end
  if result.interrupted then parts[#parts + 1] = "interrupted" end
  return #parts > 0 and table.concat(parts, ", ") or "nothing changed"
end

local function list(store, ctx)
  local rows = {}
  for i, run in ipairs(store:runs()) do
    local spent = run.finished and ("%.0fs"):format(run.finished - run.started) or ""
    rows[i] = { run.id, when(run.started), run.command, run.who, spent, outcome(run) }
  end
  ctx.out(require("cso.std.text").table({ "RUN", "STARTED (UTC)", "COMMAND", "WHO", "TOOK", "RESULT" }, rows, ctx.paint.bold))
end

local function calls(store, id, ctx)
  local rows = {}
  for i, call in ipairs(store:calls_of(id)) do
    rows[i] = { when(call.at), call.address, ("%s.%s"):format(call.service, call.operation),
      call.finished and ("%.1fs"):format(call.finished - call.at) or "", call.outcome or "unknown: no answer was written down",
      call.detail or "" }
  end
  ctx.out(require("cso.std.text").table({ "AT (UTC)", "ADDRESS", "CALL", "TOOK", "OUTCOME", "ID OR ERROR" }, rows,
    ctx.paint.bold))
end

local function find_run(store, id)
  local ids = {}
  for _, run in ipairs(store:runs()) do
    if run.id == id then return run end
    ids[#ids + 1] = run.id
  end
  local err = require "cso.std.err"
  local near = require("cso.std.suggest")(id, ids)
  return nil, err.new { code = "unknown_run", class = "usage", message = "there is no run " .. id,
    hint = near and ("did you mean %s?"):format(near) or "see csorun history" }
end

return {
  name = "history",
  help = "Show the runs of a stack, or every changing call of one",
  args = { { name = "RUN", optional = true } },
  options = { choices.stack, { long = "playbook", value = "FILE", complete = "file", help = "the playbook whose stack it is" } },
  waits = true,
  run = function(opts, args, ctx)
    local stack = require "cso.cmd.stack"
    local name, e = stack.name(ctx, opts.playbook, opts.stack)
    if not name then return nil, e end
    local store
    store, e = stack.open(ctx, name, {})
    if not store then return nil, e end
    if args[1] then
      local run
      run, e = find_run(store, args[1])
      if not run then return nil, e end
    end
    if opts.json then
      local json = require "cso.std.json"
      for _, row in ipairs(args[1] and store:calls_of(args[1]) or store:runs()) do
        row.type = args[1] and "call" or "run"
        if row.result then row.result = json.decode(row.result) end
        ctx.out(json.encode(row) .. "\n")
      end
    elseif args[1] then
      calls(store, args[1], ctx)
    else
      list(store, ctx)
    end
    return 0
  end,
}
