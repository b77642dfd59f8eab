--- Giving what is remembered another address. Everything that names the old one follows: who
--- depends on it, where secrets are kept, what an interrupted run was making.
local err = require "cso.std.err"
local json = require "cso.std.json"
local sums = require "cso.state.sums"

local moves = {}

--- Replaces an address in a written record. `$origin` and the vault hold tables with an `address`;
--- declared properties never hold one of csorun's addresses.
local function rename(tree, from, to)
  local changed = false
  for i, need in ipairs(tree.depends or {}) do
    if need == from then
      tree.depends[i] = to
      changed = true
    end
  end
  local function origins(t)
    local origin = t["$origin"]
    if type(origin) == "table" and origin.address == from then
      origin.address = to
      changed = true
    end
    for _, v in next, t do
      if type(v) == "table" then origins(v) end
    end
  end
  origins(tree)
  for _, list in ipairs { tree.keeps or false, tree.given or false } do
    if list and list[from] then
      list[to], list[from] = list[from], nil
      changed = true
    end
  end
  for _, kept in pairs(tree.vault or {}) do
    if type(kept) == "table" and kept.address == from then
      kept.address = to
      changed = true
    end
  end
  if tree.depends and changed then table.sort(tree.depends) end
  return changed
end

local function writer(self, sql)
  return function(key, text) return self.db:run(sql, text, key) end
end

local function rewrite(self, sql_read, write, from, to)
  for _, row in ipairs(self.must(self.db:query(sql_read))) do
    local tree = json.decode(row.text)
    if type(tree) == "table" and rename(tree, from, to) then
      self.must(write(row.key, json.encode(tree)))
    end
  end
end

local function readdress(self, from, to)
  local row = self.must(self.db:one("SELECT record FROM resources WHERE address = ?", from))
  local tree = json.decode(row.record)
  tree.address = to
  local text = json.encode(tree)
  self.must(self.db:run("UPDATE resources SET address = ?, record = ?, sum = ? WHERE address = ?",
    to, text, sums.of(to, text), from))
  rewrite(self, "SELECT address AS key, record AS text FROM resources", function(key, new)
    return self.db:run("UPDATE resources SET record = ?, sum = ? WHERE address = ?", new, sums.of(key, new), key)
  end, from, to)
  rewrite(self, "SELECT address AS key, intent AS text FROM pending",
    writer(self, "UPDATE pending SET intent = ? WHERE address = ?"), from, to)
  rewrite(self, "SELECT name AS key, value AS text FROM outputs",
    writer(self, "UPDATE outputs SET value = ? WHERE name = ?"), from, to)
  self.must(self.db:run("UPDATE pending SET address = ? WHERE address = ?", to, from))
end

--- Why a move can't be made, or nil.
local function obstacle(self, from, to)
  local there = self.db:one("SELECT 1 AS yes FROM resources WHERE address = ?", to)
  if there then
    return err.new { code = "address_taken", class = "usage",
      message = ("%s can't become %s: the state has both"):format(from, to),
      hint = "csorun state rm, or destroy, the one that is too many" }
  end
  if self.db:one("SELECT 1 AS yes FROM pending WHERE address = ?", to) then
    return err.new { code = "address_taken", class = "usage",
      message = ("%s can't become %s: an interrupted run was making one of that address"):format(from, to),
      hint = "apply or destroy first, so that it is accounted for" }
  end
end

--- Moves one address, as part of a run: all of it is on disk or none.
---@param from string
---@param to string
---@param run string   id of the run that moves it
---@return boolean? moved   false when there is nothing at `from`
---@return cso.Err?  code "address_taken"
function moves:move(from, to, run)
  if not self:get(from) then return false end
  local problem = obstacle(self, from, to)
  if problem then return nil, problem end
  self:together(function()
    local seq = self:intend { run = run, address = to, action = "move", service = "state", operation = "Move" }
    readdress(self, from, to)
    -- Not by `settle`: its outcome may wait for a later sync, this one is part of the move.
    self.must(self.db:run("UPDATE journal SET outcome = 'done', finished = ?, detail = ? WHERE seq = ?",
      self.now() + 0.0, from, seq))
  end)
  return true
end

--- What the state would hold after some moves; nothing is written.
---@param list { from: string, to: string }[]
---@return { resources: cso.Record[], expected: table, moved: table[] }? imagined, cso.Err?
function moves:imagine(list)
  local moved, problem, imagined = {}, nil, nil
  self.must(self.db:exec("BEGIN IMMEDIATE"))
  local ok, e = pcall(function()
    for _, one in ipairs(list) do
      if self:get(one.from) then
        problem = obstacle(self, one.from, one.to)
        if problem then return end
        readdress(self, one.from, one.to)
        moved[#moved + 1] = one
      end
    end
    imagined = { resources = self:resources(), expected = self:expected(), moved = moved }
  end)
  self.must(self.db:exec("ROLLBACK"))
  if not ok then error(e, 0) end
  return imagined, problem
end


return moves
