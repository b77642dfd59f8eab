--- What an interrupted replacement left beside the thing of its address: the earlier thing, which may
--- still be what is declared, and a new one that nobody accounted for.
local lazy = require "cso.std.lazy"
local beside = require "cso.graph.beside"
local err = require "cso.std.err"
local handle_of = lazy "cso.plan.handle"
local kinds = require "cso.kind"
local task = require "cso.task"

local left = {}

local PARALLEL = 24

local function moved_to(record, address)
  local out = {}
  for k, v in pairs(record) do out[k] = v end
  out.address = address
  return out
end

--- The nodes of what had the place of an address, those first that a rollback names, then by name.
local function earlier(work, node)
  local out = {}
  for address, other in pairs(work.nodes) do
    if other.orphan and other.record and beside.base(address) == node.address and type(work.models[address]) == "table" then
      out[#out + 1] = other
    end
  end
  local was = node.decl.was
  table.sort(out, function(a, b)
    if (a.record.id == was) ~= (b.record.id == was) then return a.record.id == was end
    return a.address < b.address
  end)
  return out
end

--- Whether a declared thing may change places with an earlier one at all.
---@param work table
---@param node table
---@return boolean
function left.has_earlier(work, node)
  work.second_names = work.second_names or (function()
    local bases = {}
    for address in pairs(work.nodes) do
      local base = beside.base(address)
      if base then bases[base] = true end
    end
    return bases
  end)()
  return work.second_names[node.address] == true
end

--- The two change places: what was beside is the thing of its address again, and what had taken its
--- place goes.
local function take_back(work, node, other)
  local mine, theirs = node.record, other.record
  work.nodes[other.address], work.records[other.address] = nil, nil
  node.record = moved_to(theirs, node.address)
  node.model, node.taken_back = work.models[other.address], true
  work.records[node.address], work.owners[node.address] = node.record, work.owners[other.address]
  local old_model = work.models[node.address]
  work.models[node.address] = node.model
  local swap = { address = node.address, record = node.record, from = other.address }
  if mine then
    local address = beside.address(node.address, mine.id)
    swap.beside = moved_to(mine, address)
    work.records[address], work.models[address] = swap.beside, old_model
    work.nodes[address] = { address = address, kind = kinds.recorded(mine) or node.kind, record = swap.beside,
      depends = mine.depends or {}, options = {}, type = mine.type, form = "resource", orphan = true }
  end
  work.taken_back[#work.taken_back + 1] = swap
end

--- Takes an earlier thing back where that one is what is declared.
---@param work table
---@param node table
---@param fits fun(record: cso.Record, model: table): boolean
---@param only string?   the id of the one that may be taken
---@return boolean taken
function left.take_back(work, node, fits, only)
  for _, other in ipairs(earlier(work, node)) do
    local asked = not other.excluded and (not only or other.record.id == only)
    if asked and fits(moved_to(other.record, node.address), work.models[other.address]) then
      take_back(work, node, other)
      return true
    end
  end
  return false
end

--- Whether the creation that an interrupted run announced is gone on with.
local function goes_on(node)
  return node.decl and (node.action == "create" or node.action == "replace")
end

--- The new thing of a replacement that is not wanted any more, as one that goes.
local function find_new(work, node, pending)
  local intent = pending.intent
  local K, e = kinds.of(intent.type, intent.native ~= false and intent.desired or { [{}] = true })
  if not K then error(e, 0) end
  local lost = { address = beside.address(node.address, beside.PENDING), kind = K, depends = intent.depends or {},
    options = {}, type = intent.type, form = "resource", orphan = true, pending = pending }
  local id = handle_of.find_surely(work, { address = node.address, kind = K, type = intent.type }, pending)
  if id then
    lost.record = { address = lost.address, type = intent.type, id = id, declared = intent.desired or {}, attributes = {},
      target = intent.target or {}, depends = lost.depends, native = K.native, status = "partial" }
    local r = handle_of.new(work, lost, id)
    local model, why = K:read(r)
    if model == nil then error(why, 0) end
    work.models[lost.address], work.owners[lost.address] = model, r.owner_tags
    work.records[lost.address] = lost.record
  end
  work.nodes[lost.address] = lost
end

--- Finds what interrupted replacements made and nobody wants any more.
---@param work table
---@return true? ok, cso.Err?
local function find_left(work)
  local list, found = {}, {}
  -- What was found where nothing was remembered is what was announced there: there is no other.
  for _, record in ipairs(work.found) do found[record.address] = true end
  for address, pending in pairs(work.expected) do
    local node = work.nodes[address]
    if node and node.record and not found[address] and not node.excluded and not goes_on(node) then
      list[#list + 1] = { node, pending }
    end
  end
  local ok, e = pcall(task.map, list, function(one) find_new(work, one[1], one[2]) end, { limit = PARALLEL })
  if not ok then return nil, err.wrap(e) end
  return true
end

return setmetatable(left, { __call = function(_, work) return find_left(work) end })
