--- Handles for what a plan reads, and the search for what an interrupted run may have made.
local calls = require "cso.kind.calls"
local find = require "cso.kind.find"
local handle = require "cso.kind.handle"
local outlast = require "cso.kind.outlast"
local tags = require "cso.kind.tags"
local task = require "cso.task"

local handles = {}

-- What is read is read again when nobody answers for a while: a plan of hundreds need not begin anew.
local function patient(work)
  local plain = calls.plain(work.session)
  local endurance = outlast.new({ now = work.opts.now or task.now, sleep = work.opts.sleep or task.sleep, emit = work.emit },
    outlast.READING)
  return function(r, service, operation, params, opts)
    return endurance:call(service, operation, function() return plain(r, service, operation, params, opts) end)
  end
end

--- A handle that only reads.
---@param work table
---@param node { address: string, type: string, kind: cso.Kind, record: cso.Record?, decl: table? }
---@param id string?
---@return cso.Handle
function handles.new(work, node, id)
  local decl, record = node.decl, node.record
  -- What all handles of a plan have in common, they have together.
  work.handles = work.handles or handle.sharing {
    stack = work.stack, invoke = work.invoke or patient(work), sleep = work.opts.sleep or task.sleep,
    now = work.opts.now or task.now, identity = work.opts.identity, session = work.session,
  }
  return work.handles {
    kind = node.kind, address = node.address, type = node.type, id = id,
    target = decl and decl.target or record and record.target or {},
    desired = record and record.declared or {}, record = record, attributes = record and record.attributes or {},
    own = { [tags.OWNER.stack] = work.stack, [tags.OWNER.address] = node.address },
  }
end

--- The id of what an interrupted run made at an address, or false. What is remembered is not it, though
--- it may bear the same tags; nor is what somebody else gave the same name.
---@param work table
---@param node { address: string, type: string, kind: cso.Kind }
---@param pending table   of the store
---@return string|false id   raises what the search failed with
function handles.find(work, node, pending)
  local intent = pending.intent
  local r = handles.new(work, node)
  r.desired, r.target, r.others, r.token = intent.desired or {}, intent.target or {}, {}, pending.token
  for _, record in pairs(work.records) do
    if record.type == node.type then r.others[record.id] = true end
  end
  local id, e = node.kind:find(r)
  if id == nil and e.code ~= "exists" then error(e, 0) end
  return id or false
end

--- As find, for what nobody looks for again: that it is not shown yet must not be taken for its absence.
---@param work table
---@param node table
---@param pending table   `at` says when it was begun
---@return string|false id
function handles.find_surely(work, node, pending)
  local sleep, id = work.opts.sleep or task.sleep, handles.find(work, node, pending)
  local patience = find.patience(work.session, node.kind, pending.intent.target)
  local pause = patience.pause
  for _ = 1, patience.looks do
    if id or work.store.now() - pending.at > patience.lag then break end
    sleep(pause)
    pause = pause * 2
    id = handles.find(work, node, pending)
  end
  return id
end

return handles
