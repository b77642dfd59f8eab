--- Carries a plan out: walks the ready set, longest remaining path first. A failure skips what
--- needs it and lets the rest finish; only causes are reported.
local budget = require "cso.apply.budget"
local calls = require "cso.apply.calls"
local commit = require "cso.apply.commit"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local fresh = require "cso.apply.fresh"
local graph = require "cso.graph"
local handle = require "cso.kind.handle"
local hash = require "cso.std.hash"
local inverse = require "cso.apply.inverse"
local json = require "cso.std.json"
local limits = require "cso.std.limits"
local live = require "cso.apply.live"
local release = require "cso.apply.release"
local retag = require "cso.apply.retag"
local step = require "cso.apply.step"
local tags = require "cso.kind.tags"
local task = require "cso.task"
local value = require "cso.std.value"
local moments = require "cso.graph.moments"
local walk = require "cso.apply.walk"
local work = require "cso.task.work"

local apply = {}

--- So many runs are kept, with what each thing was before them.
local RUNS = 200

--- An RSA key, made beside the loop: a long one takes seconds.
---@param bits integer
local function make_key(bits)
  return work.rsa_key(bits)
end

--- What all handles of a kind have in common in a run.
local function common_of(run, K, invoke)
  local lessons = run.durations[K.type] or {}
  return handle.sharing {
    kind = K, type = K.type, stack = run.plan.stack, invoke = invoke, sleep = run.sleep, now = run.now,
    emit = run.emit, identity = run.identity, session = run.session, make_key = run.make_key,
    usual = function(what) return lessons[what] end,
    learn = function(what, seconds) run.learn(K.type, what, seconds) end,
  }
end

local function handle_maker(run)
  local invoke, of = calls(run), {}
  return function(address, K, record)
    of[K] = of[K] or common_of(run, K, invoke)
    return of[K] {
      address = address, id = record and record.id, record = record, target = record and record.target or {},
      desired = record and record.declared or {}, attributes = record and record.attributes or {},
      own = { [tags.OWNER.stack] = run.plan.stack, [tags.OWNER.address] = address },
    }
  end
end

--- The token of a creation: the same for every retry of it, another one for the next creation.
local function token_maker(run)
  return function(node)
    return hash.sha256_hex(table.concat({ run.store.lineage, node.address, run.id }, "\0")):sub(1, 32)
  end
end

--- How long things took, per type and moment.
local function learner(run)
  return function(type_name, what, seconds)
    local key = type_name .. "\0" .. what
    local sum = run.lessons[key] or { type_name, what, 0, 0 }
    sum[3], sum[4] = sum[3] + seconds, sum[4] + 1
    run.lessons[key] = sum
  end
end

-- Asked for where a service's budget makes some wait.
local function urgency_of(priority)
  return setmetatable({}, { __index = function(_, address) return moments.urgency(address, priority) end })
end

local function begin(opts)
  local run = {
    plan = opts.plan, store = opts.state, session = opts.session, emit = opts.emit or function() end,
    sleep = opts.sleep or task.sleep, now = opts.now or task.now, budget = opts.budget,
    identity = opts.identity, make_key = opts.make_key or make_key,
    counts = {}, failed = {}, skipped = {}, started = {}, lessons = {}, made = {},
    durations = opts.state:durations(), idle = {}, queued = {},
    late_edges = {}, halves = {}, carrying = {}, born = {}, found = {}, ready = {}, evidence = {}, store_records = {}, held = {},
    stop = opts.stop or {}, did = {}, spends = opts.spends,
  }
  run.budget = run.budget or budget.new(run.now)
  -- A copy that can't be made is no reason not to go on: the state itself is written durably.
  run.store:backup()
  run.commit = commit.new(run.store)
  local outputs = run.store:outputs()
  local facts = { moves = opts.plan.moves, outputs = outputs, output_refs = inverse.refs_of_outputs(opts.plan, outputs) }
  for k, v in pairs(opts.facts or {}) do facts[k] = v end
  run.id = run.store:begin_run { command = opts.command or "apply", who = opts.who or "unknown", facts = facts }
  for _, one in ipairs(opts.plan.moves or {}) do
    local moved, e = run.store:move(one.from, one.to, run.id)
    if moved == nil then error(e, 0) end
  end
  run.handle, run.token, run.learn = handle_maker(run), token_maker(run), learner(run)
  run.lookup = live.lookup(run)
  run.run_step = function(node) return step.run_step(run, node) end
  for address, record in pairs(opts.plan.records) do
    local node = opts.plan.nodes[address]
    if node and node.model then record.attributes = value.cover(node.model, node.desired or record.declared) end
    run.store_records[address] = record
  end
  -- What a run of a moment ago made is as new as what this one makes: descriptions may lag.
  -- What was looked for and is not there is gone.
  for address, age in pairs(run.store:young(fresh.WINDOW)) do
    local record, node = run.store_records[address], opts.plan.nodes[address]
    if record and node and node.model then run.born[record.id], run.found[record.id] = run.now() - age, true end
  end
  for address, node in pairs(opts.plan.nodes) do
    local evidence = node.form == "step" and run.store:evidence(address)
    if evidence then run.evidence[address] = evidence.value end
  end
  run.store:keep_before(run.id, inverse.each(opts.plan))
  return run
end

--- What was beside another and is that one again: both change their names at once.
local function take_back(run)
  for _, one in ipairs(run.plan.taken_back or {}) do
    run.store:together(function()
      run.store:remove(one.from)
      if one.beside then run.store:put(one.beside) end
      run.store:put(one.record)
    end)
  end
end

--- What an earlier run made and could not account for is a thing like others from now on.
local function account_for_found(run)
  for _, record in ipairs(run.plan.found or {}) do
    run.store:together(function()
      run.store:put(record)
      run.store:account_for(record.address)
    end)
  end
