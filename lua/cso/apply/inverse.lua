--- The inverse of a plan: what each thing was before the run. It is on disk before the run's first
--- call, so a run can be undone however it ended.
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local packed = require "cso.std.packed"
local value = require "cso.std.value"

local inverse = {}

-- A text that short may be equal to something else by chance.
local SHORTEST = 6

local HIDDEN, LATER = "(sensitive)", "(known after apply)"

--- A value as the history shows it: no secret, nothing that is not plain.
local function plain(v)
  if value.is_secret(v) then return HIDDEN end
  if value.is_unknown(v) or value.is_ref(v) then return LATER end
  if type(v) ~= "table" then return v end
  local out = {}
  for k, item in next, v do out[k] = plain(item) end
  return setmetatable(out, getmetatable(v) == json.array_mt and json.array_mt or nil)
end

local function shown(changes)
  local function side(c, v)
    if v ~= nil and c.sensitive then return HIDDEN end
    return plain(v)
  end
  local out = {}
  for i, c in ipairs(changes or {}) do
    out[i] = { path = c.path, replaces = c.replaces or nil, sensitive = c.sensitive or nil, unknown = c.unknown or nil,
      before = side(c, c.before), after = side(c, c.after) }
  end
  return json.array(out)
end

--- Texts by which a record is named in what uses it: its id and what else only its service gives it.
local function names_of(record, K, found)
  local function add(path, v)
    if type(v) == "string" and #v >= SHORTEST then
      found[#found + 1] = { text = v, address = record.address, path = path }
    elseif type(v) == "table" and not value.is_secret(v) then
      for k, item in next, v do
        if type(k) == "string" then add(path .. "." .. k, item) end
      end
    end
  end
  if K and K.id_name then add(K.id_name, record.id) end
  local seen = {}
  for name in pairs(K and K.schema.attributes or {}) do
    local head = name:match("^[^.]+")
    if not seen[head] then
      seen[head] = true
      add(head, record.attributes[head])
    end
  end
end

local function strings_of(tree, out)
  if type(tree) == "string" then
    out[#out + 1] = tree
    out[#out + 1] = packed.open(tree)
  elseif type(tree) == "table" and not value.is_secret(tree) then
    for _, item in next, tree do strings_of(item, out) end
  end
  return out
end

-- The names that stand in one of the texts join those that were found before.
local function keep_those_in(texts, names, refs)
  for _, one in ipairs(names) do
    for _, text in ipairs(texts) do
      if text:find(one.text, 1, true) then
        refs[#refs + 1] = one
        break
      end
    end
  end
end

--- Without the names that are another's id: an instance tells which VPC it is in, but the VPC's id is the VPC's,
--- and who named that does not need another when the instance is made anew.
---@param refs { text: string, address: string, path: string }[]
---@param records table<string, cso.Record>
---@param owners table<string, any>   addresses of those whose ids they may be
local function own(refs, records, owners)
  local wanted, of, out = {}, {}, json.array {}
  for _, ref in ipairs(refs) do
    local record = records[ref.address]
    if record.id ~= ref.text then wanted[ref.text] = true end
  end
  for address in next, next(wanted) and owners or {} do
    local record = records[address]
    if record and record.id and wanted[record.id] then of[record.id] = true end
  end
  for _, ref in ipairs(refs) do
    if not of[ref.text] or records[ref.address].id == ref.text then out[#out + 1] = ref end
  end
  return out
end

--- Which texts of a record's properties came from what it needs: when that is made anew, they will
--- be others.
local function refs_of(plan, record)
  local texts
  local refs, owners = {}, {}
  for _, need in ipairs(record.depends or {}) do
    owners[need] = true
    local other, node = plan.records[need], plan.nodes[need]
    if other and node then
      local found = {}
      names_of(other, node.kind, found)
      texts = texts or strings_of(record.declared, {})
      keep_those_in(texts, found, refs)
    end
  end
  return own(refs, plan.records, owners)
end

--- Where a short value stood that a ref still declares and whose source had it: versions and numbers are
--- told by their place, since equal texts say nothing.
---@param plan table
---@param decl table          the declaration as it is now
---@param record cso.Record
---@return { at: (string|integer)[], address: string, path: string }[]
local function places_of(plan, decl, record)
  local out, at = {}, {}
  local function visit(said, had)
    local address, path = value.info(said)
    if address then
      local source = plan.records[address]
      if source and had ~= nil and type(had) ~= "table" and #tostring(had) < SHORTEST
        and deep.get(source.attributes, path) == had then
        out[#out + 1] = { at = table.move(at, 1, #at, 1, json.array {}), address = address, path = path }
      end
    elseif type(said) == "table" and type(had) == "table" and not value.is_secret(said) and not value.is_ref(said)
      and not value.is_secret(had) then
      for _, k in ipairs(deep.keys(said)) do
        at[#at + 1] = k
        visit(said[k], had[k])
        at[#at] = nil
      end
    end
  end
  visit(decl.properties, record.declared)
  return json.array(out)
end

--- Which texts of the outputs came from things that the plan touches.
---@param plan table
---@param outputs table<string, any>
---@return { text: string, address: string, path: string }[]
function inverse.refs_of_outputs(plan, outputs)
  local texts, refs = strings_of(outputs, {}), {}
  for _, action in ipairs(#texts > 0 and plan.actions or {}) do
    local node, record = plan.nodes[action.address], plan.records[action.address]
    local found = {}
    if action.action ~= "noop" and record and node.kind then names_of(record, node.kind, found) end
    keep_those_in(texts, found, refs)
  end
  return own(refs, plan.records, plan.records)
end

--- What a run that changes properties found in those of which nobody ever said anything: going back
--- to "undeclared" would not set them.
local function found_in(node, record)
  local kept, model = {}, node.model
  for _, property in ipairs(node.updates or {}) do
    if record.declared[property] == nil and type(model) == "table" and model[property] ~= nil
      and property ~= node.kind.tag_property and not (node.kind.schema.properties[property] or {}).sensitive
      and node.kind:default_of(property) == nil
      and not node.kind:removes(property) then
      kept[property] = model[property]
    end
  end
  return kept
end

-- Without what is a secret now or was one when it was applied.
local function hidden(found, node, record)
  return value.cover(value.cover(found, node.desired), record.declared)
end

local function options_of(node)
  local o = node.options or {}
  return { ignore = o.ignore, timeouts = o.timeouts, replace = o.replace }
end

local function before_of(plan, node, action)
  local record = node.form == "resource" and (node.old or node.record) or nil
  if record and record.restored then record = nil end
  return {
    address = action.address, action = action.action, before = record,
    detail = { loses = action.loses, changes = shown(action.changes), options = options_of(node),
      form = node.form ~= "resource" and node.form or nil,
      refs = record and refs_of(plan, record) or nil,
      places = record and node.decl and places_of(plan, node.decl, record) or nil,
      kept = record and action.action == "update" and hidden(found_in(node, record), node, record) or nil },
  }
end

--- The inverses of all that a plan does, in the form in which the store keeps them: one after the other,
--- for of many they are as large as the plan.
---@param plan table
---@return fun(): cso.Before?
function inverse.each(plan)
  local at = 0
  return function()
    repeat at = at + 1 until not plan.actions[at] or plan.actions[at].action ~= "noop"
    local action = plan.actions[at]
    return action and before_of(plan, plan.nodes[action.address], action)
  end
end

return inverse
