--- What a moment needs to know of a node, and how its outcome is written down.
local accepted = require "cso.kind.accepted"
local beside = require "cso.graph.beside"
local duration = require "cso.std.duration"
local needs = require "cso.graph.needs"
local ignore = require "cso.kind.ignore"
local json = require "cso.std.json"
local value = require "cso.std.value"

local record = {}

--- The declared properties with every ref resolved: what it refers to has been made by now.
---@param run table
---@param node table
---@return table
function record.desired(run, node)
  local tree = value.resolve(node.decl.properties, run.lookup)
  if node.named and tree[node.named] == nil then tree[node.named] = node.desired[node.named] end
  if node.kind.spec.prepare then tree = node.kind.spec.prepare(tree, node) or tree end
  tree, node.accepted = accepted.apply(node.record, tree)
  if node.action == "update" then tree = ignore.apply(node.kind, node.options.ignore, tree, node.model, node.record) end
  return tree
end

local timeouts = { create = 3600, update = 3600, delete = 3600 }

--- How many seconds a moment may take.
---@param node table
---@param moment "create"|"update"|"delete"
---@return number
function record.timeout(node, moment)
  local own = node.options.timeouts and node.options.timeouts[moment]
  return own and duration.parse(own) or timeouts[moment]
end

--- What a node's record says that it needs.
---@param node table
---@param nodes table<string, table>
---@return string[]
function record.depends(node, nodes) return node.decl and node.decl.recorded_depends or needs.of(node, nodes) end

-- Which making of each secret this one was given.
local function given(run, node, declared)
  local keeps = node.kind.spec.keeps
  if keeps and declared[keeps] == nil then return {} end
  local list
  for _, need in ipairs(node.depends) do
    local origin, other = run.store_records[need], run.plan.nodes[need]
    if origin and other and other.kind and other.kind.spec.service == "local" then
      list = list or {}
      list[need] = origin.id
    end
  end
  return list
end

-- A new thing deviates from nothing yet; a repair touches no acceptance but those it was asked to end.
local function acceptances(node)
  if node.action == "replace" or not node.record then return nil end
  if node.decl and node.decl.keeps_accepted then return node.record.accepted end
  return accepted.kept(node.accepted)
end

-- A repair makes things what they were said to be; what it looked away from is still said.
local function applied(node, r)
  return node.decl and node.decl.keeps_accepted and node.record and node.record.declared or r.desired
end

-- A repair looks away from more than its declaration says; that is not remembered.
local function ignored(node)
  if node.decl and node.decl.keeps_accepted then return node.record and node.record.ignore end
  return node.options.ignore
end

--- What a new thing would make the state forget goes on under a name of its own until it is deleted.
local function keep_old(run, node, id)
  local was = run.store_records[node.address]
  if not beside.stays(node) or not was or was.id == id then return nil end
  local old = {}
  for k, v in pairs(was) do old[k] = v end
  old.address = beside.address(node.address, was.id)
  return old
end

-- Whoever goes on after a killed run has to know that it was restored already.
local function restored_from(node, r)
  if r.restores then return r.restores.from end
  local was, of = node.record, node.kind.spec.restore
  if not of or not was or was.id ~= r.id then return nil end
  -- What was made anew has the id of what it took the place of, and is of no copy.
  local before, now = was.attributes[of.same], (r.attributes or {})[of.same]
  if before ~= nil and now ~= nil and before ~= now then return nil end
  return was.restored_from
end

--- Writes a resource down; whatever creation of it was expected is accounted for.
---@param run table
---@param node table
---@param r cso.Handle
---@param status "ready"|"partial"|"tainted"
---@param declared table?   what has been applied, where that is less than r.desired
---@param kept table?       which secrets it has, where it was not given the present ones yet
function record.save(run, node, r, status, declared, kept)
  -- Named one by one: a constructor makes room for all that it names, also for what is nil, and there is a record
  -- of each thing.
  local options = node.options
  local written = {
    address = node.address, type = node.type, id = r.id, declared = declared or applied(node, r),
    attributes = value.cover(r.attributes, r.desired), target = r.target,
    depends = json.array(record.depends(node, run.plan.nodes)), status = status,
  }
  written.protect, written.retain = options.protect or nil, options.retain or nil
  written.timeouts, written.ignore, written.native = options.timeouts, ignored(node), node.kind.native
  written[node.kind.spec.keeps and "keeps" or "given"] = kept or given(run, node, r.desired)
  written.accepted, written.restored_from = acceptances(node), restored_from(node, r)
  written.generation = node.generation or node.decl and node.decl.generation or node.record and node.record.generation
  local old = keep_old(run, node, r.id)
  run.store_records[node.address] = written
  -- The call that created it was settled before it had an id: history shows which call made what.
  run.commit(function()
    if old then run.store:put(old) end
    run.store:put(written)
    run.store:account_for(node.address)
    if r.unnamed then run.store:call_made(r.unnamed, r.id) end
    run.store:touch(run.id, node.address)
  end)
end

return record
