--- Making a thing exactly once. An earlier attempt, of this run or of one that died, may have made
--- it already: then it is found and completed instead of being made a second time.
local beside = require "cso.graph.beside"
local deep = require "cso.std.deep"
local diff = require "cso.kind.diff"
local err = require "cso.std.err"
local find = require "cso.kind.find"
local read = require "cso.kind.read"
local record = require "cso.apply.record"
local removal = require "cso.apply.removal"
local surely = require "cso.apply.surely"
local tags = require "cso.kind.tags"

local ATTEMPTS = 10
local SHOWN = 30 -- seconds after which descriptions show what exists

--- Ids of this type that other addresses have. A moved one still bears the tag of its old address.
local function ids_of_others(run, node)
  local ids = {}
  for address, other in pairs(run.store_records) do
    if other.type == node.type and address ~= node.address then ids[other.id] = true end
  end
  return ids
end

--- Looks for what an earlier attempt may have left, with the properties that attempt had.
local function look(run, node, r, sent)
  local desired = r.desired
  -- Only a search needs to know the others: asked for each creation it would cost their square.
  -- "There is none" is an answer here, also about something that stands in what is new.
  r.desired, r.others, r.looking = sent, ids_of_others(run, node), true
  local id, e = node.kind:find(r)
  r.desired, r.looking = desired, nil
  return id, e
end

-- A service that knows a repeated creation by its token or by a name that is taken says so by itself.
-- Of all others one look tells nothing: what was made a moment ago, by a run that died or by a call whose
-- answer was lost, may not be shown yet. `since` is when it was.
local function look_again(run, node, r, sent, since)
  local spec, patience = node.kind.spec, find.patience(run.session, node.kind, r.target)
  local pause = patience.pause
  if spec.natural or spec.name or run.store.now() - since > patience.lag then return false end
  for _ = 1, patience.looks do
    run.sleep(pause)
    pause = pause * 2
    local id, e = look(run, node, r, sent)
    if id ~= false or run.store.now() - since > patience.lag then return id, e end
  end
  return false
end

-- Services say in many words that a name is taken.
local function taken(e)
  local code = e.code or ""
  return code:match("Exist") and not code:match("NotExist") or code:match("AlreadyOwned") or code:match("Duplicate")
end

-- The name is taken, perhaps by what an earlier attempt made and no description shows yet.
local function look_for_taken(run, node, r)
  local pause, till = 0.25, run.now() + SHOWN
  repeat
    local id, e = look(run, node, r, r.desired)
    if id ~= false then return id, e end
    run.sleep(pause)
    pause = math.min(pause * 2, 8)
  until run.now() > till
  return false
end

-- From the first call on, a run that dies leaves word of what it may have made, and of what with.
local function expect(run, node, r)
  r.expected = { address = node.address, run = run.id, token = r.token, intent = { type = node.type,
    desired = r.desired, target = r.target, depends = node.depends, native = node.kind.native,
    generation = node.generation or node.record and node.record.generation,
    restores = r.restores and r.restores.from } }
end

--- A creating call that overwrites must not meet what somebody else put there. What stands in
--- something that this run has made is new for sure.
local function is_free(run, node, r)
  local spec = node.kind.spec
  if not spec.puts or r.pending or node.record then return true end
  local natural = spec.natural and spec.natural(r)
  for id in (natural or ""):gmatch("[^|]+") do
    if run.born[id] and not run.found[id] then return true end
  end
  local id, e = look(run, node, r, r.desired)
  if id == nil then return nil, e end
  if not id then return true end
  -- Ours by its tags: the state lost it. Where there are no tags, nothing says that it is ours.
  if node.kind.tag_property then return true, id end
  return nil, err.new { code = "exists", class = "service",
    message = ("%s: %s exists already and is not this stack's"):format(node.address, id),
    hint = ("remove it, or take it over: csorun import %s %s"):format(node.address, id) }
end

-- What an attempt of a moment ago made is as young as if it were made now: descriptions may lag.
local function met(run, r, id, with)
  r.id = id
  run.born[id], run.found[id] = run.now(), true
  return true, "found", with
end

-- What an attempt was surely made with, which may have been this run's or the one's before.
local function common(sent, pending)
  if not pending then return sent end
  local out = {}
  for property, v in pairs(pending.intent.desired) do
    if deep.equal(v, sent[property]) then out[property] = v end
  end
  return out
