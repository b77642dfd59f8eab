--- Reads what is really there, and looks for what an interrupted run may have created without living to
--- write it down.
local lazy = require "cso.std.lazy"
local deep = require "cso.std.deep"
local find = lazy "cso.kind.find"
local handle_of = lazy "cso.plan.handle"
local look = lazy "cso.plan.look"
local other_way = require "cso.plan.other_way"
local recall = require "cso.plan.recall"
local task = require "cso.task"
local value = require "cso.std.value"

local PARALLEL = 24

-- What was looked at already while the playbook was evaluated needs no second look.
local function look_at(work, nodes)
  local rest, early = {}, work.opts.early
  local function seen(address, model, owner) work.models[address], work.owners[address] = model, owner end
  for _, node in ipairs(nodes) do
    local one = early and early:of(node)
    if one then seen(node.address, one.model, one.owner) else rest[#rest + 1] = node end
  end
  if #rest > 0 then look.at(work, rest, seen) end
end

--- A description may lag behind the creation: what a run of a moment ago has made is not believed to
--- be gone before it was looked for again. Else it would be made a second time.
local function look_again(work, nodes)
  local sleep, gone, patience = work.opts.sleep or task.sleep, {}, nil
  for _, node in ipairs(nodes) do
    if rawget(work.models, node.address) == false then gone[#gone + 1] = node end
  end
  if #gone == 0 then return end
  for _, node in ipairs(gone) do
    local one = find.patience(work.session, node.kind, node.record and node.record.target)
    if not patience or one.looks > patience.looks then patience = one end
  end
  local pause = patience.pause
  for _ = 1, patience.looks do
    local young, missing = work.store:young(patience.young), {}
    for _, node in ipairs(gone) do
      if work.models[node.address] == false and young[node.address] then missing[#missing + 1] = node end
    end
    if #missing == 0 then return end
    sleep(pause)
    pause = pause * 2
    look.at(work, missing, function(address, model, owner)
      work.models[address], work.owners[address] = model, owner
    end)
  end
end

--- Whether a keeper that was found holds something else than it was to be made with. One that was taken back has
--- its old text until it is told the new one, and no description shows which of the two it has.
local function keeps_another(work, node, id, intent)
  local spec = node.kind.spec
  local want = spec.keeps and intent.desired[spec.keeps]
  if want == nil or value.is_secret(want) and not (value.secret_info(want).known or value.secret_info(want).digest) then
    return false
  end
  local r = handle_of.new(work, node, id)
  r.target = intent.target or r.target
  local ok, text = pcall(spec.fetch, r)
  return ok and not value.same_secret(want, text)
end

--- What an interrupted run was making. When it is there, it is remembered from now on like anything
--- else: it may need a change, it may have to go, and what it stands in can't go before it.
local function find_made(work, node, pending)
  -- What is still declared is looked for once more before it is made; the rest only here.
  local look_for = node.decl and handle_of.find or handle_of.find_surely
  local id = look_for(work, node, pending)
  if not id then return end
  local intent, set = pending.intent, {}
  local desired = intent.desired or {}
  -- Only what the creating call itself sets is surely set.
  for property, v in pairs(desired) do
    if node.kind:creates_with(property) then set[property] = v end
  end
  if intent.desired and keeps_another(work, node, id, intent) then set[node.kind.spec.keeps] = nil end
  node.record = { address = node.address, type = node.type, id = id, declared = set, attributes = value.cover(desired, desired),
    target = intent.target or {}, depends = intent.depends or {}, native = node.kind.native, status = "partial",
    generation = intent.generation, restored_from = intent.restores }
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
  local nodes, refresh = work.nodes, work.opts.refresh ~= false
  local asked, total, unread = {}, 0, 0
  for _, address in ipairs(work.graph.names) do
    local node = nodes[address]
    local record = node.record
    if record then
      if node.excluded or not refresh then
        work.models[address] = record.attributes
      else
        total = total + 1
        -- What lives in the state alone needs no look.
        if not recall.takes(work, node) then asked[#asked + 1] = node end
      end
    end
  end
  if refresh then
    work.emit("refresh_start", { total = total })
    look_at(work, asked)
    look_again(work, asked)
    local ok, e = other_way(work, asked)
    if not ok then return nil, e end
    for _, model in next, work.models do
      if model == false then unread = unread + 1 end
    end
    work.emit("refresh_done", { total = total, gone = unread })
  end
  work.handle_for = function(node, id) return handle_of.new(work, node, id) end
  return true
end
