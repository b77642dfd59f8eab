--- Secrets that nobody can give any more. State knows what it made by digests; the content lives in what
--- was declared to keep it. A run may have died, or failed, before that was made or given the secret, or
--- others deleted it. The maker then makes another one, where nobody who has the old one is left behind.
local deep = require "cso.std.deep"
local kinds = require "cso.kind"

local lost = {}

local NOBODY = {}

-- What a kind makes and keeps is asked once.
local makes = setmetatable({}, { __mode = "k" })

local function is_maker(K)
  local makes_some = makes[K]
  if makes_some == nil then
    makes_some = false
    for _, A in pairs(K.spec.service == "local" and K.schema.attributes or {}) do
      makes_some = makes_some or A.sensitive == true
    end
    makes[K] = makes_some
  end
  return makes_some
end

-- The maker at an address: a declared thing that is there and made a secret.
local function maker_of(work, address)
  local node = work.nodes[address]
  return node and node.decl and node.record and is_maker(node.kind) and node or nil
end

-- What a record waits for, as a set: one thing may need very many.
local function depends_on(work, record, address)
  local sets = work.depends_of
  if not sets[record] then
    sets[record] = {}
    for _, need in ipairs(record.depends or {}) do sets[record][need] = true end
  end
  return sets[record][address] == true
end

--- What users of a secret need it for: to be made, or to be given it for the first time.
local function wants(work, node, maker)
  if node.excluded or node.decl.recovers then return false end
  local record = node.record
  local copy = node.decl.restores
  -- What it is restored from brings along what it was given then.
  if copy then return copy.given ~= nil and copy.given[maker.address] ~= maker.record.id end
  if not record or work.models[node.address] == false or not depends_on(work, record, maker.address) then return true end
  -- It has what was made earlier: a run ended between the making and the giving.
  local given = record.keeps or record.given
  return given ~= nil and given[maker.address] ~= maker.record.id
end

-- The id of the secret that stands at an address, false where there is none; found out once for all who need it.
local function made_at(work, address)
  local maker = maker_of(work, address)
  local id = maker and maker.record.id or false
  work.made[address] = id
  return id
end

-- Whether what a thing was given is what the makers among its needs made last.
local function is_up_to_date(work, given, depends)
  if not given then return true end
  local made = work.made
  for i = 1, #depends do
    local need = depends[i]
    local id = made[need]
    if id == nil then id = made_at(work, need) end
    if id and given[need] ~= id then return false end
  end
  return true
end

-- Whether a thing wants nothing of any of the makers that it needs: it is there, needs them as its record
-- says, and was given no secret that is another one by now. So it is with most.
local function wants_nothing(work, node)
  local record = node.record
  return record and node.action ~= "replace" and rawget(work.models, node.address) ~= false
    and node.kind.spec.keeps == nil and deep.equal_lists(node.depends, record.depends or NOBODY)
    and is_up_to_date(work, rawget(record, "keeps") or rawget(record, "given"), node.depends) or false
end

-- The same, found out once for each: many makers may ask.
local function is_content(work, node)
  local content = work.content[node]
  if content == nil then
    content = wants_nothing(work, node)
    work.content[node] = content
  end
  return content
end

--- Whether a record's thing keeps what a maker made last.
local function keeps(work, record, maker)
  local K = kinds.native(record.type)
  if not K or not K.spec.keeps or record.declared[K.spec.keeps] == nil then return false end
  if not depends_on(work, record, maker.address) then return false end
  -- A secret that was made anew is kept once its keeper was written after it.
  return not record.keeps or record.keeps[maker.address] == maker.record.id
end

local keeping = {} -- type -> whether things of it keep secrets

local function may_keep(record)
  local known = keeping[record.type]
  if known == nil then
    local K = kinds.native(record.type)
    known = K ~= nil and K.spec.keeps ~= nil
    keeping[record.type] = known
  end
  return known
end

-- The makers of whom somebody may want something, in the order of their addresses: mostly everybody is content,
-- and then none of the many users of each has to be looked at.
local function asked(work)
  local nodes, found = work.nodes, {}
  if not next(work.graph.after) then return deep.sorted_pairs(found) end -- nobody needs anybody
  for _, name in ipairs(work.graph.names) do
    local node = nodes[name]
    if node and node.depends[1] ~= nil and node.decl and node.form == "resource" and not wants_nothing(work, node) then
      for _, need in ipairs(node.depends) do found[need] = maker_of(work, need) end
    end
  end
  return deep.sorted_pairs(found)
end

