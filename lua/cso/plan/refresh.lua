--- Reads what is really there. Things of one kind in one place are read together where the
--- service allows; everything else in parallel. Also looks for what an interrupted run may have
--- created without living to write it down.
local deep = require "cso.std.deep"
local handle_of = require "cso.plan.handle"
local task = require "cso.task"
local value = require "cso.std.value"

local PARALLEL = 24
local YOUNG, FIRST_PAUSE, LOOKS = 4, 0.25, 4 -- seconds, seconds, times

local function target_key(target)
  return ("%s|%s|%s"):format(target.region or "", target.profile or "", target.role or "")
end

--- Jobs of one read each, or of one batched read for many.
local function jobs_of(work, nodes)
  local groups, jobs = {}, {}
  for _, node in ipairs(nodes) do
    local r = handle_of.new(work, node, node.record.id)
    if node.record.target then r.target = node.record.target end
    if node.kind:batched() then
      local key = node.type .. "\0" .. target_key(r.target)
      local group = groups[key]
      if not group then
        group = {}
        groups[key] = group
        jobs[#jobs + 1] = { many = group, kind = node.kind }
      end
      group[#group + 1] = r
    else
      jobs[#jobs + 1] = { one = r, kind = node.kind }
    end
  end
  return jobs
end

local function run_job(work, job)
  if job.one then
    local model, e = job.kind:read(job.one)
    if model == nil then error(e, 0) end
    work.models[job.one.address] = model
    work.owners[job.one.address] = job.one.owner_tags
  else
    local found, e = job.kind:read_many(job.many)
    if not found then error(e, 0) end
    for _, r in ipairs(job.many) do
      work.models[r.address] = found[r.address] or false
      work.owners[r.address] = r.owner_tags
    end
  end
end

--- A description may lag behind the creation: what a run of a moment ago has made is not believed to
--- be gone before it was looked for again. Else it would be made a second time.
local function look_again(work, nodes)
  local sleep, pause = work.opts.sleep or task.sleep, FIRST_PAUSE
  for _ = 1, LOOKS do
    local young, missing = work.store:young(YOUNG), {}
    for _, node in ipairs(nodes) do
      if work.models[node.address] == false and young[node.address] then missing[#missing + 1] = node end
    end
    if #missing == 0 then return end
    sleep(pause)
    pause = pause * 2
    task.map(jobs_of(work, missing), function(job) run_job(work, job) end, { limit = PARALLEL })
  end
end

--- What an interrupted run was making. When it is there, it is remembered from now on like anything
--- else: it may need a change, it may have to go, and what it stands in can't go before it.
local function find_made(work, node, pending)
  local id = handle_of.find(work, node, pending)
  if not id then return end
  local intent, set = pending.intent, {}
  local desired = intent.desired or {}
  -- Only what the creating call itself sets is surely set.
  for property, v in pairs(desired) do
    if node.kind:creates_with(property) then set[property] = v end
  end
  node.record = { address = node.address, type = node.type, id = id, declared = set, attributes = value.cover(desired, desired),
    target = intent.target or {}, depends = intent.depends or {}, native = node.kind.native, status = "partial",
    generation = intent.generation }
  work.records[node.address] = node.record
  work.found[#work.found + 1] = node.record
end

return function(work)
  work.owners = {}
  work.found = {}
  local open = {}
  -- Who only looks for drift makes nothing, and expects nothing.
  for address in deep.sorted_pairs(work.expected or {}) do
    local node = work.nodes[address]
    if node and node.kind and not node.record and not node.excluded then open[#open + 1] = node end
  end
  task.map(open, function(node) find_made(work, node, work.expected[node.address]) end, { limit = PARALLEL })
  local nodes, unread = {}, 0
  for _, address in ipairs(work.graph.names) do
    local node = work.nodes[address]
    if node.record and not node.excluded then nodes[#nodes + 1] = node end
  end
  if work.opts.refresh == false then
    for _, node in ipairs(nodes) do work.models[node.address] = node.record.attributes end
  else
    work.emit("refresh_start", { total = #nodes })
    task.map(jobs_of(work, nodes), function(job) run_job(work, job) end, { limit = PARALLEL })
    look_again(work, nodes)
    for _, node in ipairs(nodes) do
      if work.models[node.address] == false then unread = unread + 1 end
    end
    work.emit("refresh_done", { total = #nodes, gone = unread })
  end
  for _, address in ipairs(work.graph.names) do
    local node = work.nodes[address]
    if node.record and work.models[address] == nil then work.models[address] = node.record.attributes end
  end
  work.handle_for = function(node, id) return handle_of.new(work, node, id) end
  return true
end
