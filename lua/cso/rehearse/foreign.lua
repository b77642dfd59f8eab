--- What is not ours and matters: what the plan's properties name (somebody else's network), what has
--- the name of something new, what hangs on something that goes. It is read from the account and
--- brought into the simulator like our own.
local adopt = require "cso.apply.adopt"
local beside = require "cso.rehearse.beside"
local fill = require "cso.rehearse.fill"
local kinds = require "cso.kind"
local named = require "cso.rehearse.named"
local raw = require "cso.rehearse.raw"
local shape = require "cso.kind.shape"
local task = require "cso.task"
local value = require "cso.std.value"

local foreign = {}

-- A chain of things that name each other ends somewhere.
local DEEPEST = 6

local function id_names(type_name)
  local K = kinds.native(type_name)
  return K and K.id_name
end

-- Everything of ours that could be named: ids, ARNs, addresses.
local function own_strings(made)
  local known = {}
  local function note(v)
    if type(v) == "string" then known[v] = true
    elseif type(v) == "table" and not value.is_secret(v) and not value.is_ref(v) and not value.is_unknown(v) then
      for _, item in next, v do note(item) end
    end
  end
  for _, node in pairs(made.nodes) do
    if node.record and type(node.model) == "table" and node.kind then
      note(node.record.id)
      for name in pairs(node.kind.schema.attributes or {}) do note(node.model[name]) end
    end
  end
  return known
end

local function handle_of(run, K, id, target)
  return adopt.handle({ session = run.real, stack = run.stack, sleep = task.sleep, now = task.now,
    identity = function(t) return run.real:identity(t) end },
    { address = ("%s %s"):format(K.type, id), type = K.type, kind = K, target = target }, id)
end

local bring, bring_beside

-- Reads a thing by the kind of its type and brings what it names before it.
local function bring_native(run, type_name, id, target, depth)
  local K = kinds.native(type_name)
  if not K or K.spec.service == "local" then return end
  local r = handle_of(run, K, id, target)
  local model = K:read(r)
  if type(model) ~= "table" then
    run.looked[id] = model == false and "absent" or nil
    return
  end
  run.looked[id] = "there"
  local real_id = model[K.id_name]
  if type(real_id) == "string" then id = real_id end
  named.walk(K.schema, model, id_names, function(other, other_id) bring(run, other, other_id, target, depth + 1) end)
  -- What it stands in may have brought it: a network has a default group from the beginning.
  if run.known[id] then return end
  local ok, e = fill.one(run, { address = r.address, kind = K, id = id, model = model, target = target })
  if not ok then
    run.missing[r.address] = { err = e, id = id, foreign = true }
    return
  end
  for name in pairs(K.schema.attributes or {}) do
    if type(model[name]) == "string" and not K.schema.properties[name] then run.known[model[name]] = true end
  end
  for _, rule in ipairs(beside.there[K.type] or {}) do
    bring_beside(run, rule, { kind = K, desired = {}, record = { id = id, target = target } }, id)
  end
end

function bring(run, type_name, id, target, depth)
  local key = type_name .. "\0" .. id
  if run.known[id] or run.seen[key] or depth > DEEPEST then return end
  run.seen[key] = true
  local put = raw[type_name]
  if put then
    run.looked[id] = put(run, id, target)
  else
    bring_native(run, type_name, id, target, depth)
  end
end

local function filters_of(rule, node, id)
  local list = {}
  for filter, from in pairs(rule.filters) do
    local v = from == true and id or from ~= true and node.desired[from]
    if type(v) ~= "string" then return nil end
    list[#list + 1] = { Name = filter, Values = { v } }
  end
  table.sort(list, function(a, b) return a.Name < b.Name end)
  return { Filters = list }
end

local function params_of(rule, node, id)
  if rule.filters then return filters_of(rule, node, id) end
  if type(rule.params) == "function" then return rule.params(id, node) end
  local out = {}
  for member, from in pairs(rule.params or {}) do out[member] = from == true and id or from end
  for member, property in pairs(rule.names or {}) do
    if type(node.desired[property]) ~= "string" then return nil end
    out[member] = { node.desired[property] }
  end
  return out
end

-- Asks what stands beside a node, and brings it.
function bring_beside(run, rule, node, id)
  local target = node.decl and node.decl.target or node.record and node.record.target or {}
  local params = params_of(rule, node, id)
  if not params then return end
  local r = handle_of(run, node.kind, id or "new", target)
  -- Who may not look can't be told; the rehearsal then knows less.
  local out = r:try(rule[1], params)
  for _, item in ipairs(out and shape.each(out, rule.list) or {}) do
    local put = raw.beside[rule.type]
    if put then
      put(run, item, node, target, id)
    elseif not run.ours[item[rule.id]] then
      bring(run, rule.type, item[rule.id], target, 0)
    end
  end
end

-- A new thing whose name is its id may have a namesake.
local function bring_namesake(run, node)
  local K = node.kind
  local name = K.schema.properties[K.id_name] and node.desired[K.id_name]
  if K.native and type(name) == "string" and K.spec.service ~= "local" then
    bring(run, K.type, name, node.decl.target or {}, 0)
  end
end

local function sorted(nodes)
  local out = {}
  for _, node in pairs(nodes) do
    if node.kind and node.kind.spec.service ~= "local" then out[#out + 1] = node end
  end
  table.sort(out, function(a, b) return a.address < b.address end)
  return out
end

local makes = { create = true, replace = true }
local ends = { delete = true, replace = true }
local changes = { update = true, delete = true, replace = true }

--- Brings what our own things and the plan's new ones name. Before our own are made.
---@param run table
---@param made table
function foreign.named(run, made)
  run.known, run.ours, run.seen, run.missing, run.looked = own_strings(made), own_strings(made), {}, {}, {}
  for _, node in ipairs(sorted(made.nodes)) do
    local target = node.decl and node.decl.target or node.record and node.record.target or {}
    local function add(type_name, id) bring(run, type_name, id, target, 0) end
    if type(node.model) == "table" then named.walk(node.kind.schema, node.model, id_names, add) end
    if node.desired and node.action ~= "noop" then named.walk(node.kind.schema, node.desired, id_names, add) end
  end
end

--- Brings what stands in the way of what is made, and what hangs on what goes. After our own are
--- there.
---@param run table
---@param made table
function foreign.beside(run, made)
  for _, node in ipairs(sorted(made.nodes)) do
    if makes[node.action] then
      if node.action == "create" then bring_namesake(run, node) end
      for _, rule in ipairs(beside.create[node.type] or {}) do bring_beside(run, rule, node, nil) end
    end
    if node.record and type(node.model) == "table" then
      for _, rule in ipairs(beside.there[node.type] or {}) do bring_beside(run, rule, node, node.record.id) end
    end
    if changes[node.action] and node.record then
      for _, rule in ipairs(beside.change[node.type] or {}) do bring_beside(run, rule, node, node.record.id) end
    end
    if ends[node.action] and node.record then
      for _, rule in ipairs(beside.delete[node.type] or {}) do bring_beside(run, rule, node, node.record.id) end
    end
  end
end

return foreign
