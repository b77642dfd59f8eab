--- Decides, in dependency order, what happens to each declared thing. A decision makes the values
--- that later refs resolve to: known ones, or unknowns where they will be known only afterwards.
local lazy = require "cso.std.lazy"
local accepted = lazy "cso.kind.accepted"
local actions = require "cso.plan.actions"
local beside = require "cso.plan.beside"
local deep = require "cso.std.deep"
local diff = lazy "cso.kind.diff"
local err = require "cso.std.err"
local ignore = lazy "cso.kind.ignore"
local names = lazy "cso.kind.names"
local needs = require "cso.graph.needs"
local read = require "cso.kind.read"
local recall = require "cso.plan.recall"
local secrets = lazy "cso.kind.secrets"
local settled = require "cso.plan.settled"
local tags = lazy "cso.kind.tags"
local value = require "cso.std.value"

local NOWHERE = {} -- the target of what has none of its own
local NONE = {} -- what all have in common that have none; nobody writes to it

local function head_of(path)
  return path:match("^[^.]+")
end

-- Most paths are one name.
local function get(tree, path)
  local v = tree[path]
  if v == nil then v = deep.get(tree, path) end
  return v
end

--- The catalogue's type of an attribute or property, so that an unknown can be checked and shown.
local function type_of(node, path)
  local schema = node and node.kind and node.kind.schema
  if not schema then return nil end
  local found = schema.attributes and schema.attributes[path] or schema.properties[path]
  return found and found.type
end

--- What a ref to a decided node resolves to while planning.
local function lookup(work, address, path)
  local node = work.nodes[address]
  local function unknown()
    return value.unknown { from = address, path = path, type = type_of(node, path) }
  end
  if not node or node.form == "step" then return unknown() end
  local action, head = node.action, head_of(path)
  if action == "create" or action == "replace" then
    local v = node.desired and get(node.desired, path)
    if v == nil then return unknown() end
    return v
  end
  if action == "update" then
    if deep.contains(node.kind.spec.volatile, head) then return unknown() end
    if node.desired[head] ~= nil and not deep.contains(node.kind.spec.write_only, head) then
      return deep.get(node.desired, path)
    end
  end
  local v = node.model and get(value.cover(node.model, node.desired), path)
  if v == nil and node.record then v = get(node.record.attributes, path) end
  if v == nil and node.record and node.record.status ~= "ready" then return unknown() end
  if type(v) ~= "table" then return v end
  return secrets.with_fetch(v, work.records, function(other, K, record)
    return work.handle_for({ address = other, kind = K, record = record, type = record.type }, record.id)
  end)
end

--- The declared properties with refs resolved and a name made where none was given.
local function desired_of(work, node)
  local tree = value.resolve(node.decl.properties, work.lookup)
  local rule = node.kind.spec.name
  if rule and tree[rule[1]] == nil then
    local record = node.record
    tree[rule[1]] = record and record.attributes[rule[1]]
      or names.make(rule, work.stack, node.address, record and record.generation)
    node.named = rule[1]
  end
  if node.kind.spec.prepare then
    local made, e = node.kind.spec.prepare(tree, node)
    if e and node.where then e.where = ("%s:%s"):format(node.where.file, node.where.line) end
    tree, work.refused = made or tree, work.refused or e
  end
  tree, node.accepted = accepted.apply(node.record, tree)
  return tree
end