-- The resources that need a maker, in the order of their addresses.
local function users_of(work, address)
  local users = {}
  for _, name in ipairs(work.graph.after[address]) do
    local node = work.nodes[name]
    if node and node.decl and node.form == "resource" then users[#users + 1] = node end
  end
  return users
end

-- What is remembered to keep what a maker made, in the order of addresses.
local function keepers_of(work, address)
  local lists = work.keepers
  if not lists then
    lists = {}
    for _, name in ipairs(work.graph.names) do
      local record = work.nodes[name] and work.nodes[name].record
      for _, need in ipairs(record and may_keep(record) and record.depends or NOBODY) do
        lists[need] = lists[need] or {}
        table.insert(lists[need], record)
      end
    end
    work.keepers = lists
  end
  return lists[address] or NOBODY
end

--- What was touched since a run last came to its end: a secret of then may have reached nobody.
local function touched_lately(work)
  local out = {}
  for _, run in ipairs(work.store:runs()) do
    if run.result and run.result.whole then break end
    for address in pairs(work.store:touched_by(run.id)) do out[address] = true end
  end
  return out
end

--- A keeper that was deleted may still be had from its service.
local function recovered(work, node, maker)
  local record = node.kind.spec.recover and not node.decl.recovers and work.store:last_before(node.address)
  if not record or record.type ~= node.type or not keeps(work, record, maker) then return false end
  local name = node.kind.spec.name
  if name and node.decl.properties[name[1]] ~= record.declared[name[1]] then return false end
  local r = work.handle_for({ address = node.address, kind = node.kind, record = record, type = node.type }, record.id)
  if not node.kind.spec.recover.can(r) then return false end
  node.decl.recovers = record
  return true
end

--- A rollback leaves out what its run did not touch; who makes a secret anew, and who gets it, takes part.
local function draw_in(work, one)
  if not work.opts.only then return end
  one.node.excluded = false
  for _, node in ipairs(one.users) do node.excluded = false end
end

local function is_kept(work, one)
  for _, record in ipairs(one.keepers) do
    if work.models[record.address] ~= false and keeps(work, record, one.node) then return true end
  end
  for _, node in ipairs(one.users) do
    if node.decl.recovers and keeps(work, node.decl.recovers, one.node) then return true end
  end
  return false
end

--- Who is to keep a secret, who else wants it first, and whether somebody has it and goes on having it.
local function standing(work, one)
  local keepers, wanting, held = NOBODY, nil, false
  for _, node in ipairs(one.users) do
    local keep = node.kind.spec.keeps
    if is_content(work, node) then
      held = true
    elseif keep and node.decl.properties[keep] ~= nil then
      -- An old keeper has an earlier secret, or else it would keep this one.
      if node.excluded then
        held = true
      else
        keepers = keepers == NOBODY and {} or keepers
        keepers[#keepers + 1] = node
      end
    elseif node.action == "replace" and not node.decl.restores or wants(work, node, one.node) then
      wanting = wanting or node
    else
      held = true
    end
  end
  return keepers, wanting, held
end

--- The address for whose sake a maker has to make another secret, or nil.
local function for_whom(work, one)
  local keepers, wanting, held = standing(work, one)
  local first = keepers[1]
  if not first and not wanting or is_kept(work, one) then return nil end
  if first and not wanting then
    for _, node in ipairs(keepers) do
      if recovered(work, node, one.node) then return nil end
    end
  end
  if first then return first.address end
  if held then
    work.touched_lately = work.touched_lately or touched_lately(work)
    if not work.touched_lately[one.node.address] then return nil end
  end
  return wanting.address
end

local function mark(work)
  local any = false
  work.content, work.depends_of, work.made = {}, {}, {} -- what was decided since may have changed it
  for address, node in asked(work) do
    if not node.lost and not node.decl.at_hand and node.action ~= "replace" and work.models[address] ~= false
      and (not node.excluded or work.opts.only) then
      local one = { node = node, users = users_of(work, address), keepers = keepers_of(work, address) }
      node.lost = for_whom(work, one)
      if node.lost then
        any = true
        draw_in(work, one)
      end
    end
  end
  return any
end

--- Before anything is decided.
---@param work table
function lost.mark(work)
  mark(work)
  return true
end

--- Once it is decided what is replaced: what is made anew wants its secret again.
---@param work table   with decide_again
---@return true? ok, cso.Err?
function lost.again(work)
  if not mark(work) then return true end
  return work.decide_again()
end

return setmetatable(lost, { __call = function(_, work) return lost.mark(work) end })
