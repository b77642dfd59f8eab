--- Drift: where the account is no longer what was applied. The playbook plays no part; what is
--- remembered is compared with what is there.
local diff = require "cso.kind.diff"
local err = require "cso.std.err"
local ignore = require "cso.kind.ignore"
local kinds = require "cso.kind"
local parts = require "cso.plan.parts"

local drift = {}

--- One address whose resource is not what was applied.
---@class cso.Drift
---@field address string
---@field type string
---@field id string
---@field model table?       what is there
---@field gone boolean       nothing is there any more
---@field changes table[]    { path, before = applied, after = there, sensitive }

local function nodes_of(store)
  local nodes, names = {}, {}
  for _, record in ipairs(store:resources()) do
    local K, e = kinds.recorded(record)
    if not K then return nil, e end
    nodes[record.address] = { address = record.address, kind = K, record = record,
      options = { ignore = record.ignore }, type = record.type }
    names[#names + 1] = record.address
  end
  return nodes, names
end

--- What differs, seen from what was applied.
local function turned(changes)
  local out = {}
  for i, c in ipairs(changes) do
    out[i] = { path = c.path, before = c.after, after = c.before, sensitive = c.sensitive }
  end
  return out
end

--- Looks for drift in a stack.
---@param opts { state: cso.Store, session: table, emit: function?, sleep: function?, now: function?, stack: string }
---@return { record: cso.Record, model: table|false, drift: cso.Drift? }[]? read  of every record, sorted by address
---@return cso.Err?
function drift.look(opts)
  local nodes, names = nodes_of(opts.state)
  if not nodes then return nil, names end
  local work = { opts = opts, emit = opts.emit or function() end, session = opts.session, store = opts.state,
    stack = opts.stack, nodes = nodes, models = {}, expected = {}, graph = { names = names } }
  local ok, e = require("cso.plan.refresh")(work)
  if ok then ok, e = require("cso.plan.whose")(work) end
  if not ok then return nil, err.wrap(e) end
  parts.leave_out(work)
  local read = {}
  for i, address in ipairs(names) do
    local node, model = nodes[address], work.models[address]
    local entry = { address = address, type = node.type, id = node.record.id, gone = model == false, changes = {} }
    entry.model = model or nil
    if model then
      node.desired = ignore.apply(node.kind, node.options.ignore, node.record.declared, model)
      entry.changes = turned((diff.changes(node, node.desired, model, node.record)))
    end
    local differs = entry.gone or #entry.changes > 0
    read[i] = { record = node.record, model = model, drift = differs and entry or nil }
  end
  return read
end

--- What of that is drift.
---@param opts table   of drift.look
---@return cso.Drift[]? found  sorted by address
---@return cso.Err?
function drift.find(opts)
  local read, e = drift.look(opts)
  if not read then return nil, e end
  local found = {}
  for _, one in ipairs(read) do found[#found + 1] = one.drift end
  return found
end

return drift