end

-- A creation that was refused after an unclear one: it may be refused because the other was carried out. Most
-- services say that the name is taken, and show it a little later; the others say whatever they like.
local function refused(run, node, r, e)
  local id, why
  if taken(e) then id, why = look_for_taken(run, node, r) else id = look(run, node, r, r.desired) end
  if not id then return nil, why or e end
  return met(run, r, id, common(r.desired, r.pending))
end

--- After an ambiguous failure: look, and only when nothing is found make it again, with the same
--- token. The account may need a moment before it shows what it made.
---@return true? ok, string|cso.Err|nil how   "found" or "recovered" when it was there already
---@return table? with   what that was surely made with
local function make(run, node, r)
  local pause, changed_token = 1, false
  local sent = r.pending and r.pending.intent.desired or r.desired
  local free, mine = is_free(run, node, r)
  if not free then return nil, mine end
  if mine then
    r.id = mine
    return true, "found"
  end
  local was = node.decl.recovers
  if was then
    expect(run, node, r)
    r.id, r.recovers = was.id, was
    local ok, e = node.kind:recover(r)
    if ok then
      met(run, r, was.id)
      return true, "recovered"
    elseif not read.is_gone(e) then
      return nil, e
    end
    -- Gone for good between plan and now: what can be made without it is made.
    r.id = nil
  end
  local asked
  for attempt = 1, ATTEMPTS do
    if attempt > 1 or r.pending then
      local id, e = look(run, node, r, sent)
      if id == false then id, e = look_again(run, node, r, sent, attempt == 1 and r.pending.at or asked) end
      if id == nil then return nil, e end
      if id then return met(run, r, id, attempt == 1 and sent or common(sent, r.pending)) end
    end
    if attempt == 1 then
      sent = r.desired
      expect(run, node, r)
    end
    local ok, e = node.kind:create(r)
    asked = run.store.now()
    if ok then
      run.born[r.id] = run.now()
      return true
    end
    if (e.code or ""):match("Idempotent") and r.pending and not changed_token then
      -- The playbook changed since the interrupted run: nothing of that run was found, so this is
      -- another creation and needs a token of its own.
      changed_token, r.token = true, run.token(node)
      expect(run, node, r)
    elseif (attempt > 1 or r.pending or e.after_unclear) and (taken(e) or not e.ambiguous and not r.id) then
      return refused(run, node, r, e)
    elseif e.ambiguous and r.id then
      return true, "found" -- it exists; only what was being set on it is unclear
    elseif not e.ambiguous or r.id or attempt == ATTEMPTS then
      return nil, e
    end
    run.sleep(pause)
    pause = math.min(pause * 2, 15)
  end
end

--- What the creating call itself has set of `desired`. Nothing else may be written down as applied
--- before it is: what a read never shows would never be set then.
local function set_by_creation(node, desired)
  local set = {}
  for property, v in pairs(desired) do
    if node.kind:creates_with(property) then set[property] = v end
  end
  return set
end

--- What a copy brings along of what a read never shows, is as it was when the copy was made.
local function set_by_restoring(node, r)
  local set, was = set_by_creation(node, r.desired), node.decl.restores.declared
  for _, property in ipairs(node.kind.spec.write_only or {}) do
    if set[property] ~= nil then set[property] = was[property] end
  end
  return set
end

-- What was found exists; its description may be missing from one answer all the same.
local function described(run, node, r)
  local pause, till = 0.25, run.now() + SHOWN
  while true do
    local model, e = node.kind:read(r)
    if model or model == nil and not read.is_gone(e) then return model, e end
    if run.now() > till then return {} end
    run.sleep(pause)
    pause = math.min(pause * 2, 8)
  end
end

