--- A state made anew from the account: what bears this stack's ownership tags says its address itself;
--- what can't bear tags is found by what the playbook declares of it. Nothing in the account is changed.
local compare = require "cso.kind.compare"
local deep = require "cso.std.deep"
local discover = require "cso.import.discover"
local handle = require "cso.kind.handle"
local kind_calls = require "cso.kind.calls"
local kinds = require "cso.kind"
local names = require "cso.kind.names"
local recover = require "cso.import.recover"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local rebuild = {}

---@class cso.import.Rebuilt
---@field records cso.Record[]   sorted by address
---@field outputs table<string, any>
---@field lost { address: string, type: string?, reason: string }[]   declared, and found nowhere
---@field odd { address: string, type: string, id: string, reason: string }[]   ours by its tags, and not taken
---@field refused { type: string, reason: string }[]   types that could not be listed

local function key_of(type_name, id, target) return ("%s\0%s\0%s"):format(type_name, id, target and target.region or "") end

local function short_type(address)
  local service, name = address:match "([%w]+)%.([%w]+)%.[^/]*$"
  return service and ("AWS::%s::%s"):format(service, name)
end

local function same_place(work, a, b)
  a, b = a or {}, b or {}
  return (a.region or work.region) == (b.region or work.region) and a.profile == b.profile and a.role == b.role
end

-- What belongs to no region is listed in each that was asked: it is one thing, where its declaration says.
local function seen_once(work, list, decl)
  local out, at = {}, {}
  for _, item in ipairs(list) do
    local key = key_of(item.type, item.id)
    if not at[key] then
      at[key] = #out + 1
      out[at[key]] = item
    elseif decl and same_place(work, item.target, decl.target) then
      out[at[key]] = item
    end
  end
  return out
end

