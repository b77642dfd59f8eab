--- csorun drift [PLAYBOOK]: where the account is no longer what was applied; repaired or accepted, part by part.
local choices = require "cso.cmd.choices"

local function find(ctx, store, name)
  return require("cso.plan.drift").find { state = store, session = ctx.session, emit = ctx.emit, stack = name,
    sleep = ctx.sleep, now = ctx.now }
end

local function tell_json(ctx, report)
  local json, plainly = require "cso.std.json", require "cso.ui.plainly"
  for _, d in ipairs(report.found) do
    ctx.out(json.encode(plainly { type = "drift", address = d.address, resource_type = d.type, id = d.id, gone = d.gone,
      changes = json.array(d.changes) }) .. "\n")
  end
  for _, o in ipairs(report.orphans) do
    ctx.out(json.encode { type = "orphan", resource_type = o.type, id = o.id, address = o.address, region = o.region } .. "\n")
  end
end

local function write_page(ctx, report, path)
  local err, fs = require "cso.std.err", require "cso.std.fs"
  report.at, report.region = os.date("!%Y-%m-%d %H:%M UTC"), ctx.session:region()
  local ok, e = fs.write_atomic(path, require("cso.ui.drift").page(report), 384) -- 0600: it tells what is in an account
  if not ok then
    return nil, err.new { code = "io", class = "config", message = ("the report can't be written to %s: %s"):format(path,
      e.message) }
  end
  return true
end

local function look(ctx, store, name)
  local exit = require "cso.cmd.exit"
  local found, e = find(ctx, store, name)
  if not found then return nil, e end
  local records, orphans = store:resources(), {}
  if ctx.opts.orphans ~= false then
    orphans = require("cso.import.orphans") { session = ctx.session, stack = name, records = records,
      types = require("cso.std.deep").keys(store:durations()), sleep = ctx.sleep, now = ctx.now }
  end
  local report = { stack = name, found = found, orphans = orphans, total = #records }
  if ctx.opts.json then tell_json(ctx, report) else ctx.out(require("cso.ui.drift").text(report, ctx.paint)) end
  if ctx.opts.html then
    local ok
    ok, e = write_page(ctx, report, ctx.opts.html)
    if not ok then return nil, e end
  end
  return #found > 0 and exit.codes.changes or exit.codes.ok
end

-- Globs choose among what has drifted, and where `accepted` is said among what was accepted.
local function in_full(words, found, store, accepted)
  local predicate, out = require "cso.plan.predicate", {}
  for _, one in ipairs(words) do
    local matched = false
    local pattern = one:find("*", 1, true) and predicate.pattern(one)
    local function take(address)
      if pattern and address:match(pattern) then
        out[#out + 1], matched = address, true
      end
    end
    for _, drift in ipairs(found) do take(drift.address) end
    for _, record in ipairs(pattern and accepted and store:resources() or {}) do
      if record.accepted then take(record.address) end
    end
    if not matched then out[#out + 1] = one end
  end
  return out
end

local function accept(ctx, store, name)
  local accepting = require "cso.plan.accept"
  local found, e = find(ctx, store, name)
  if not found then return nil, e end
  local lines = {}
  -- All of it or nothing: what is refused, or cut off, can be said again.
  local ok, failure = pcall(store.together, store, function()
    for _, words in ipairs(in_full(ctx.opts.accept, found)) do
      local one, path = accepting.find(found, words)
      if not one then error(path, 0) end
      local paths, wrong = accepting.take(store, one, path)
      if not paths then error(wrong, 0) end
      for _, p in ipairs(paths) do lines[#lines + 1] = ("%s.%s is accepted as it is."):format(one.address, p) end
    end
    store:advance()
  end)
  if not ok then return nil, failure end
  if not ctx.opts.json then
    ctx.out(table.concat(lines, "\n") .. "\nIt counts until its declaration changes; csorun drift --repair ends it.\n")
  end
  return 0
end

local function repair(ctx, store, name)
  local accepting, work, watch = require "cso.plan.accept", require "cso.cmd.work", require "cso.cmd.watch"
  local ended = 0
  for _, words in ipairs(in_full(ctx.opts.repair, {}, store, true)) do ended = ended + #accepting.revoke(store, words) end
  if ended > 0 then store:advance() end
  local found, e = find(ctx, store, name)
  if not found then return nil, e end
  local wanted, unfinished = {}, store:unfinished()
  for _, words in ipairs(in_full(ctx.opts.repair, found)) do
    local one, path = accepting.find(found, words)
    -- What a run that died has changed is right by now, and has to be remembered.
    if not one and unfinished[words] and store:get(words) then one, path = { address = words }, nil end
    if not one then return nil, path end
    if path then
      local paths
      paths, e = accepting.paths(one, path)
      if not paths then return nil, e end
      wanted[one.address] = wanted[one.address] or {}
      if wanted[one.address] ~= true then
        table.move(paths, 1, #paths, #wanted[one.address] + 1, wanted[one.address])
      end
    else
      wanted[one.address] = true
    end
  end
  local how = require("cso.plan.repair").program(store, name, wanted)
  local job = { command = "drift --repair", name = name, store = store, program = how.program,
    question = ("Repair this in stack %s?"):format(name), verb = "Repaired" }
  job.plan, e = watch.run(ctx, function()
    return require("cso.plan").make { program = how.program, state = store, session = ctx.session, emit = ctx.emit,
      stack = name, only = how.only, sleep = ctx.sleep, now = ctx.now }
  end)
  if not job.plan then return nil, e end
  work.compare_outputs(job)
  work.show(ctx, job)
  return work.apply(ctx, job)
end

return {
  name = "drift",
  help = "Show where the account is no longer what was applied; repair or accept it",
  args = { { name = "PLAYBOOK|WORKSPACE", optional = true, complete = "file" } },
  options = { choices.all, choices.only, choices.stack,
    { long = "repair", value = "ADDRESS[.PROPERTY]", many = true, help = "make it what was applied; may be repeated" },
    { long = "accept", value = "ADDRESS[.PROPERTY]", many = true, help = "let what is there count; may be repeated" },
    { long = "html", value = "FILE", complete = "file", help = "write a report for a browser too" },
    { long = "orphans", help = "look for what bears our tags and is not in the state (default)" },
    choices.auto_approve, choices.full, choices.short },
  waits = true,
  run = function(opts, args, ctx)
    local all, wrong = require "cso.cmd.workspace.wanted"(opts)
    if wrong then return nil, wrong end
    if all then return require("cso.cmd.workspace").run(ctx, "drift", args[1]) end
    local err, stack = require "cso.std.err", require "cso.cmd.stack"
    if opts.accept and opts.repair then
      return nil, err.new { code = "bad_option", class = "usage", message = "drift is repaired or accepted, in two runs" }
    end
    local name, e = stack.name(ctx, args[1], opts.stack)
    if not name then return nil, e end
    local changes = opts.accept and "drift --accept" or opts.repair and "drift --repair" or nil
    local store
    store, e = stack.open(ctx, name, { lock = changes })
    if not store then return nil, e end
    if opts.accept then return accept(ctx, store, name) end
    if opts.repair then return repair(ctx, store, name) end
    return look(ctx, store, name)
  end,
}
