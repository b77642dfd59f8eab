--- One moment of one thing: make it, wait for it, change it, remove it, run it.
local beside = require "cso.graph.beside"
local condition = require "cso.kind.condition"
local create = require "cso.apply.create"
local diff = require "cso.kind.diff"
local duration = require "cso.std.duration"
local err = require "cso.std.err"
local read = require "cso.kind.read"
local record = require "cso.apply.record"
local redact = require "cso.std.redact"
local removal = require "cso.apply.removal"
local surely = require "cso.apply.surely"
local task = require "cso.task"
local value = require "cso.std.value"

local step = {}

--- What a creation learned may be less than what is there: a read fills the rest.
local function reread(run, node, r)
  local model, e = node.kind:read(r)
  local pause, born = 0.5, run.born[r.id]
  -- A description may lag behind the creation.
  while (model == false or (model == nil and read.is_gone(e))) and born and run.now() - born < 60 do
    run.sleep(pause)
    pause = math.min(pause * 2, 8)
    model, e = node.kind:read(r)
  end
  if model == nil then return nil, e end
  if model == false then
    return nil, err.new { code = "vanished", class = "service",
      message = node.address .. " is not there although it was just made", hint = "run again; it will be looked for" }
  end
  for k, v in pairs(r.attributes) do
    if model[k] == nil then model[k] = v end
  end
  r.attributes = model
  return true
end

local function update(run, node)
  local r = run.handle(node.address, node.kind, node.record)
  r.action, r.current = "update", node.model
  r.timeout = record.timeout(node, "update")
  r.desired = record.desired(run, node)
  r.token = run.token(node)
  local ok, e = surely(run, function(attempt)
    -- A run that took it back was interrupted, perhaps in the midst of that.
    if node.decl.recovers and node.decl.recovers.id == r.id then
      local ok, e = node.kind:recover(r)
      if not ok then return nil, e end
    end
    -- Restored by a run that died then: it takes no change before it works.
    if node.record.status == "partial" and node.record.restored_from then
      local ok, e = node.kind:ready(r)
      if not ok then return nil, e end
    end
    if attempt > 1 then
      local read_again = node.kind:read(r)
      r.current = node.own_of and node.own_of(read_again) or read_again or r.current
    end
    local _, updates, reasons = diff.changes(node, r.desired, r.current, node.record)
    if #reasons > 0 then
      return nil, err.new { code = "plan_changed", class = "service",
        message = ("%s can't be changed as planned: %s"):format(node.address, table.concat(reasons, "; ")),
        hint = "plan again" }
    end
    local done, wrong = true, nil
    if #updates > 0 then done, wrong = node.kind:update(r, updates) end
    if done and node.interrupted then done, wrong = node.kind:resume(r, node.interrupted) end
    return done, wrong
  end)
  if not ok then return nil, e end
  run.made[node.address] = r
  return true
end

-- What must hold before a thing is touched; nil and why when it does not.
local function allowed(run, node)
  if not node.options.pre then return true end
  local e = condition.ask(node, "pre", record.desired(run, node))
  if e then return nil, e end
  return true
end

-- What must hold of a thing that works.
local function promised(node, r)
  if not node.options.post then return true end
  local tree = {}
  for k, v in pairs(r.desired) do tree[k] = v end
  for k, v in pairs(r.attributes) do tree[k] = v end
  local e = condition.ask(node, "post", tree)
  if e then return nil, e end
  return true
end

step["do"] = function(run, node)
  if node.form == "step" then return run.run_step(node) end
  local fine, no = allowed(run, node)
  if not fine then return nil, no end
  if node.action == "update" then return update(run, node) end
  return create(run, node)
end

function step.ready(run, node)
  local r = run.made[node.address]
  -- Some help it on its way with calls of their own, which may be unclear.
  local ok, e = surely(run, function() return node.kind:ready(r) end)
  if ok then ok, e = reread(run, node, r) end
  if not ok then
    record.save(run, node, r, e.code == "failed" and "tainted" or "partial")
    return nil, e
  end
  record.save(run, node, r, "ready")
  return promised(node, r)
end

-- What keeps a secret may go while another thing, or the new one in its place, is to get the secret: it is
-- read before. Whoever may not read it loses nothing by that.
local function hold(run, node, r)
  if not node.kind.spec.keeps or run.plan.destroy then return end
  local ok, text = pcall(node.kind.spec.fetch, r)
  if ok and type(text) == "string" then table.insert(run.held, text) end
end

function step.del(run, node)
  local was = node.old or node.record
  if node.action == "replace" and node.replace_order ~= "create_first" then
    local fine, no = allowed(run, node)
    if not fine then return nil, no end
  end
  if node.action ~= "forget" then
    local r = run.handle(node.address, node.kind, was)
    r.action, r.current = "delete", node.model or was.attributes
    r.desired = was.declared
    r.timeout = record.timeout(node, "delete")
    hold(run, node, r)
    local ok, e = removal(run, node, r)
    if not ok then return nil, e end
    -- Who still hears that it is not there hears the truth.
    run.born[was.id] = nil
  end
  local stays = beside.stays(node)
  run.commit(function()
    run.store:remove(stays and beside.address(node.address, was.id) or node.address)
    if not node.decl then run.store:account_for(node.pending and node.pending.address or node.address) end
    run.store:touch(run.id, node.address)
  end)
  if not stays then run.store_records[node.address] = nil end
  return true
end

--- Sleeps; false as soon as the user asks to stop. A step that waits has nothing in flight.
local function rest(run, seconds)
  local till = run.now() + seconds
  while run.now() < till do
    if run.stop.requested then return false end
    run.sleep(math.min(till - run.now(), 0.5))
  end
  return not run.stop.requested
end

--- Runs a playbook's step until it passes, retries included.
function step.run_step(run, node)
  local decl = node.decl
  local limit = duration.parse(decl.timeout or "10m")
  local every, started = duration.parse(decl.every or "5s"), run.now()
  local api = { retry = function(_, why) return { retry = why or "not yet" } end, address = node.address }
  while true do
    local ok, result = task.try(decl.run, api)
    if not ok then
      local e = err.wrap(result, "service")
      e.where = e.where or decl.where and ("%s:%s"):format(decl.where.file, decl.where.line)
      return nil, e
    end
    local again = type(result) == "table" and rawget(result, "retry")
    if type(again) == "string" then again = redact.text(again) end
    local unfit = not again and value.unfit(result)
    if unfit then
      return nil, err.new { code = "evidence", class = "usage",
        where = decl.where and ("%s:%s"):format(decl.where.file, decl.where.line),
        message = ("what %s returned can't be remembered: %s"):format(node.address, unfit),
        hint = "return true, or a table of texts and numbers" }
    end
    if not again then
      run.evidence[node.address] = type(result) == "table" and result or { value = result }
      run.commit(function()
        run.store:set_evidence(node.address, run.id, value.hide(result))
        run.store:touch(run.id, node.address)
      end)
      return true
    end
    run.emit("step_wait", { address = node.address, what = again, seconds = run.now() - started })
    if run.now() - started + every > limit then
      return nil, err.new { code = "timeout", class = "policy",
        where = decl.where and ("%s:%s"):format(decl.where.file, decl.where.line),
        message = ("%s did not pass within %s: %s"):format(node.address, decl.timeout or "10m", again) }
    end
    if not rest(run, every) then
      return nil, err.new { code = "interrupted", class = "interrupted",
        message = node.address .. " was not waited for any longer" }
    end
  end
end

return step