-- Everything of ours by address; two of one address are told apart by nobody.
local function sort_out(work, items)
  local owned, declared = {}, {}
  for _, decl in ipairs(work.program.declarations) do declared[decl.address] = decl end
  for _, item in ipairs(items) do
    local own = item.tags or {}
    if own[tags.OWNER.stack] == work.stack and own[tags.OWNER.address] then
      local address = own[tags.OWNER.address]
      owned[address] = owned[address] or {}
      table.insert(owned[address], item)
    end
  end
  for _, address in ipairs(deep.keys(owned)) do
    local list = seen_once(work, owned[address], declared[address])
    if #list == 1 then
      work.owned[address] = list[1]
    else
      for _, item in ipairs(list) do
        work.odd[#work.odd + 1] = { address = address, type = item.type, id = item.id,
          reason = ("%d things bear this address"):format(#list) }
      end
    end
  end
end

local function handle_for(work, address, K, item)
  return handle.new {
    kind = K, address = address, type = K.type, id = item and item.id, target = item and item.target or {},
    stack = work.stack, sleep = work.sleep, now = work.now, session = work.session, identity = work.identity,
    own = { [tags.OWNER.stack] = work.stack, [tags.OWNER.address] = address }, invoke = kind_calls.plain(work.session),
  }
end

local function lookup(work)
  return function(address, path)
    local record = work.records[address]
    local v = record and deep.get(record.attributes, path)
    if v ~= nil then return v end
    return value.unknown { from = address, path = path }
  end
end

-- The declared properties as far as they are known, with a made-up name where none was given.
local function desired_of(work, decl, K)
  local tree = value.resolve(decl.properties, lookup(work))
  local rule = K.spec.name
  if rule and tree[rule[1]] == nil then tree[rule[1]] = names.make(rule, work.stack, decl.address) end
  if K.spec.prepare then
    tree = K.spec.prepare(tree, { address = decl.address, kind = K, decl = decl, desired = tree }) or tree
  end
  for _, property in ipairs(deep.keys(tree)) do
    if value.has_unknown(tree[property]) then tree[property] = nil end
  end
  return tree
end

--- What can't bear tags and is looked up by no key: the only one of its type whose fixed properties are
--- those that are declared.
local function alike(work, decl, K, desired)
  local found
  for _, item in ipairs(work.items) do
    local same = item.type == decl.type and same_place(work, item.target, decl.target)
      and not K.tag_property
      and not work.taken[key_of(item.type, item.id, item.target)]
    for property, P in pairs(same and K.schema.properties or {}) do
      if P.required or P.create_only then
        same = same and (desired[property] == nil
          or compare.property(K, property, desired[property], item.model[property], { desired = desired }))
      end
    end
    if same then
      if found then return nil, "more than one thing is like it" end
      found = item
    end
  end
  return found
end

-- What it is made of may itself not have been found.
local function unfound(decl, K, desired)
  for _, property in ipairs(deep.keys(K.schema.properties)) do
    if K.schema.properties[property].required and desired[property] == nil and decl.properties[property] ~= nil then
      return ("what its %s comes from is not found either"):format(property)
    end
  end
end

local function find(work, decl, K, desired)
  local item = work.owned[decl.address]
  if item and item.type == decl.type then return item end
  local r = handle_for(work, decl.address, K)
  r.desired, r.target = desired, decl.target or {}
  local id, e = K:find(r)
  if id then return { type = decl.type, id = id, kind = K, target = decl.target or {} } end
  local like, why = alike(work, decl, K, desired)
  return like, why or unfound(decl, K, desired) or e and e.message
end

local function keep(work, decl, K, item, model, declared)
  work.taken[key_of(item.type, item.id, item.target)] = true
  local options = decl and decl.options or {}
  work.records[decl and decl.address or item.address] = {
    address = decl and decl.address or item.address, type = item.type, id = item.id, declared = declared,
    attributes = value.cover(model, declared), target = decl and decl.target or item.target or {},
    depends = decl and decl.depends or {},
    protect = options.protect or nil, retain = options.retain or nil, native = K.native, status = "ready",
  }
end

local function lose(work, decl, reason)
  work.lost[#work.lost + 1] = { address = decl.address, type = decl.type, reason = reason }
end

local function resource(work, decl)
  local K, e = kinds.of(decl.type, decl.properties)
  if not K then return lose(work, decl, e.message) end
  local desired = desired_of(work, decl, K)
  if K.spec.service == "local" then
    local attributes = recover(work, decl, K, desired, handle_for, lookup(work))
    if not attributes then return lose(work, decl, "it lived in the state only, and nothing in the account keeps it whole") end
    return keep(work, decl, K, { type = decl.type, id = attributes.Id, target = {} }, attributes, desired)
  end
  local item, why = find(work, decl, K, desired)
  if not item then return lose(work, decl, why or "nothing in the account bears its tags or its name") end
  local r = handle_for(work, decl.address, K, item)
  r.desired = desired
  local model
  model, e = K:read(r)
  if not model then return lose(work, decl, e and e.message or "it is not there any more") end
  keep(work, decl, K, item, model, desired)
end

-- In the order in which they need each other; what waits for a step waits for what that waits for.
local function in_order(declarations)
  local by, done, out = {}, {}, {}
  for _, decl in ipairs(declarations) do by[decl.address] = decl end
  local function visit(decl)
    if done[decl.address] then return end
    done[decl.address] = true
    for _, need in ipairs(decl.depends or {}) do
      if by[need] then visit(by[need]) end
    end
    out[#out + 1] = decl
  end
  for _, decl in ipairs(declarations) do visit(decl) end
  return out
end

-- What is ours and not declared (any more) is remembered all the same: the next plan removes it, and says so.
local function undeclared(work)
  for _, address in ipairs(deep.keys(work.owned)) do
    local item = work.owned[address]
    if not work.records[address] and not work.taken[key_of(item.type, item.id, item.target)] then
      local said = short_type(address)
      if said and said ~= item.type then
        work.odd[#work.odd + 1] = { address = address, type = item.type, id = item.id, reason = "its tags are another thing's" }
      else
        item.address, work.loose[address] = address, true
        keep(work, nil, item.kind, item, item.model, {})
      end
    end
  end
end

local function strings_in(v, fn)
  if type(v) == "string" then fn(v) elseif type(v) == "table" and not value.is_secret(v) then
    for _, item in pairs(v) do strings_in(item, fn) end
  end
end

-- What nobody declares needs what it names: else it would be deleted in any order.
local function tie(work)
  local by_id = {}
  for address, record in pairs(work.records) do by_id[record.id] = address end
  for _, address in ipairs(deep.keys(work.records)) do
    local record, needs = work.records[address], {}
    local K = work.loose[address] and kinds.recorded(record)
    for property in pairs(K and K.schema.properties or {}) do
      strings_in(record.attributes[property], function(text)
        local other = by_id[text]
        if other and other ~= address and not deep.contains(work.records[other].depends, address) then needs[other] = true end
      end)
    end
    if K then record.depends = deep.keys(needs) end
  end
end

local function targets_of(program, region)
  local list, seen = { { region = region } }, { [region or ""] = true }
  for _, decl in ipairs(program and program.declarations or {}) do
    local target = decl.target or {}
    local key = ("%s|%s|%s"):format(target.region or region or "", target.profile or "", target.role or "")
    local plain = not target.profile and not target.role
    if not seen[plain and (target.region or region or "") or key] then
      seen[plain and target.region or key] = true
      list[#list + 1] = target
    end
  end
  return list
end

local function outputs_of(work)
  local outputs = {}
  for _, output in ipairs(work.program.outputs or {}) do
    local v = value.resolve({ output.value }, lookup(work))[1]
    if not value.has_unknown(v) then outputs[output.name] = v end
  end
  return outputs
end

-- What the playbook declares is looked for even where a sweep would not.
local function types_of(program, types)
  local seen, out = deep.index(types), deep.copy(types)
  for _, decl in ipairs(program.declarations) do
    if decl.form == "resource" and decl.type:match "^AWS::" and not seen[decl.type] then
      seen[decl.type] = true
      out[#out + 1] = decl.type
    end
  end
  table.sort(out)
  return out
end

--- Makes the records.
---@param opts { program: table?, stack: string, session: table, types: string[], region: string?, sleep: function?, now: function?, identity: function? }
---@return cso.import.Rebuilt
function rebuild.run(opts)
  local work = { program = opts.program or { declarations = {} }, stack = opts.stack, session = opts.session, sleep = opts.sleep,
    now = opts.now, identity = opts.identity, region = opts.region, owned = {}, taken = {}, loose = {}, records = {}, lost = {},
    odd = {}, items = {}, refused = {} }
  local types = types_of(work.program, opts.types)
  for _, target in ipairs(targets_of(opts.program, opts.region)) do
    local found = discover.find { session = opts.session, types = types, target = target, stack = opts.stack,
      sleep = opts.sleep, now = opts.now }
    table.move(found.items, 1, #found.items, #work.items + 1, work.items)
    table.move(found.refused, 1, #found.refused, #work.refused + 1, work.refused)
  end
  sort_out(work, work.items)
  -- What lived in the state only is known when those are found that keep it; then what uses it is
  -- looked at once more.
  for _ = 1, 3 do
    work.lost, work.taken = {}, {}
    for _, decl in ipairs(in_order(work.program.declarations)) do
      if decl.form == "resource" then resource(work, decl) end
    end
  end
  undeclared(work)
  tie(work)
  local records = {}
  for i, address in ipairs(deep.keys(work.records)) do records[i] = work.records[address] end
  table.sort(work.lost, function(a, b) return a.address < b.address end)
  return { records = records, outputs = outputs_of(work), lost = work.lost, odd = work.odd, refused = work.refused }
end

return rebuild
