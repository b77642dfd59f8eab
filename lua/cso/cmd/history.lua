--- csorun history, csorun history show RUN
local choices = require "cso.cmd.choices"

local function list(store, ctx)
  local render = require "cso.ui.history"
  local runs = store:runs()
  local _, undone = require("cso.plan.undo").undone(runs)
  ctx.out(render.list(runs, undone, ctx.paint))
end

--- All that is kept of a run, as one table.
local function everything(store, run)
  local calls, changes = store:calls_of(run.id), {}
  for i, row in ipairs(store:befores(run.id)) do
    changes[i] = { address = row.address, action = row.action, touched = row.touched, changes = row.detail.changes,
      loses = row.detail.loses, inverse = row.before and "restore" or row.detail.form and "none" or "delete",
      resource_type = row.before and row.before.type or nil, id = row.before and row.before.id or nil }
  end
  return { run = run, calls = calls, things = changes }
end

local function as_json(store, ctx, run)
  local json, plainly = require "cso.std.json", require "cso.ui.plainly"
  local function line(type_name, row, without)
    local out = { type = type_name }
    for k, v in pairs(row) do
      if not without or not without[k] then out[k] = v end
    end
    ctx.out(json.encode(plainly(out)) .. "\n")
  end
  if not run then
    for _, row in ipairs(store:runs()) do
      local facts = row.facts
      row.facts, row.nth = nil, nil
      row.playbook, row.digest, row.caller, row.undoes = facts.playbook, facts.digest, facts.caller, facts.undoes
      line("run", row)
    end
    return
  end
  local all = everything(store, run)
  line("run", { id = run.id, command = run.command, who = run.who, started = run.started, finished = run.finished,
    result = run.result, playbook = run.facts.playbook, digest = run.facts.digest, caller = run.facts.caller,
    region = run.facts.region, undoes = run.facts.undoes })
  for _, row in ipairs(all.things) do line("change", row) end
  for _, row in ipairs(all.calls) do line("call", row) end
end

return {
  name = "history",
  help = "Show the runs of a stack, or what one did: changes, calls, times",
  usage = "[show RUN]",
  args = { { name = "show", optional = true }, { name = "RUN", optional = true } },
  options = { choices.stack, { long = "playbook", value = "FILE", complete = "file", help = "the playbook whose stack it is" } },
  waits = true,
  run = function(opts, args, ctx)
    local stack = require "cso.cmd.stack"
    -- `history RUN` says the same in fewer words.
    local wanted = args[1] == "show" and (args[2] or "last") or args[1]
    local name, e = stack.name(ctx, opts.playbook, opts.stack)
    if not name then return nil, e end
    local store, run
    store, e = stack.open(ctx, name, {})
    if not store then return nil, e end
    if wanted then
      run, e = require("cso.cmd.runs").find(store, wanted)
      if not run then return nil, e end
    end
    if opts.json then
      as_json(store, ctx, run)
    elseif run then
      ctx.out(require("cso.ui.history").show(everything(store, run), { paint = ctx.paint }))
    else
      list(store, ctx)
    end
    return 0
  end,
}