local function decide_step(work, node)
  local evidence, why = work.store:evidence(node.address), {}
  if not evidence then
    why[1] = "it has not passed yet"
  else
    for _, need in ipairs(node.depends) do
      local other = work.nodes[need]
      if other.action and other.action ~= "noop" then why[#why + 1] = need .. " changes" end
    end
  end
  actions.decide(work, node, #why > 0 and "run" or "noop", why)
end

local function same_target(a, b)
  return (a.region or "") == (b.region or "") and (a.profile or "") == (b.profile or "") and (a.role or "") == (b.role or "")
end

-- What goes with later calls (a deletion's, say) has to be known by then.
local function flags_kept(node, record, reasons)
  for _, flag in ipairs(node.kind.spec.flags or {}) do
    if not deep.equal(node.desired[flag], record.declared[flag]) then
      reasons[#reasons + 1] = ("%s goes with later calls"):format(flag)
    end
  end
end

-- Begins the list of reasons of `remembered_otherwise`.
local function kept_otherwise(record, options)
  local reasons = {}
  if (record.protect or false) ~= (options.protect or false) then
    reasons[1] = options.protect and "it is protected from now on" or "its protection is lifted"
  end
  if (record.retain or false) ~= (options.retain or false) then
    reasons[#reasons + 1] = options.retain and "it stays when it is no longer declared"
      or "it goes when it is no longer declared"
  end
  return reasons
end

--- What is only remembered of a thing, and is remembered otherwise than it is declared.
local function remembered_otherwise(work, node)
  local record = node.record
  local reasons = kept_otherwise(record, node.options)
  if node.kind.flags then flags_kept(node, record, reasons) end
  if node.taken_back then reasons[#reasons + 1] = "the earlier one is still there and is taken back" end
  if record.restored then reasons[#reasons + 1] = "it is remembered again" end
  if not needs.are(node, work.nodes, record.depends or {}) then
    reasons[#reasons + 1] = "what it has to wait for is another"
  end
  if #reasons == 0 and work.unfinished[node.address] then
    reasons[1] = "an interrupted run changed it, which is not remembered yet"
  end
  return reasons
end

--- It was moved: its ownership tag still names the old address. No change that anybody has to see,
--- but the next run that does something renews it.
local function tagged_otherwise(work, node, owner)
  if owner == nil or node.kind.tag_property == nil then return nil end
  -- What died between its creation and its tagging says nothing of an owner yet.
  if owner[tags.OWNER.stack] == nil then return node.record.status == "partial" and owner or nil end
  return owner[tags.OWNER.stack] == work.stack and owner[tags.OWNER.address] ~= node.address and owner or nil
end

--- Why a new thing can't stand beside the old one, and what to do about it where something can be done:
--- they would have the same name.
local function name_conflict(node)
  local K, record = node.kind, node.record
  local rule = K.spec.name
  if rule and not rule.shared and not node.named and node.desired[rule[1]] ~= nil
    and node.desired[rule[1]] == record.declared[rule[1]] then
    return ("%s is declared, and the old one has it still"):format(rule[1]),
      ("leave %s out, so that csorun makes a new one"):format(rule[1])
  end
  local same = K.spec.claims and #K.spec.claims > 0
  for _, property in ipairs(K.spec.claims or {}) do
    same = same and deep.equal(node.desired[property], record.declared[property])
  end
  if same then
    local what = table.concat(K.spec.claims, " and ", 1, math.min(2, #K.spec.claims))
    return ("its %s stays, and only one can have that"):format(what),
      "change that, too"
  end
  if not K.spec.natural then return nil end
  local ok, id = pcall(K.spec.natural, { desired = node.desired, kind = K, target = record.target or {}, id = nil })
  if ok and id == record.id then
    return "there can be only one of it: " .. record.id
  end
end

--- What would have to change, and why that needs another thing.
local function compared(work, node)
  local record, declared = node.record, desired_of(work, node)
  local broken = read.failure(node.model)
  -- What failed shows no longer what it was made as: that is not why it has to be made again.
  local model = broken and deep.merge(record.attributes, record.declared) or node.model
  node.desired = ignore.apply(node.kind, node.options.ignore, declared, model, record)
  local changes, updates, reasons, stays = diff.changes(node, node.desired, model, record)
  node.stays = stays
  if broken then table.insert(reasons, 1, broken) end
  if record.status == "tainted" and not broken then reasons[#reasons + 1] = "it is marked as tainted" end
  if node.lost then reasons[#reasons + 1] = ("its secret is kept nowhere, and %s needs it"):format(node.lost) end
  local back = node.decl.restores
  if back and record.restored_from ~= back.from then
    reasons[#reasons + 1] = ("what was there before is restored from its last snapshot, %s"):format(back.from)
  end
  if node.follows then reasons[#reasons + 1] = node.follows end
  if node.decl.anew then reasons[#reasons + 1] = node.decl.anew end
  if node.asked then reasons[#reasons + 1] = "you asked for it" end
  if not same_target(record.target or NOWHERE, node.decl.target or NOWHERE) then
    reasons[#reasons + 1] = "its region or account changes"
  end
  return changes, updates, reasons, declared
end

--- Whether an earlier thing is what is declared.
local function fits(work, node)
  return function(record, model)
    local _, _, reasons = compared(work, setmetatable({ record = record, model = model }, { __index = node }))
    return #reasons == 0
  end
end

--- Takes the place of an action that would make a thing, where an earlier one is still there and will do.
local function take_back(work, node, only)
  return beside.has_earlier(work, node) and beside.take_back(work, node, fits(work, node), only)
end

-- What is settled, and waits for what it waited for, stays.
local function remains(work, node, model)
  if not settled(work, node, model) or not needs.are(node, work.nodes, node.record.depends or NONE) then return false end
  if node.action then node.accepted, node.interrupted, node.stays, node.retag = nil, nil, nil, nil end -- once more
  node.desired, node.updates = node.decl.properties, NONE
  local owner = work.owners[node.address]
  if owner then node.retag = tagged_otherwise(work, node, owner) end
  actions.stay(work, node)
  return true
end

local function decide_existing(work, node)
  if remains(work, node, node.model) then return end
  local changes, updates, reasons, declared = compared(work, node)
  local was = node.decl.was
  if #reasons > 0 or was and was ~= node.record.id then
    -- What will do may go only for the very thing that a rollback names.
    if take_back(work, node, #reasons == 0 and was or nil) then changes, updates, reasons, declared = compared(work, node) end
  end
  local record = node.record
  if #reasons > 0 then
    node.stays = nil
    local first = node.options.replace == "create_first" or node.room
    node.replace_order = first and "create_first" or "delete_first"
    if node.room then reasons[#reasons + 1] = node.room end
    node.old, node.pending = record, work.expected[node.address]
    -- A new thing is made as it is declared: nobody else has said anything of it yet.
    node.desired = declared
    local why_not, instead
    if first then why_not, instead = name_conflict(node) end
    if why_not then
      work.refused = work.refused or err.new { code = "name_conflict", class = "usage",
        hint = (instead and instead .. ", or " or "") .. "let the old one go first: replace = \"delete_first\"",
        where = node.where and ("%s:%s"):format(node.where.file, node.where.line) or nil,
        message = ("%s can't be made before the old one goes: %s"):format(node.address, why_not) }
    end
    if node.named and node.replace_order == "create_first" then
      node.generation = (record.generation or 0) + 1
      node.desired[node.named] = names.make(node.kind.spec.name, work.stack, node.address, node.generation)
    end
    return actions.decide(work, node, "replace", reasons, changes)
  end
  node.updates = updates
  -- What only state knows is a change too: a plan that hid it would never be applied.
  local kept = remembered_otherwise(work, node)
  node.interrupted = work.unfinished[node.address]
  node.retag = tagged_otherwise(work, node, work.owners[node.address])
  if #updates == 0 and record.status == "partial" then kept = { "its creation was interrupted" } end
  actions.decide(work, node, (#updates > 0 or #kept > 0) and "update" or "noop", kept, changes)
end

local function decide_resource(work, node)
  local light = recall.unasked(work, node)
  if light and remains(work, node, light) then return recall.when_asked(work, node) end
  node.model = work.models[node.address]
  if node.record and node.model or take_back(work, node) then return decide_existing(work, node) end
  node.desired = desired_of(work, node)
  node.pending = work.expected[node.address]
  local reasons = {}
  if node.record then
    node.vanished = true
    reasons[1] = "it was deleted outside of csorun"
  end
  if node.decl.recovers then reasons[#reasons + 1] = "what was deleted is still kept by its service and is taken back" end
  if node.decl.restores then
    reasons[#reasons + 1] = ("it is restored from its last snapshot, %s"):format(node.decl.restores.from)
  end
  actions.decide(work, node, "create", reasons, diff.created(node, node.desired))
end

local function decide(work)
  actions.begin(work)
  work.refused, work.unfinished = nil, work.store:unfinished()
  work.lookup = function(address, path) return lookup(work, address, path) end
  for _, address in ipairs(work.graph.order) do
    local node = work.nodes[address]
    -- What was beside another and is that one again has no node any more.
    if node and node.excluded then
      node.model = work.models[address]
      node.action = "noop"
      node.desired = {}
    elseif node and node.decl then
      if node.form == "step" then decide_step(work, node) else decide_resource(work, node) end
    end
  end
  if work.refused then return nil, work.refused end
  return true
end

return function(work)
  -- Others may find out that something has to be decided otherwise.
  work.decide_again = function() return decide(work) end
  work.beside_conflict = name_conflict
  return decide(work)
end
