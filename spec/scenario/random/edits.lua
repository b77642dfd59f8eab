--- What may happen to a random playbook, or to its things behind csorun's back. An edit is plain data;
--- false says that it does not fit, and nothing has happened then.
local kinds = require "spec.scenario.random.kinds"
local outside = require "spec.scenario.random.outside"
local stacks = require "spec.scenario.random.stacks"

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
    snapshot = kind.copies and true or nil, stack = e.stack }
  if not stacks.can_stand(self, r, r.stack) then return false end
  for _, key in ipairs(claims(r)) do
    if self.taken[key] then return false end
  end
  for _, n in pairs(r.uses) do self.crossed[n] = self.crossed[n] or self.things[n].stack ~= r.stack or nil end
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
  -- The first stack goes first: what the second one still has would keep it from going.
  if any(self, gone, function(r) return self.crossed[r.n] end) then return false end
  for _, n in ipairs(gone) do
    local r = self.things[n]
    if r then
      local kind = kinds[r.kind]
      if r.snapshot then self:leave_copy(r) end
      if r.retain and kind.place then self.left[#self.left + 1] = { kind.place, r.settled.want } end
      outside.unmove(self, r)
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
  if r.ignore and not outside.as_settled(r) then return false end
  r.v, r.accepted = r.v + 1, nil
  return true
end

function edits.replace(self, e)
  local r = self.things[e.n]
  if not r or kinds[r.kind].fixed then return false end
  local uncounted = copies_uncounted(self)
  local function held(x)
    return uncounted(x) or self.crossed[x.n] or x.accepted or x.protect or x.retain
      or x.settled and (x.settled.protect or x.settled.retain)
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
  local from = outside.address(r)
  r.name = r.name .. "b"
  table.insert(self.moves, { n = r.n, from = from, to = outside.address(r) })
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
  if not outside.as_settled(r) or r.ignore ~= r.settled.ignore then return false end
  r.ignore, r.shown = not r.ignore or nil, r.v
  return true
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

for name, edit in pairs(outside.verbs) do edits[name] = edit end

return { verbs = edits, claims = claims, address = outside.address, above = above }
