--- One moment of one thing: make it, wait for it, change it, remove it, run it.
local diff = require "cso.kind.diff"
local duration = require "cso.std.duration"
local err = require "cso.std.err"
local task = require "cso.task"
local value = require "cso.std.value"

local step = {}

local function desired_of(run, node)
  local tree = value.resolve(node.decl.properties, run.lookup)
  if node.named and tree[node.named] == nil then tree[node.named] = node.desired[node.named] end
  if node.kind.spec.prepare then tree = node.kind.spec.prepare(tree, node) or tree end
  return tree
end

local function record_of(node, r, status)
  return {
    address = node.address, type = node.type, id = r.id, declared = r.desired, attributes = r.attributes,
    target = r.target, depends = node.depends, protect = node.options.protect or nil,
    retain = node.options.retain or nil, native = node.kind.native, status = status,
    generation = node.generation or node.record and node.record.generation,
  }
end

local function save(run, node, r, status)
  local record = record_of(node, r, status)
  run.store_records[node.address] = record
  run.store:together(function()
    run.store:put(record)
    run.store:account_for(node.address)
  end)
end

--- What a creation learned may be less than what is there: a read fills the rest.
local function reread(run, node, r)
  local model, e = node.kind:read(r)
  local pause, born = 0.5, run.born[r.id]
  -- A description may lag behind the creation.
  while model == false and born and run.now() - born < 60 do
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

local timeouts = { create = 3600, update = 3600, delete = 3600 }

local function timeout_of(node, moment)
  local own = node.options.timeouts and node.options.timeouts[moment]
  return own and duration.parse(own) or timeouts[moment]
end

--- After an ambiguous failure: look, and only when nothing is found make it again, with the same
--- token. The account may need a moment before it shows what it made.
local function create_surely(run, node, r)
  local pause, changed_token = 1, false
  for attempt = 1, 6 do
    if attempt > 1 or node.pending then
      local id, e = node.kind:find(r)
      if id == nil then return nil, e end
      if id then
        r.id = id
        return true, "found"
      end
    end
    local ok, e = node.kind:create(r)
    if ok then
      run.born[r.id] = run.now()
      return true
    end
    if (e.code or ""):match("Idempotent") and node.pending and not changed_token then
      -- The playbook changed since the interrupted run: nothing of that run was found, so this is
      -- another creation and needs a token of its own.
      changed_token, r.token = true, run.token(node)
      run.store:expect { address = node.address, run = run.id, token = r.token, intent = { type = node.type } }
    elseif not e.ambiguous or r.id or attempt == 6 then
      return nil, e
    end
    run.sleep(pause)
    pause = math.min(pause * 2, 15)
  end
end

local function create(run, node)
  local r = run.handle(node.address, node.kind, nil)
  r.action, r.target, r.pending = "create", node.decl.target or {}, node.pending
  r.timeout = timeout_of(node, "create")
  r.desired = desired_of(run, node)
  r.token = node.pending and node.pending.token or run.token(node)
  run.store:expect { address = node.address, run = run.id, token = r.token, intent = { type = node.type } }
  local ok, e = create_surely(run, node, r)
  if not ok then
    if r.id then
      save(run, node, r, "partial")
    elseif not e.ambiguous then
      run.store:account_for(node.address)
    end
    return nil, e
  end
  if e == "found" then
    r.current = node.kind:read(r) or {}
    r.attributes = r.current
    save(run, node, r, "partial")
    local _, updates = diff.changes(node, r.desired, r.current, { declared = r.desired })
    if #updates > 0 then
      ok, e = node.kind:update(r, updates)
      if not ok then return nil, e end
    end
  else
    save(run, node, r, "partial")
    ok, e = node.kind:finish(r)
    if not ok then return nil, e end
  end
  run.made[node.address] = r
  run.emit("step_exists", { address = node.address, id = r.id })
  return true
end

local function update(run, node)
  local r = run.handle(node.address, node.kind, node.record)
  r.action, r.current = "update", node.model
  r.timeout = timeout_of(node, "update")
  r.desired = desired_of(run, node)
  r.token = run.token(node)
  local _, updates, reasons = diff.changes(node, r.desired, node.model, node.record)
  if #reasons > 0 then
    return nil, err.new { code = "plan_changed", class = "service",
      message = ("%s can't be changed as planned: %s"):format(node.address, table.concat(reasons, "; ")),
      hint = "plan again" }
  end
  if #updates > 0 then
    local ok, e = node.kind:update(r, updates)
    if not ok then return nil, e end
  end
  run.made[node.address] = r
  return true
end

step["do"] = function(run, node)
  if node.form == "step" then return run.run_step(node) end
  if node.action == "update" then return update(run, node) end
  return create(run, node)
end

function step.ready(run, node)
  local r = run.made[node.address]
  local ok, e = node.kind:ready(r)
  if ok then ok, e = reread(run, node, r) end
  if not ok then
    save(run, node, r, e.code == "failed" and "tainted" or "partial")
    return nil, e
  end
  save(run, node, r, "ready")
  return true
end

function step.del(run, node)
  local record = node.old or node.record
  if node.action ~= "forget" then
    local r = run.handle(node.address, node.kind, record)
    r.action, r.current = "delete", node.model or record.attributes
    r.desired = record.declared
    r.timeout = timeout_of(node, "delete")
    local ok, e = node.kind:delete(r)
    if not ok then return nil, e end
  end
  local beside = node.action == "replace" and node.replace_order == "create_first"
  run.store:remove(beside and run.old_address(node) or node.address)
  if not beside then run.store_records[node.address] = nil end
  return true
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
    if not again then
      run.evidence[node.address] = type(result) == "table" and result or { value = result }
      run.store:set_evidence(node.address, run.id, result)
      return true
    end
    run.emit("step_wait", { address = node.address, what = again, seconds = run.now() - started })
    if run.now() - started + every > limit then
      return nil, err.new { code = "timeout", class = "policy",
        where = decl.where and ("%s:%s"):format(decl.where.file, decl.where.line),
        message = ("%s did not pass within %s: %s"):format(node.address, decl.timeout or "10m", again) }
    end
    run.sleep(every)
  end
end

return step
