--- What may happen to a random playbook, or to its things behind csorun's back. An edit is plain data;
--- false says that it does not fit, and nothing has happened then.
local kinds = require "spec.scenario.random.kinds"

-- n and everything that stands on it, users last.
local function above(self, n, list)
  list = list or {}
  list[#list + 1] = n
  for _, m in ipairs(self:users(n)) do above(self, m, list) end
  return list
end

local function any(self, numbers, fits)
  for _, n in ipairs(numbers) do
    if fits(self.things[n]) then return true end
  end
end

-- What one thing alone may have, as keys. They stay taken until a run has converged.
local function claims(r)
  local list = {}
  for _, roles in ipairs(kinds[r.kind].alone or {}) do
    local key = r.kind
    for _, role in ipairs(roles) do key = ("%s %s=%d"):format(key, role, r.uses[role]) end
    list[#list + 1] = key
  end
  return list
end

--- Whether a thing is in the account as it is declared, as far as v and f tell.
local function as_settled(r)
  return not r.accepted and r.settled ~= nil and r.settled.f == r.f and not r.handled and (r.ignore or r.settled.v == r.v)
end

local function address(r)
  return kinds[r.kind].type:gsub("^aws%.", ""):gsub("^cso%.", "") .. "." .. r.name
end

-- What is about to be taken over is declared, and under that address, when that is done.
local function is_taken_over(self, n)
  for _, one in ipairs(self.imports) do
    if one.n == n then return true end
  end
  return false
end

-- Whether it can't be said how often a thing goes that leaves a copy of its data behind.
local function copies_uncounted(self)
  return function(r) return r.snapshot and (not self.clean or r.handled or not r.settled or r.settled.f ~= r.f) end
end

local edits = {}

-- What is no longer declared is nothing's new address.
local function unmove(self, r)
  local kept = {}
  for _, move in ipairs(self.moves) do
    if move.n ~= r.n then kept[#kept + 1] = move end
  end
  self.moves = kept
end

function edits.add(self, e)
  local kind = kinds[e.kind]
  if self.used[e.n] then return false end
  for role, wanted in pairs(kind.uses or {}) do
    local used = self.things[e.uses and e.uses[role] or 0]
    if not used or used.kind ~= wanted then return false end
  end
  local common
  for role, through in pairs(kind.same or {}) do
    local n = e.uses[role]
    local found = through == true and n or self.things[n].uses[through]
    if common and found ~= common then return false end
    common = found
  end
  local r = { n = e.n, kind = e.kind, v = 0, f = 0, uses = e.uses or {}, name = "x" .. e.n, var = "r[" .. e.n .. "]",
    snapshot = kind.copies and true or nil }
  for _, key in ipairs(claims(r)) do
    if self.taken[key] then return false end
  end
  for _, key in ipairs(claims(r)) do self.taken[key] = true end
  self.used[e.n], self.things[e.n] = true, r
  table.insert(self.order, e.n)
  return true
end

function edits.remove(self, e)
  if not self.things[e.n] then return false end
  local gone = above(self, e.n)
  -- Who wants to remove a protected thing lifts the protection first, in a run of its own.
  if any(self, gone, function(r) return r.protect or r.settled and r.settled.protect end) then return false end
  -- What stays behind must be known: nobody else's hand was in it.
  if any(self, gone, function(r) return r.retain and r.handled or is_taken_over(self, r.n) end) then return false end
  -- A thing whose run was interrupted may exist or not: whether it stays then can't be said.
  if any(self, gone, function(r) return r.retain ~= (r.settled and r.settled.retain) end) then return false end
  if any(self, gone, copies_uncounted(self)) then return false end
  for _, n in ipairs(gone) do
    local r = self.things[n]
    if r then
      local kind = kinds[r.kind]
      if r.snapshot then self:leave_copy(r) end
      if r.retain and kind.place then self.left[#self.left + 1] = { kind.place, r.settled.want } end
      unmove(self, r)
      self.things[n] = nil
    end
  end
  local order = {}
  for _, n in ipairs(self.order) do order[#order + 1] = self.things[n] and n end
  self.order = order
  return true
end

function edits.change(self, e)
  local r = self.things[e.n]
  if not r or kinds[r.kind].still or r.retain then return false end
  -- What is left to others keeps the value that it had, unless it is made anew.
  if r.ignore and not as_settled(r) then return false end
  r.v, r.accepted = r.v + 1, nil
  return true
end

function edits.replace(self, e)
  local r = self.things[e.n]
  if not r or kinds[r.kind].fixed then return false end
  local uncounted = copies_uncounted(self)
  local function held(x)
    return uncounted(x) or x.accepted or x.protect or x.retain or x.settled and (x.settled.protect or x.settled.retain)
  end
  local list = above(self, e.n)
  if any(self, list, held) then return false end
  -- Deleting first waits for who holds it and is only updated afterwards.
  for _, n in ipairs(list) do
    for role in pairs(kinds[self.things[n].kind].holds or {}) do
      local used = self.things[n].uses[role]
      for _, m in ipairs(list) do
        if used == m and not self.things[m].first then return false end
      end
    end
  end
  r.f = r.f + 1
  r.shown = r.v
  return true
end

function edits.rename(self, e)
  local r = self.things[e.n]
  if not r or is_taken_over(self, e.n) then return false end
  local from = address(r)
  r.name = r.name .. "b"
  table.insert(self.moves, { n = r.n, from = from, to = address(r) })
  return true
end

function edits.protect(self, e)
  local r = self.things[e.n]
  if not r then return false end
  r.protect = not r.protect or nil
  return true
end

function edits.retain(self, e)
  local r = self.things[e.n]
  if not r or not kinds[r.kind].free or r.settled == nil or #self:users(e.n) > 0 then return false end
  r.retain = not r.retain or nil
  return true
end

--- The new one is made before the old one goes, or no longer so.
function edits.first(self, e)
  local r = self.things[e.n]
  if not r or not kinds[r.kind].beside then return false end
  r.first = not r.first or nil
  return true
end

--- The property that shows changes is left to others, or no longer so.
function edits.ignore(self, e)
  local r = self.things[e.n]
  if not r or not kinds[r.kind].ignorable or not self.clean or self.policies[r.kind] then return false end
  if not as_settled(r) or r.ignore ~= r.settled.ignore then return false end
  r.ignore, r.shown = not r.ignore or nil, r.v
  return true
end

-- Somebody else's call: on the row that shows what the thing was when it was last known.
local function by_hand(self, r, call, accepted)
  r.handled = true
  table.insert(self.hands, { place = kinds[r.kind].place, want = r.settled.want, call = call,
    address = r.settled.address, accepted = accepted })
  return true
end

--- Deleted behind csorun's back.
function edits.gone(self, e)
  local r = self.things[e.n]
  if not r or not kinds[r.kind].gone or not self.clean or not as_settled(r) or r.ignore then return false end
  if #self:users(e.n) > 0 then return false end
  return by_hand(self, r, kinds[r.kind].gone)
end

--- Changed behind csorun's back.
function edits.touch(self, e)
  local r = self.things[e.n]
  if not r or not kinds[r.kind].touch or not self.clean or not as_settled(r) or r.ignore then return false end
  return by_hand(self, r, kinds[r.kind].touch)
end

--- Changed behind csorun's back, and that is accepted.
function edits.accept(self, e)
  local r = self.things[e.n]
  if not r or not kinds[r.kind].touch or not self.clean or not as_settled(r) or r.ignore then return false end
  r.accepted = { v = r.v }
  return by_hand(self, r, kinds[r.kind].touch, r.accepted)
end

--- A policy that mends things of a kind is in force, or no longer so.
function edits.policy(self, e)
  if not kinds[e.kind].policy then return false end
  for _, r in pairs(self.things) do
    if r.kind == e.kind and (r.ignore or r.accepted or r.handled or r.retain) then return false end
  end
  self.policies[e.kind] = not self.policies[e.kind] or nil
  return true
end

--- Left in the account and not remembered.
function edits.forget(self, e)
  local r = self.things[e.n]
  if not r or not kinds[r.kind].free or not self.clean or not as_settled(r) or r.ignore then return false end
  if r.retain or r.protect or r.settled.protect or r.settled.retain or #self:users(e.n) > 0 then return false end
  unmove(self, r)
  self.things[e.n] = nil
  for at, n in ipairs(self.order) do
    if n == e.n then table.remove(self.order, at) break end
  end
  self.forgotten[e.n] = { r = r, place = kinds[r.kind].place, want = r.settled.want, address = address(r) }
  return true
end

--- What was forgotten is declared again and taken over.
function edits.import(self, e)
  local lost = self.forgotten[e.n]
  if not lost or not lost.settled or not self.clean or not kinds[lost.r.kind].id then return false end
  self.forgotten[e.n] = nil
  self.things[e.n] = lost.r
  lost.r.first, lost.r.handled = nil, true
  table.insert(self.order, e.n)
  table.insert(self.imports, { n = e.n, place = lost.place, want = lost.want, address = lost.address,
    id = kinds[lost.r.kind].id, kills = e.kills })
  return true
end

return { verbs = edits, claims = claims, address = address, above = above }
