--- What a random playbook declares at the moment, and what the account has to hold because of it.
--- Edits are plain data and an edit that does not fit is left out, so that a script of them stays
--- valid whatever is dropped from it.
local kinds = require "spec.scenario.random.kinds"

local model = {}
model.__index = model

---@class spec.random.Thing
---@field n integer @ @field kind string @ @field v integer @ @field f integer
---@field uses table<string, integer>  role -> number
---@field name string
---@field protect boolean? @ @field retain boolean?
---@field settled table?   its options in the last run that converged

local names = {}
for name in pairs(kinds) do names[#names + 1] = name end
table.sort(names)
model.kinds = names

function model.new()
  return setmetatable({ things = {}, order = {}, moves = {}, left = {}, taken = {}, used = {} }, model)
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

local edits = {}
model.edits = edits

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
  local r = { n = e.n, kind = e.kind, v = 0, f = 0, uses = e.uses or {}, name = "x" .. e.n, var = "r[" .. e.n .. "]" }
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
  -- A thing whose run was interrupted may exist or not: whether it stays then can't be said.
  if any(self, gone, function(r) return r.retain ~= (r.settled and r.settled.retain) end) then return false end
  for _, n in ipairs(gone) do
    local r = self.things[n]
    if r then
      local kind = kinds[r.kind]
      if r.retain and kind.place then self.left[#self.left + 1] = { kind.place, r.settled.want } end
      self:unmove(r)
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
  r.v = r.v + 1
  return true
end

function edits.replace(self, e)
  local r = self.things[e.n]
  if not r or kinds[r.kind].fixed then return false end
  local function held(x)
    return x.protect or x.retain or x.settled and (x.settled.protect or x.settled.retain)
  end
  local list = above(self, e.n)
  if any(self, list, held) then return false end
  -- Deleting first waits for who holds it and is only updated afterwards.
  for _, n in ipairs(list) do
    for role in pairs(kinds[self.things[n].kind].holds or {}) do
      local used = self.things[n].uses[role]
      for _, m in ipairs(list) do
        if used == m then return false end
      end
    end
  end
  r.f = r.f + 1
  return true
end

-- What is no longer declared is nothing's new address.
function model:unmove(r)
  local kept = {}
  for _, move in ipairs(self.moves) do
    if move.n ~= r.n then kept[#kept + 1] = move end
  end
  self.moves = kept
end

function edits.rename(self, e)
  local r = self.things[e.n]
  if not r then return false end
  local kind = kinds[r.kind].type:gsub("^aws%.", ""):gsub("^cso%.", "")
  local name = r.name .. "b"
  table.insert(self.moves, { n = r.n, from = kind .. "." .. r.name, to = kind .. "." .. name })
  r.name = name
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

--- Makes an edit: { verb = "add", kind =, n =, uses = } or { verb =, n = }. False when it does not fit.
---@return boolean
function model:edit(e) return edits[e.verb](self, e) end

--- A run has converged: what was removed is gone, and options are known to the state.
function model:settle()
  self.taken = {}
  for _, n in ipairs(self.order) do
    local r = self.things[n]
    for _, key in ipairs(claims(r)) do self.taken[key] = true end
    local kind = kinds[r.kind]
    r.settled = { protect = r.protect, retain = r.retain, want = kind.want and kind.want(r, self:by(r), self) }
  end
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
  for _, move in ipairs(self.moves) do out[#out + 1] = ("cso.moved { from = %q, to = %q }"):format(move.from, move.to) end
  for _, n in ipairs(self.order) do
    local r = self.things[n]
    local kind, by, options = kinds[r.kind], self:by(r), {}
    if kind.after then options[#options + 1] = ("after = { %s }"):format(by[kind.after].var) end
    if r.protect then options[#options + 1] = "protect = true" end
    if r.retain then options[#options + 1] = "retain = true" end
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
    if kind.place then lines[#lines + 1] = kind.place .. ": " .. kind.want(r, self:by(r), self) end
  end
  for _, one in ipairs(self.left) do lines[#lines + 1] = one[1] .. ": " .. one[2] end
  table.sort(lines)
  return table.concat(lines, "\n")
end

-- What comes and goes with other things, and has no line of its own.
local WITH_OTHERS = { ["ec2/NetworkAcl"] = "ec2/Vpc", ["ec2/SecurityGroup"] = "ec2/Vpc", ["ec2/RouteTable"] = "ec2/Vpc",
  ["ec2/SecurityGroupRule"] = "ec2/SecurityGroup", ["ec2/NetworkInterface"] = "ec2/Instance", ["ec2/Volume"] = "ec2/Instance" }

local seen = {}
for _, kind in pairs(kinds) do
  if kind.place then seen[kind.place] = kind.seen or seen[kind.place] end
end

--- What the account holds, in the words of `desired`.
---@param dump table  of the simulator
---@return string
function model.held(dump)
  local lines, rows_of = {}, {}
  for place, rows in pairs(dump) do rows_of[place:gsub("^[^/]*/[^/]*/", "")] = rows end
  for place, rows in pairs(rows_of) do
    local with = WITH_OTHERS[place]
    for _, row in ipairs(rows) do
      local state = type(row.State) == "table" and row.State.Name or row.State
      local shown = seen[place] and seen[place](row)
      if seen[place] and shown == nil or state == "terminated" then
        shown = nil -- the account's own, or on its way out
      elseif not seen[place] and not (with and rows_of[with]) then
        shown = "not of the playbook"
      end
      lines[#lines + 1] = shown and place .. ": " .. shown
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

return model
