--- What a random playbook declares at the moment, and what the account has to hold because of it.
--- Edits are plain data and an edit that does not fit is left out, so that a script of them stays
--- valid whatever is dropped from it.
local edits = require "spec.scenario.random.edits"
local kinds = require "spec.scenario.random.kinds"
local settings = require "spec.scenario.random.settings"

local model = {}
model.__index = model

---@class spec.random.Model
---@field things table<integer, spec.random.Thing>
---@field order integer[]         as they stand in the playbook
---@field policies table<string, true>   kinds whose policy is in force
---@field clean boolean           the last step ended with a run that converged

---@class spec.random.Thing
---@field n integer @ @field kind string @ @field v integer @ @field f integer
---@field uses table<string, integer>  role -> number
---@field name string
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

function model.new()
  return setmetatable({ things = {}, order = {}, moves = {}, left = {}, taken = {}, used = {},
    forgotten = {}, hands = {}, imports = {}, policies = {}, clean = false }, model)
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

function model:by(r)
  local by = {}
  for role, n in pairs(r.uses) do by[role] = self.things[n] end
  return by
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

--- What somebody else's hand does now, and what is to be taken over before the next run.
---@return table[] hands, table[] imports
function model:outside()
  local hands, imports = self.hands, self.imports
  self.hands, self.imports = {}, {}
  return hands, imports
end

--- A step ended without a run that converged: what there is is not known.
function model:unsettle() self.clean = false end

--- A run has converged: what was removed is gone, and options are known to the state.
function model:settle()
  self.taken, self.clean = {}, true
  for _, n in ipairs(self.order) do
    local r = self.things[n]
    for _, key in ipairs(edits.claims(r)) do self.taken[key] = true end
    r.handled = nil
    if r.snapshot and r.settled and r.settled.f ~= r.f then self:leave_copy(r) end
    r.settled = { protect = r.protect, retain = r.retain, ignore = r.ignore, v = r.v, f = r.f, want = self:want(r),
      address = edits.address(r) }
  end
  for _, lost in pairs(self.forgotten) do lost.settled = true end
end

--- A thing went, or goes, whose data stay as a copy.
function model:leave_copy(r) table.insert(self.left, { kinds[r.kind].copies, r.settled.copy }) end

-- The same model with other things in it.
local function with(self, keeps)
  local other, order = setmetatable({ things = {}, order = {} }, { __index = self }), {}
  for _, n in ipairs(self.order) do
    if keeps(n) then order[#order + 1], other.things[n] = n, self.things[n] end
  end
  other.order = order
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

--- The playbook.
---@return string
function model:text()
  local out = { 'local cso = require "cso"\nlocal aws = cso.aws\ncso.stack { name = "random" }\nlocal r = {}' }
  for _, n in ipairs(self.order) do
    if self.things[n].kind == "instance" then
      out[#out + 1] = 'local image = cso.api.ssm {}:GetParameter {\n'
        .. '  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value'
      break
    end
  end
  for _, name in ipairs(names) do
    if self.policies[name] then out[#out + 1] = kinds[name].policy.text end
  end
  for _, n in ipairs(self:lost()) do out[#out + 1] = ("cso.forget { %q }"):format(self.forgotten[n].address) end
  for _, move in ipairs(self.moves) do out[#out + 1] = ("cso.moved { from = %q, to = %q }"):format(move.from, move.to) end
  for _, n in ipairs(self.order) do
    local r = self.things[n]
    local kind, by, options = kinds[r.kind], self:by(r), {}
    if kind.after then options[#options + 1] = ("after = { %s }"):format(by[kind.after].var) end
    if r.protect then options[#options + 1] = "protect = true" end
    if r.retain then options[#options + 1] = "retain = true" end
    if r.snapshot then options[#options + 1] = 'retain = "snapshot"' end
    if r.first then options[#options + 1] = 'replace = "create_first"' end
    if r.ignore then options[#options + 1] = ("ignore = { %q }"):format(kind.ignorable) end
    out[#out + 1] = ("%s = %s(%q, { %s }) { %s }"):format(r.var, kind.type, r.name, table.concat(options, ", "),
      kind.text(r, by, self))
  end
  return table.concat(out, "\n") .. "\n"
end

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

-- What comes and goes with other things, and has no line of its own.
local WITH_OTHERS = { ["ec2/NetworkAcl"] = "ec2/Vpc", ["ec2/SecurityGroup"] = "ec2/Vpc", ["ec2/RouteTable"] = "ec2/Vpc",
  ["ec2/SecurityGroupRule"] = "ec2/SecurityGroup", ["ec2/NetworkInterface"] = "ec2/Subnet", ["ec2/Volume"] = "ec2/Instance",
  ["ec2/LaunchTemplateVersion"] = "ec2/LaunchTemplate", ["route53/Record"] = "route53/HostedZone",
  ["elbv2/Rule"] = "elbv2/Listener" }

local seen = {}
for _, kind in pairs(kinds) do
  if kind.place then seen[kind.place] = kind.seen or seen[kind.place] end
  if kind.copies then seen[kind.copies] = kind.copied end
end

-- The rows of each place; what stands in one place for each of other things counts as one.
local function places(dump)
  local rows_of = {}
  for place, rows in pairs(dump) do
    place = place:gsub("^[^/]*/[^/]*/", "")
    local of = place
    place = place:gsub("^(s3/Object):.*", "%1")
    local list = rows_of[place] or {}
    rows_of[place] = list
    for _, row in ipairs(rows) do
      if not settings.is_beside(of, row) then list[#list + 1] = row end
    end
  end
  return rows_of
end

--- The row that shows what is wanted.
---@param dump table  of the simulator
---@return table? row
function model.row(dump, place, want)
  for _, row in ipairs(places(dump)[place] or {}) do
    if seen[place](row) == want then return row end
  end
end

--- What the account holds, in the words of `desired`.
---@param dump table  of the simulator
---@return string
function model.held(dump)
  local lines, rows_of = {}, places(dump)
  for place, rows in pairs(rows_of) do
    local among = WITH_OTHERS[place]
    for _, row in ipairs(rows) do
      local state = type(row.State) == "table" and row.State.Name or row.State
      local shown = seen[place] and seen[place](row)
      if seen[place] and shown == nil or state == "terminated" then
        shown = nil -- the account's own, or on its way out
      elseif not seen[place] and not (among and rows_of[among]) then
        shown = "not of the playbook"
      end
      lines[#lines + 1] = shown and place .. ": " .. shown
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

return model
