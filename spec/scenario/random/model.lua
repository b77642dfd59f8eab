--- What a random playbook declares at the moment, and what the account has to hold because of it.
--- Edits are plain data and an edit that does not fit is left out, so that a script of them stays
--- valid whatever is dropped from it.
local account = require "spec.scenario.random.account"
local edits = require "spec.scenario.random.edits"
local kinds = require "spec.scenario.random.kinds"
local text = require "spec.scenario.random.text"

local model = {}
model.__index = model

---@class spec.random.Model
---@field things table<integer, spec.random.Thing>
---@field order integer[]         as they stand in the playbook
---@field policies table<string, true>   kinds whose policy is in force
---@field stacks boolean?        there are two, and the second reads what the first one says
---@field crossed table<integer, true>   what things of the other stack used when a run last converged, or use since
---@field clean boolean           the last step ended with a run that converged

---@class spec.random.Thing
---@field n integer @ @field kind string @ @field v integer @ @field f integer
---@field uses table<string, integer>  role -> number
---@field name string
---@field stack "second"?   nil: the first one
---@field protect boolean? @ @field retain boolean? @ @field first boolean? @ @field ignore boolean?
---@field shown integer?    the v that the account shows while it is ignored
---@field handled boolean?  somebody else did something to it since the last run that converged
---@field accepted { v: integer, line: string? }?  what somebody else made of it counts, while v is that
---@field snapshot boolean? when it goes, a copy of its data stays
---@field settled table?    what it was in the last run that converged

local names = {}
for name in pairs(kinds) do
  local only = os.getenv "CSORUN_KINDS"
  if not only or ("," .. only .. ","):find("," .. name .. ",", 1, true) then names[#names + 1] = name end
end
table.sort(names)
model.kinds = names

---@param stacks boolean?  two of them
function model.new(stacks)
  return setmetatable({ things = {}, order = {}, moves = {}, left = {}, taken = {}, used = {}, stacks = stacks, crossed = {},
    forgotten = {}, hands = {}, imports = {}, given = {}, policies = {}, clean = false }, model)
end

--- The thing with a number.
function model:at(n) return self.things[n] end

--- Numbers of the things (of a kind) that use n.
---@return integer[]
function model:users(n, kind)
  local list = {}
  for _, m in ipairs(self.order) do
    local r = self.things[m]
    if not kind or r.kind == kind then
      for _, used in pairs(r.uses) do
        if used == n then list[#list + 1] = m break end
      end
    end
  end
  return list
end

--- What a thing uses, by role; what stands in the other stack is called as that one's output.
function model:by(r)
  local by = {}
  for role, n in pairs(r.uses) do
    local used = self.things[n]
    by[role] = used.stack == r.stack and used or setmetatable({ var = text.output(n) }, { __index = used })
  end
  return by
end

--- The numbers that things of another stack use.
---@return table<integer, true>
function model:crossings()
  local found = {}
  for _, r in pairs(self.things) do
    for _, n in pairs(r.uses) do found[n] = found[n] or self.things[n].stack ~= r.stack or nil end
  end
  return found
end

--- Makes an edit: { verb = "add", kind =, n =, uses = } or { verb =, n = }. False when it does not fit.
---@return boolean
function model:edit(e) return edits.verbs[e.verb](self, e) end

--- The address that a thing has in the playbook.
---@return string
function model.address(_, r) return edits.address(r) end

--- What the account has to show of a thing.
---@return string?
function model:want(r)
  local kind, view = kinds[r.kind], r
  if r.accepted and r.accepted.line then return r.accepted.line end
  if r.ignore then view = setmetatable({ v = r.shown }, { __index = r }) end
  return kind.want and kind.want(view, self:by(r), self)
end

--- What somebody else's hand does now, what is to be taken over, and what is given to another stack before the
--- next run.
---@return table[] hands, table[] imports, table[] given
function model:outside()
  local hands, imports, given = self.hands, self.imports, self.given
  self.hands, self.imports, self.given = {}, {}, {}
  return hands, imports, given
end

--- A step ended without a run that converged: what there is is not known.
function model:unsettle() self.clean = false end

--- A run has converged: what was removed is gone, and options are known to the state.
function model:settle()
  self.taken, self.clean, self.crossed = {}, true, self:crossings()
  for _, n in ipairs(self.order) do
    local r = self.things[n]
    for _, key in ipairs(edits.claims(r)) do self.taken[key] = true end
    r.handled = nil
    if r.snapshot and r.settled and r.settled.f ~= r.f then self:leave_copy(r) end
    r.settled = { protect = r.protect, retain = r.retain, ignore = r.ignore, v = r.v, f = r.f, want = self:want(r),
      address = edits.address(r), copy = r.snapshot and kinds[r.kind].copy(r) }
  end
  for _, lost in pairs(self.forgotten) do lost.settled = true end
end

--- A thing went, or goes, whose data stay as a copy.
function model:leave_copy(r) table.insert(self.left, { kinds[r.kind].copies, r.settled.copy, copy = true }) end

-- The same model with other things in it.
local function with(self, keeps)
  local other, order = setmetatable({ things = {}, order = {} }, { __index = self }), {}
  for _, n in ipairs(self.order) do
    if keeps(n) then order[#order + 1], other.things[n] = n, self.things[n] end
  end
  other.order, other.moves = order, {}
  for _, move in ipairs(self.moves) do
    if keeps(move.n) then table.insert(other.moves, move) end
  end
  return other
end

--- The model without a thing and all that stands on it. What it declares is to be looked at, not edited.
---@param n integer
---@return spec.random.Model
function model:without(n)
  local gone = {}
  for _, m in ipairs(edits.above(self, n)) do gone[m] = true end
  return with(self, function(m) return not gone[m] end)
end

--- The model when everything was destroyed: what is left then is what others have and what was to stay.
---@return spec.random.Model
function model:destroyed()
  local left = table.move(self.left, 1, #self.left, 1, {})
  local other = with(self, function() return false end)
  other.left = left
  for _, n in ipairs(self.order) do
    if self.things[n].snapshot then other:leave_copy(self.things[n]) end
  end
  return other
end

--- Numbers of what was forgotten and not taken over again.
---@return integer[]
function model:lost()
  local list = {}
  for n in pairs(self.forgotten) do list[#list + 1] = n end
  table.sort(list)
  return list
end

--- The files of the playbook, or of the playbooks of a workspace.
---@return table<string, string>
function model:files() return text.files(self) end

--- The playbook of the first stack.
---@return string
function model:text() return text.of(self) end

--- What the account has to hold, as sorted "place: what is seen" lines.
---@return string
function model:desired()
  local lines = {}
  for _, n in ipairs(self.order) do
    local r = self.things[n]
    local kind = kinds[r.kind]
    if kind.place then lines[#lines + 1] = kind.place .. ": " .. self:want(r) end
  end
  for _, lost in pairs(self.forgotten) do lines[#lines + 1] = lost.place .. ": " .. lost.want end
  for _, one in ipairs(self.left) do lines[#lines + 1] = one[1] .. ": " .. one[2] end
  table.sort(lines)
  return table.concat(lines, "\n")
end

model.row, model.held = account.row, account.held

return model