--- What died between its creation and its tagging does not say yet whose it is: its tags are set with
--- those of its owner, whatever else is to be changed.
local function update_as_owner(node, r, updates)
  local property, mine = node.kind.tag_property, true
  for key, v in pairs(property and r.own or {}) do mine = mine and (r.owner_tags or {})[key] == v end
  if mine then
    if #updates == 0 then return true end
    return node.kind:update(r, updates)
  end
  local declared, with = r.desired, {}
  for k, v in pairs(declared) do with[k] = v end
  with[property] = tags.owned(declared[property], r.own)
  if not deep.contains(updates, property) then updates[#updates + 1] = property end
  r.desired = with
  local ok, e = node.kind:update(r, updates)
  r.desired = declared
  return ok, e
end

--- Brings what an interrupted creation left to what is declared now. `known` is what is set surely.
local function complete(run, node, r, known)
  r.token = run.token(node)
  local model, e = described(run, node, r)
  if not model then return nil, e end
  r.current, r.attributes = model, model
  local _, updates, reasons = diff.changes(node, r.desired, r.current, { declared = known, status = "partial" })
  -- A keeper of secrets has those of the run that made it, and gets the present ones only now: until then
  -- nobody may believe that these are kept.
  record.save(run, node, r, #reasons > 0 and "tainted" or "partial", known, {})
  if #reasons > 0 then
    return nil, err.new { code = "plan_changed", class = "service",
      message = ("%s was made by an interrupted run otherwise than it is declared now: %s"):format(
        node.address, table.concat(reasons, "; ")), hint = "run again; it will be replaced" }
  end
  return update_as_owner(node, r, updates)
end

--- What was made of a copy has some of its properties from there. It can be changed only when it works.
local function complete_restored(run, node, r, known)
  local ok, e = node.kind:ready(r)
  if not ok then return nil, e end
  return complete(run, node, r, known)
end

-- The old thing may be shown for a while after it went. An id that its service makes up is never given
-- twice; one that is made of a name is the new thing's as well.
local function avoided(node, r)
  local id, spec = node.record and node.record.id, node.kind.spec
  local name = spec.name and r.desired[spec.name[1]]
  if not id or id == r.desired[node.kind.id_name] or type(name) == "string" and id:find(name, 1, true) then return nil end
  local ok, natural = pcall(spec.natural or function() end, r)
  return not (ok and natural == id) and id or nil
end

local creation

--- What an interrupted run came to make is not what is declared now and can't become it. Nobody uses
--- it yet: it goes, and another is made.
local function anew(run, node, r)
  r.action, r.desired = "delete", r.pending.intent.desired
  local ok, e = removal(run, node, r)
  if not ok then return nil, e end
  local old = beside.stays(node) and node.old or nil
  run.commit(function()
    if old then
      run.store:put(old)
      run.store:remove(beside.address(node.address, old.id))
    else
      run.store:remove(node.address)
    end
    run.store:account_for(node.address)
  end)
  run.store_records[node.address] = old
  node.pending = nil
  return creation(run, node)
end

--- Makes a node's resource: afterwards it exists, and run.made has its handle.
---@param run table
---@param node table
---@return boolean? ok, cso.Err?
function creation(run, node)
  local r = run.handle(node.address, node.kind, nil)
  r.action, r.target, r.pending = "create", node.decl.target or {}, node.pending
  r.timeout = record.timeout(node, "create")
  r.desired = record.desired(run, node)
  r.avoid, r.restores = avoided(node, r), node.decl.restores
  r.token = node.pending and node.pending.token or run.token(node)
  local ok, e, with = make(run, node, r)
  if not ok then
    e.hint = e.hint or taken(e) and ("choose another name, or take it over: csorun import %s ID"):format(node.address) or nil
    if r.id then
      record.save(run, node, r, "partial", set_by_creation(node, r.desired))
    elseif not e.ambiguous then
      run.store:account_for(node.address)
    end
    return nil, e
  end
  local found = e == "found" or e == "recovered"
  -- Of what was found without word of its making, nothing is known to be set.
  local known = e == "recovered" and node.decl.recovers.declared
    or r.restores and set_by_restoring(node, r)
    or found and not r.pending and node.kind:set_surely(with or {})
    or set_by_creation(node, found and (with or {}) or r.desired)
  if not found then record.save(run, node, r, "partial", known) end
  ok, e = surely(run, function(attempt)
    if r.restores then return complete_restored(run, node, r, known) end
    if found or attempt > 1 then return complete(run, node, r, known) end
    return node.kind:finish(r)
  end)
  if not ok and e.code == "plan_changed" and r.pending then return anew(run, node, r) end
  if not ok then return nil, e end
  run.made[node.address] = r
  run.emit("step_exists", { address = node.address, id = r.id })
  return true
end

return creation
