--- What others do to the things of a random playbook, and what is done to them by other commands than a run of
--- the playbook: edits that happen before it.
local kinds = require "spec.scenario.random.kinds"
local stacks = require "spec.scenario.random.stacks"

--- Whether a thing is in the account as it is declared, as far as v and f tell.
local function as_settled(r)
  return not r.accepted and r.settled ~= nil and r.settled.f == r.f and not r.handled and (r.ignore or r.settled.v == r.v)
end

--- The address that a thing has in its playbook.
local function address(r)
  return kinds[r.kind].type:gsub("^aws%.", ""):gsub("^cso%.", "") .. "." .. r.name
end

-- What is no longer declared is nothing's new address.
local function unmove(self, r)
  local kept = {}
  for _, move in ipairs(self.moves) do
    if move.n ~= r.n then kept[#kept + 1] = move end
  end
  self.moves = kept
end

local edits = {}

-- Somebody else's call: on the row that shows what the thing was when it was last known.
local function by_hand(self, r, call, accepted)
  r.handled = true
  table.insert(self.hands, { place = kinds[r.kind].place, want = r.settled.want, call = call,
    address = r.settled.address, stack = stacks.name(r.stack), accepted = accepted })
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
  local kind = r and kinds[r.kind]
  if not r or not kind.touch or kind.counts or not self.clean or not as_settled(r) or r.ignore then return false end
  r.accepted = { v = r.v }
  return by_hand(self, r, kind.touch, r.accepted)
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
  self.forgotten[e.n] = { r = r, place = kinds[r.kind].place, want = r.settled.want, address = address(r),
    stack = r.stack }
  return true
end

--- What was forgotten is declared again and taken over.
function edits.import(self, e)
  local lost = self.forgotten[e.n]
  -- What bears the tags of another stack stays that one's.
  if not lost or lost.stack or not lost.settled or not self.clean or not kinds[lost.r.kind].id then return false end
  self.forgotten[e.n] = nil
  self.things[e.n] = lost.r
  lost.r.first, lost.r.handled = nil, true
  table.insert(self.order, e.n)
  table.insert(self.imports, { n = e.n, place = lost.place, want = lost.want, address = lost.address,
    id = kinds[lost.r.kind].id, kills = e.kills })
  return true
end

--- Given to the other stack, with its declaration.
function edits.mv(self, e)
  local r = self.things[e.n]
  if not r or not self.stacks or not self.clean or not as_settled(r) or #self:users(e.n) > 0 then return false end
  local to = r.stack == nil and "second" or nil
  if address(r) ~= r.settled.address or self.crossed[e.n] or not stacks.can_stand(self, r, to) then return false end
  unmove(self, r)
  r.handled = true
  table.insert(self.given, { address = r.settled.address, from = stacks.name(r.stack), to = stacks.name(to) })
  r.stack = to
  for _, n in pairs(r.uses) do self.crossed[n] = self.crossed[n] or self.things[n].stack ~= to or nil end
  return true
end

return { verbs = edits, as_settled = as_settled, address = address, unmove = unmove }
