--- Undoing a run, as a program: each thing that the run touched is declared as it was before, or not
--- at all when it was not there. Planning and applying that is like any other plan and apply, so it
--- may be killed and repeated like them.
local beside = require "cso.graph.beside"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local kinds = require "cso.kind"
local loss = require "cso.plan.loss"
local remembered = require "cso.plan.remembered"
local renew = require "cso.plan.renew"
local restore = require "cso.plan.restore"
local secrets = require "cso.kind.secrets"
local value = require "cso.std.value"

local undo = {}

--- Runs whose doings stand: one that was wholly undone does not, nor does what undid it.
---@param runs table[]   of the store, newest first
---@return table<string, boolean> gone
---@return table<string, string> undone   run -> what undid it
function undo.undone(runs)
  local gone, undone = {}, {}
  for _, run in ipairs(runs) do
    local back = run.facts.undoes
    if back and not gone[run.id] and run.result and run.result.whole then
      gone[back], gone[run.id], undone[back] = true, true, run.id
    end
  end
  return gone, undone
end

--- Runs after this one that touched the same addresses and still stand; and all that such runs touched.
local function in_the_way(store, runs, run, touched)
  local gone, out, others = undo.undone(runs), {}, {}
  for _, later in ipairs(runs) do
    if later.nth > run.nth and not gone[later.id] and later.facts.undoes ~= run.id then
      local shared = {}
      for address in pairs(store:touched_by(later.id)) do
        others[address] = true
        if touched[address] then shared[#shared + 1] = address end
      end
      table.sort(shared)
      if #shared > 0 then out[#out + 1] = { run = later, addresses = shared } end
    end
  end
  return out, others
end

local function refuse(code, message, hint, problems)
  return nil, err.new { code = code, class = "policy", message = message, hint = hint, problems = problems }
end

--- Why something of a thing won't be again what it was, or nil.
local function loss_of(K, row, now, keep)
  local record, detail = row.before, row.detail
  local out = {}
  local went = row.action == "delete" or row.action == "replace"
  if went and not (now and restore.is_same(K, now, record)) then
    for _, what in ipairs(detail.loses or {}) do out[#out + 1] = what end
  elseif row.action == "update" and now then
    local changes = {}
    for property, v in pairs(now.declared) do
      if not deep.equal(v, record.declared[property]) then
        changes[#changes + 1] = { path = property, before = record.declared[property], after = v }
      end
    end
    for property, why in deep.sorted_pairs(loss.one_way({ kind = K }, changes)) do
      keep[property] = true
      out[#out + 1] = ("the earlier %s: %s"):format(property, why)
    end
  end
  return out
end

--- What a new thing was given of which nobody had said anything before can't be taken from it by saying
--- nothing again: it is declared as it was, and where it was not there the thing has to be made anew.
---@return string? why
local function restore_fixed(K, record, current, properties)
  if not current or current.id == record.id then return nil end
  local why
  for _, property in ipairs(deep.keys(current.declared)) do
    local was, P = record.attributes[property], K.schema.properties[property]
    if record.declared[property] == nil and P and not P.sensitive and K:replaces(property)
      and K:default_of(property) == nil and not deep.equal(was, current.declared[property]) then
      properties[property] = was
      if was == nil then why = why or ("%s was not set before"):format(property) end
    end
  end
  return why
end

local function declaration(record, rename)
  local function renamed(list)
    local out = {}
    for i, address in ipairs(list or {}) do out[i] = rename(address) end
    return out
  end
  return { address = rename(record.address), form = "resource", type = record.type, properties = record.declared,
    options = { protect = record.protect, retain = record.retain }, target = record.target, native = record.native,
    generation = record.generation, depends = renamed(record.depends), recorded_depends = renamed(record.depends) }
end

--- What a step of the run did stays done; only the playbook's author knows its inverse.
local function note_of(row)
  if row.detail.form == "step" then return ("%s: what the step did stays done"):format(row.address) end
end

--- Back along the moves of the run.
local function moves_of(store, run)
  local moves, to_old = {}, {}
  for _, one in ipairs(run.facts.moves or {}) do
    if store:get(one.to) then
      table.insert(moves, 1, { from = one.to, to = one.from })
      to_old[one.to] = one.from
    end
  end
  return moves, function(address)
    local seen = 0
    while to_old[address] and seen < #moves do address, seen = to_old[address], seen + 1 end
    return address
  end
end

--- What the outputs were, with what they took from things taken from them anew.
local function outputs_of(run, known, rename)
  local out, refs = {}, {}
  for _, ref in ipairs(run.facts.output_refs or {}) do
    if known[ref.address] then refs[#refs + 1] = { text = ref.text, address = rename(ref.address), path = ref.path } end
  end
  table.sort(refs, renew.by_length)
  for name, v in deep.sorted_pairs(run.facts.outputs or {}) do
    out[#out + 1] = { name = name, value = renew.tree(v, refs, known, rename) }
  end
  return out
end

---@class cso.Undoing
---@field run table                 of the store
---@field program table             what plan.make takes
---@field only fun(address: string): boolean
---@field remember table<string, cso.Record>
---@field losses { address: string, text: string }[]   what comes back without what it held
---@field notes string[]
---@field touched table<string, boolean>
---@field later table<string, boolean>   what runs after it touched

-- Some services keep what was deleted for a while.
local function can_recover(K, record, handle_of)
  local recover = K.spec.recover
  return recover ~= nil and recover.can(handle_of(record.address, K, record))
end

-- A thing may have to be made anew with what it has now, and some show that.
local function fetch_of(K, current, fetch, handle_of)
  if not current or not K.spec.fetch or K.spec.keeps then return fetch end
  return function(secret)
    local found, info = fetch(secret), value.secret_info(secret)
    if found or not info.digest then return found end
    local r, ok, text = handle_of(current.address, K, current), nil, nil
    for _, way in ipairs { secrets.present, secrets.earlier } do
      ok, text = pcall(way, K, r, info)
      if ok and text then break end
    end
    if not ok or not text then return nil end
    return value.secret(text, { digest = info.digest, salt = info.salt, origin = info.origin })
  end
end

local function needs(declared, address, other, seen)
  if address == other then return true end
  if seen[address] or not declared[address] then return false end
  seen[address] = true
  for _, need in ipairs(declared[address].depends) do
    if needs(declared, need, other, seen) then return true end
  end
  return false
end

--- Who needs a secret waits until what kept it is taken back, unless that waits for them.
local function keepers_first(declared)
  for address, keeper in deep.sorted_pairs(declared) do
    for _, need in ipairs(keeper.recovers and keeper.depends or {}) do
      for other, decl in deep.sorted_pairs(declared) do
        if other ~= address and decl.options.after and deep.contains(decl.depends, need)
          and not needs(declared, address, other, {}) then
          decl.recorded_depends = decl.recorded_depends or decl.depends
          decl.depends = deep.copy(decl.depends)
          table.insert(decl.depends, address)
          decl.options.after = decl.depends
        end
      end
    end
  end
end

--- Makes the program that undoes a run.
---@param store cso.Store
---@param stack string
---@param run table       one of store:runs()
---@param fetch fun(secret: any): any   a secret with its value at hand, or nil
---@param handle_of fun(address: string, K: cso.Kind, record: cso.Record): cso.Handle   that reads
---@return cso.Undoing?, cso.Err?  class "policy" when later runs stand in the way
function undo.program(store, stack, run, fetch, handle_of)
  local runs, touched = store:runs(), store:touched_by(run.id)
  local way, others = in_the_way(store, runs, run, touched)
  if #way > 0 then
    local problems = {}
    for i, one in ipairs(way) do
      problems[i] = ("%s (%s) touched %s"):format(one.run.id, one.run.command, table.concat(one.addresses, ", "))
    end
    return refuse("later_runs", ("run %s can't be undone before later ones: %s"):format(run.id, problems[1]),
      ("csorun rollback %s first"):format(way[1].run.id), #problems > 1 and problems or nil)
  end
  local rows, by_address, now = store:befores(run.id), {}, {}
  for _, row in ipairs(rows) do
    by_address[row.address] = row
    -- What the run did not come to is as it was, but may need what goes back now.
    if next(touched) and not others[row.address] then touched[row.address] = true end
  end
  local moves, rename = moves_of(store, run)
  if next(touched) and #rows == 0 and #moves == 0 then
    return refuse("no_inverses", ("run %s kept no inverses"):format(run.id),
      run.command == "import" and "csorun state rm forgets what was imported; it stays in the account"
        or "put the earlier playbook back and apply it")
  end
  for _, record in ipairs(store:resources()) do now[record.address] = record end
  local self = { run = run, losses = {}, notes = {}, remember = {}, touched = {}, later = others }
  local declarations, known = {}, {}
  -- First who is there at all, because a ref to what is not declared would be an error.
  local function stays(address) return not (touched[address] and by_address[address]) end
  for address, record in pairs(now) do
    if stays(address) and not beside.base(address) then known[address] = record end
  end
  for _, row in ipairs(rows) do
    if touched[row.address] then
      self.touched[rename(row.address)] = true
      self.notes[#self.notes + 1] = note_of(row)
      -- What a run cleared away from beside another thing is not missed.
      if row.before and not beside.base(row.address) then known[row.address] = row.before end
    end
  end
  for _, address in ipairs(deep.keys(known)) do
    local record, row = known[address], by_address[address]
    local decl = declaration(record, rename)
    if not stays(address) then
      local K, e = kinds.recorded(record)
      if not K then return nil, e end
      local keep, refs = {}, {}
      decl.was = record.id
      local current = now[beside.address(address, record.id)] or now[address]
      if not current and row.action ~= "forget" and can_recover(K, record, handle_of) then decl.recovers = record end
      local made = remembered.again(K, record, fetch, decl.address)
      decl.at_hand = made ~= nil
      if made and (not current or current.id ~= record.id) then decl.recovers = made end
      local texts = loss_of(K, row, decl.recovers or current, keep)
      if not decl.recovers then restore.declare(decl, K, row, current, handle_of, texts) end
      for _, ref in ipairs(row.detail.refs or {}) do
        if known[ref.address] then
          refs[#refs + 1] = { text = ref.text, address = rename(ref.address), path = ref.path }
        end
      end
      table.sort(refs, renew.by_length)
      local properties = deep.copy(record.declared)
      for property, v in pairs(row.detail.kept or {}) do properties[property] = v end
      if row.action == "replace" then decl.anew = restore_fixed(K, record, current, properties) end
      if made and current and decl.recovers then decl.anew = "the one before it is remembered again" end
      for property in pairs(keep) do properties[property] = current.declared[property] end
      properties = renew.tree(properties, refs, known, rename)
      renew.places(properties, row.detail.places, known, rename)
      if not decl.recovers then
        -- What is restored has the secrets that it had.
        local has = decl.restores and record.declared or current and current.declared
        properties = renew.secrets(properties, has, fetch_of(K, current, fetch, handle_of), "", texts)
      end
      decl.properties = properties
      for option, v in pairs(row.detail.options or {}) do decl.options[option] = v end
      decl.options.after = decl.depends
      for _, text in ipairs(texts) do self.losses[#self.losses + 1] = { address = decl.address, text = text } end
      if row.action == "forget" then self.remember[decl.address] = record end
    else
      -- It is only changed where it has to get another secret.
      decl.properties = renew.tree(record.declared, {}, known, rename)
    end
    declarations[#declarations + 1] = decl
  end
  local declared = {}
  for _, decl in ipairs(declarations) do declared[decl.address] = decl end
  for _, decl in ipairs(declarations) do
    -- Steps are not remembered: their place in the order is kept by what stands behind them.
    local depends = {}
    for _, need in ipairs(decl.depends) do
      if declared[need] then depends[#depends + 1] = need end
    end
    decl.depends = depends
    if decl.options.after then decl.options.after = depends end
  end
  keepers_first(declared)
  for one in pairs(store:expected()) do
    if touched[one] then self.touched[one] = true end
  end
  for _, one in ipairs(moves) do self.touched[one.to] = true end
  -- What an attempt drew in that did not come to its end.
  for _, later in ipairs(runs) do
    for address in pairs(later.facts.undoes == run.id and store:touched_by(later.id) or {}) do
      self.touched[address] = true
    end
  end
  self.program = { stack = { name = stack, tags = {} }, declarations = declarations, by_address = declared,
    outputs = outputs_of(run, known, rename), checks = {}, moved = moves, forgotten = {}, files = {}, environment = {} }
  self.only = function(address) return self.touched[address] or self.touched[beside.base(address) or ""] or false end
  return self
end

local function holds_computed(tree)
  if value.is_secret(tree) then
    local info = value.secret_info(tree)
    return info.origin == nil and not info.known
  end
  if type(tree) ~= "table" or value.is_ref(tree) then return false end
  for _, item in next, tree do
    if holds_computed(item) then return true end
  end
  return false
end

-- What is made anew needs all that it is made of: told before anything goes.
local function computable(plan, undoing)
  local problems = {}
  for _, action in ipairs(plan.actions) do
    local node = plan.nodes[action.address]
    if node.form == "resource" and (action.action == "create" or action.action == "replace")
      and not node.decl.recovers and not node.decl.restores and holds_computed(node.decl.properties) then
      problems[#problems + 1] = ("%s would be made anew with a secret that only its playbook can compute"):format(action.address)
    end
  end
  if #problems == 0 then return true end
  return refuse("irreversible", ("run %s can't be undone: %s"):format(undoing.run.id, problems[1]),
    "put the earlier playbook back and apply it", #problems > 1 and problems or nil)
end

--- Things that the run did not touch and that need what would go: somebody made them later.
---@param plan table
---@param undoing cso.Undoing
---@return true? ok, cso.Err?
function undo.check(plan, undoing)
  local problems = {}
  for _, record in deep.sorted_pairs(plan.records) do
    local node = plan.nodes[record.address]
    -- What was there before the run and was not touched since stays as it did then.
    if node and node.excluded and undoing.later[record.address] then
      for _, need in ipairs(record.depends or {}) do
        local other = plan.nodes[need]
        if other and (other.action == "delete" or other.action == "replace") then
          problems[#problems + 1] = ("%s was made later and needs %s"):format(record.address, need)
        end
      end
    end
  end
  if #problems == 0 then return computable(plan, undoing) end
  return refuse("irreversible", ("run %s can't be undone: %s"):format(undoing.run.id, problems[1]),
    "undo the run that made it first", #problems > 1 and problems or nil)
end

-- What was computed of a secret can be computed anew by the playbook alone.
local function left_with_the_old(plan, maker)
  local out = {}
  for address, node in deep.sorted_pairs(plan.nodes) do
    if node.decl and node.form == "resource" and deep.contains(node.depends, maker.address)
      and not deep.contains(value.dependencies(node.decl.properties), maker.address)
      and holds_computed(node.decl.properties) then
      out[#out + 1] = address
    end
  end
  return out
end

--- What the plan loses beyond what the run lost: where it only changed a thing that now has to be
--- made anew.
---@param plan table
---@param undoing cso.Undoing
---@param befores cso.Before[]
function undo.further_losses(plan, undoing, befores)
  local updated = {}
  for _, row in ipairs(befores) do updated[row.address] = row.action == "update" end
  for _, action in ipairs(plan.actions) do
    if action.action == "replace" and updated[action.address] then
      for _, text in ipairs(action.loses or {}) do
        undoing.losses[#undoing.losses + 1] = { address = action.address, text = text }
      end
    end
    local node = plan.nodes[action.address]
    if node.lost then
      undoing.losses[#undoing.losses + 1] = { address = action.address,
        text = "the secret that it made is kept nowhere: it makes another one" }
      for _, user in ipairs(left_with_the_old(plan, node)) do
        undoing.losses[#undoing.losses + 1] = { address = user,
          text = ("it goes on with the secret that %s made earlier, until the playbook is applied"):format(action.address) }
      end
    end
  end
end

return undo
