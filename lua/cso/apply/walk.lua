--- Walks the graph of moments: starts what is ready, longest remaining path first, until nothing
--- is left, something failed for all that remains, or the user asked to stop.
local err = require "cso.std.err"
local release = require "cso.apply.release"
local step = require "cso.apply.step"
local task = require "cso.task"

--- So many begin at once, and the next ones once these are on their way: all are under way together, but
--- no moment needs what beginning takes for each of them.
local AT_ONCE = 64

local verbs = { ["do"] = true, del = true }

local function count(run, action, n)
  local now = (run.counts[action] or 0) + n
  run.counts[action] = now ~= 0 and now or nil
end

local function execute(run, v)
  local node, started = v.node, run.now()
  local moment = v.moment
  if verbs[moment] then
    run.emit("step_start", { address = node.address, action = moment == "del" and "delete" or node.action,
      type = node.type, replace = node.action == "replace" })
  end
  local me, queued, did = task.current(), run.queued[node.address] or 0, run.did[node.address]
  run.carrying[me] = v
  local ok, result, e = pcall(step[moment], run, node)
  run.carrying[me] = nil
  -- What was only waited for is nobody's duration: neither another thing nor a place in the budget.
  queued = (run.queued[node.address] or 0) - queued
  local seconds = math.max(0, run.now() - started - (run.idle[v.name] or 0) - queued)
  v.spent = seconds
  if not ok then result, e = nil, err.wrap(result) end
  -- What failed after its first calls is no longer what it was. (What exists and does not get ready is counted.)
  if not result and verbs[moment] and run.did[node.address] ~= did then count(run, "partly", 1) end
  if not result and e.code == "upstream" then return nil, e end
  if not result then
    if e.class == "interrupted" then
      run.cut = true
      return nil, e
    end
    -- Keys that have ended have ended for everything: that is told once, and no more is begun.
    if run.keyless and e.class == "credentials" then return nil, { code = "upstream", because = run.keyless } end
    if e.ended then run.keyless = node.address end
    e.where = e.where or node.where and ("%s:%s"):format(node.where.file, node.where.line)
    run.emit("step_failed", { address = node.address, action = node.action, err = e, seconds = seconds })
    return nil, e
  end
  if node.form == "resource" then
    run.learn(node.type, moment == "del" and "delete" or moment == "ready" and "ready" or node.action, seconds)
  end
  if moment ~= "do" or node.form == "step" then
    -- Beside a new thing that came first goes the old one.
    local thing = moment == "del" and (node.old or node.record) or run.made[node.address] or {}
    run.emit("step_done", { address = node.address, action = moment == "del" and "delete" or node.action,
      seconds = run.now() - (run.started[node.address] or started), id = node.form == "resource" and thing.id or nil })
  end
  -- From here on its record says all that others need; what takes its place is asked for once more.
  if moment == "ready" and node.action ~= "replace" then
    run.made[node.address], run.started[node.address] = nil, nil
  end
  return true
end

-- What was begun is finished before another thing begins: its waiting starts at once, and what is known of
-- it only until it works is not kept for long.
local function begun_first(info, priority)
  for name, v in pairs(info) do
    if v.moment == "ready" then priority[name] = math.huge end
  end
  return priority
end

-- Counts what was done. A thing is replaced when its new one is there and its old one gone; one half of
-- that is a creation or a deletion.
local function tally(run, info, v)
  if v.node.action ~= "replace" then return count(run, v.node.action, 1) end
  local address = v.node.address
  local other = v.moment == "do" and "del" or "do"
  local before = run.halves[address]
  run.halves[address] = v.moment
  if before then
    count(run, before == "do" and "create" or "delete", -1)
  elseif info[other .. ":" .. address] then
    return count(run, v.moment == "do" and "create" or "delete", 1)
  end
  count(run, "replaced", 1)
end

return function(run, g, info, priority)
  local set, skipped = g:ready_set(begun_first(info, priority)), {}
  local function settle(name, ok)
    if info[name].moment == "ready" then
      local address = info[name].node.address
      local ready = run.ready[address]
      -- Whoever asks from now on has the answer.
      run.ready[address] = ok and "ready" or "failed"
      if ready ~= "later" then ready:complete(ok) end
    end
    if run.spends and info[name].moment ~= "do" then release.thing(run.plan, info, info[name].node) end
    if not ok then
      for _, follower in ipairs(g.after[name]) do skipped[follower] = skipped[follower] or info[name].node.address end
    end
    set.done(name)
  end
  local pump
  task.scope(function(s)
    local function skip(v, because)
      if v.moment ~= "ready" then
        run.skipped[#run.skipped + 1] = { address = v.node.address, because = because }
        run.emit("step_skipped", { address = v.node.address, because = because })
      end
    end
    local function start(name)
      local v = info[name]
      local because = skipped[name] or run.keyless
      if because then
        skip(v, because)
        settle(name, false)
        return
      end
      run.started[v.node.address] = run.started[v.node.address] or run.now()
      s:spawn(function()
        local ok, e = execute(run, v)
        if ok then
          if v.moment ~= "ready" then tally(run, info, v) end
        elseif e.code == "upstream" then
          skip(v, e.because)
        elseif e.class ~= "interrupted" then
          run.failed[#run.failed + 1] = { address = v.node.address, err = e }
        end
        settle(name, ok or false)
        pump()
      end)
    end
    -- Whether there may be more.
    local function begin_some()
      for _ = 1, AT_ONCE do
        local name = not run.stop.requested and set.next()
        if not name then return false end
        start(name)
      end
      return true
    end
    local following = false
    pump = function()
      if following or not begin_some() then return end
      following = true
      s:spawn(function()
        repeat
          -- Once for what these write down first, and once for what comes of it.
          task.sleep(0)
          task.sleep(0)
        until not begin_some()
        following = false
      end)
    end
    pump()
  end)
  run.interrupted = run.cut or run.stop.requested and set.left() > 0 or false
end