end

-- Where all was made, an output that can't be worked out is a failure like others; else it may only
-- want what is not there.
local function outputs_of(run, program)
  local outputs = {}
  local all_made = #run.failed == 0 and not run.interrupted and not run.plan.partly
  for _, output in ipairs(program and program.outputs or {}) do
    local ok, v = pcall(value.resolve, { output.value }, run.lookup)
    local unfit = ok and value.unfit(v[1])
    if unfit then
      ok, v = false, err.new { code = "output", class = "usage", where = output.where,
        message = ("output %s can't be remembered: %s"):format(output.name, unfit) }
    end
    if ok then
      outputs[output.name] = v[1]
    elseif all_made then
      run.failed[#run.failed + 1] = { address = "output " .. output.name, err = err.wrap(v, "usage") }
    end
  end
  return outputs
end

local function with_late_edges(g, late)
  if #late == 0 then return g end
  local edges = {}
  for name, list in pairs(g.before) do edges[name] = { table.unpack(list) } end
  for _, edge in ipairs(late) do table.insert(edges[edge[1]], edge[2]) end
  return graph.build(edges) or g
end

local function critical_of(run, g, info)
  local function spent(name) return info[name].spent or 0 end
  g = with_late_edges(g, run.late_edges)
  local path, seconds = g:critical_path(spent)
  local out = {}
  for _, name in ipairs(path) do
    if spent(name) > 0 then
      out[#out + 1] = { address = info[name].node.address, moment = info[name].moment, seconds = spent(name) }
    end
  end
  return { path = out, seconds = seconds }
end

--- What failed, as the history keeps it: words of errors are made for people and hold no secret.
local function failures_of(failed)
  local out = {}
  for i, failure in ipairs(failed) do
    out[i] = { address = failure.address, code = failure.err.code, message = failure.err.message }
  end
  return json.array(out)
end

local function finish(run, result, tally)
  run.store:end_run(run.id, { counts = result.counts, failed = #result.failed, skipped = #result.skipped,
    interrupted = result.interrupted, whole = #result.failed == 0 and not result.interrupted,
    seconds = result.seconds, critical = result.critical, calls = tally and tally() or nil,
    failures = failures_of(result.failed) })
  run.store:forget_runs(RUNS)
end

--- Remembers the mean of this run, whatever the number of things, so that a large run costs no more than a
--- small one and no late straggler outweighs the rest.
local function remember(run)
  run.store:together(function()
    for _, sum in deep.sorted_pairs(run.lessons) do run.store:learn(sum[1], sum[2], sum[3] / sum[4]) end
  end)
end

local function graph_of(plan)
  local edges, info = moments.build(plan)
  local g, e = graph.build(edges)
  return g, info, e
end

-- What a run keeps of a thing while it is made lives for a few rounds: to a collector by generations that is
-- old, and stays until all has doubled. The step takes back what a short command may leave lying: what was
-- only needed for the plan makes room for the run, in code, too.
local PAUSE, EAGERNESS = 140, 200
local AS_EVER = {
  generational = setmetatable({}, { __close = function() collectgarbage "generational" end }),
  incremental = setmetatable({}, { __close = function() collectgarbage("incremental", 200, 100) end }),
}
local function be_frugal()
  local before = collectgarbage("incremental", PAUSE, EAGERNESS)
  collectgarbage("step", 0)
  limits.slim()
  return AS_EVER[before]
end

--- Applies a plan.
---@param opts { plan: table, program: table?, state: cso.Store, session: table, emit: function?, sleep: function?, now: function?, stop: table?, command: string?, who: string?, make_key: (fun(bits: integer): string?, cso.Err?)?, facts: table?, tally: (fun(): table)?, spends: boolean? }
---  facts: what the history keeps of the run from its start; tally: the calls it made, by operation;
---  spends: nobody wants the plan, or the program's declarations, afterwards
---@return table? result { counts, failed, skipped, interrupted, keyless, seconds, outputs, run, critical }, cso.Err?
---   keyless: the address at which it turned out that the keys have ended
function apply.run(opts)
  local _ <close> = be_frugal()
  local run = begin(opts)
  local g, info, e = graph_of(opts.plan)
  if not g then return nil, e end
  if opts.spends then release.the_plan(opts.plan, opts.program) end
  local priority = g:remaining(function(name) return moments.weight(info[name], run.durations) end)
  run.urgency = urgency_of(priority)
  for _, v in pairs(info) do
    if v.moment == "ready" then run.ready[v.node.address] = "later" end
  end
  take_back(run)
  account_for_found(run)
  retag(run)
  value.install(run.lookup)
  local started = run.now()
  run.emit("apply_start", { run = run.id, total = #g.names })
  local ok, failure = pcall(walk, run, g, info, priority)
  value.install(nil)
  if not ok then return nil, err.wrap(failure) end
  local outputs = opts.plan.destroy and (opts.plan.keeps_outputs and run.store:outputs() or {})
    or outputs_of(run, opts.program)
  -- What was done is done, even when the disk takes no more: that is a failure like others.
  local written, problem = pcall(function()
    if #run.failed == 0 and not run.interrupted then run.store:set_outputs(outputs) end
    remember(run)
    run.store:advance()
  end)
  if not written then run.failed[#run.failed + 1] = { address = "the state", err = err.wrap(problem) } end
  local result = {
    run = run.id, counts = run.counts, failed = run.failed, skipped = run.skipped, interrupted = run.interrupted,
    keyless = run.keyless, seconds = run.now() - started, outputs = outputs, critical = critical_of(run, g, info),
  }
  pcall(finish, run, result, opts.tally)
  run.emit("apply_done", result)
  return result
end

return apply
