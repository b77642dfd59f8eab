--- Giving records to another stack's state. Two files can't change in one transaction, so it goes in three:
--- here the records are marked as leaving, there they arrive, here they are deleted. Whoever opens this
--- state for writing between two of these finishes the move or takes it back: it counts once it is there.
local err = require "cso.std.err"
local json = require "cso.std.json"
local sums = require "cso.state.sums"

local leave = {}

local MARK, ARRIVED = "leaving", "arrived:"

---@class cso.state.Leaving
---@field id string           of the move
---@field stack string        where it goes
---@field place string        the state of that stack
---@field addresses string[]

--- The move out of this state that is not finished, if there is one.
---@return cso.state.Leaving?
function leave:leaving()
  local row, e = self.db:one("SELECT value FROM meta WHERE key = ?", MARK)
  if not row then
    if e then self.must(nil, e) end
    return nil
  end
  return json.decode(row.value)
end

local function refuse(code, message, hint)
  return err.new { code = code, class = "usage", message = message, hint = hint }
end

-- What of a record's making lies with others: whoever keeps its secrets, whose secrets it keeps.
local function tied(record, going)
  for _, kept in pairs(record.vault or {}) do
    if type(kept) == "table" and kept.address and not going[kept.address] then return kept.address end
  end
  for address in pairs(record.keeps or {}) do
    if not going[address] then return address end
  end
end

--- Why records can't leave, or nil.
---@param addresses string[]
---@return cso.Err?  code "left_behind" or "unfinished"
function leave:bound(addresses)
  local going, waiting = {}, self:expected()
  for _, address in ipairs(addresses) do going[address] = true end
  for _, record in ipairs(self:resources()) do
    local address = record.address
    if going[address] then
      if waiting[address] then
        return refuse("unfinished", address .. " is being made by an interrupted run", "apply or destroy first, and move it then")
      end
      local other = tied(record, going)
      if other then
        return refuse("left_behind", ("a secret ties %s to %s, which would stay"):format(address, other), "move both")
      end
    else
      for _, need in ipairs(record.depends or {}) do
        if going[need] then
          return refuse("left_behind", ("%s depends on %s and would stay"):format(address, need),
            ("move both: csorun state mv --to STACK %s %s"):format(need, address))
        end
      end
    end
  end
end

-- Digests of secrets were made with this state's salt: each takes it along.
local function salted(tree, salt)
  if tree["$secret"] and not tree["$salt"] then tree["$salt"] = salt end
  for _, v in next, tree do
    if type(v) == "table" then salted(v, salt) end
  end
end

local function told(self, run, address, detail)
  local seq = self:intend { run = run, address = address, action = "move", service = "state", operation = "Move" }
  self.must(self.db:run("UPDATE journal SET outcome = 'done', finished = ?, detail = ? WHERE seq = ?",
    self.now() + 0.0, detail, seq))
end

--- Marks records as leaving and gives them as they have to arrive. From now on they count no longer.
---@param move cso.state.Leaving
---@return { address: string, text: string }[] luggage
function leave:part(move)
  local going, luggage = {}, {}
  for _, address in ipairs(move.addresses) do going[address] = true end
  for i, address in ipairs(move.addresses) do
    local tree = json.decode(self.must(self.db:one("SELECT record FROM resources WHERE address = ?", address)).record)
    salted(tree, self.salt)
    local depends = json.array {}
    for _, need in ipairs(tree.depends or {}) do
      if going[need] then depends[#depends + 1] = need end
    end
    tree.depends = depends
    luggage[i] = { address = address, text = json.encode(tree) }
  end
  self:together(function()
    self.must(self.db:run("INSERT INTO meta VALUES (?, ?)", MARK, json.encode(move)))
  end)
  return luggage
end

--- Takes records in.
---@param move cso.state.Leaving
---@param luggage { address: string, text: string }[]
---@param run string   id of the run that moves them
---@param from string  the stack that they come from
function leave:arrive(move, luggage, run, from)
  self:together(function()
    for _, one in ipairs(luggage) do
      self.must(self.db:run("INSERT INTO resources VALUES (?, ?, ?)", one.address, one.text, sums.of(one.address, one.text)))
      told(self, run, one.address, "from stack " .. from)
    end
    self.must(self.db:run("INSERT INTO meta VALUES (?, ?)", ARRIVED .. move.id, tostring(self.now())))
    self:advance()
  end)
end

--- Whether a move has arrived here.
---@param move cso.state.Leaving
---@return boolean
function leave:has_arrived(move)
  local row, e = self.db:one("SELECT 1 AS yes FROM meta WHERE key = ?", ARRIVED .. move.id)
  if e then self.must(nil, e) end
  return row ~= nil
end

--- Forgets what has arrived elsewhere.
---@param move cso.state.Leaving
---@param run string
function leave:depart(move, run)
  self:together(function()
    for _, address in ipairs(move.addresses) do
      self.must(self.db:run("DELETE FROM resources WHERE address = ?", address))
      told(self, run, address, "to stack " .. move.stack)
    end
    self.must(self.db:run("DELETE FROM meta WHERE key = ?", MARK))
    self:advance()
  end)
end

--- Takes a move back that did not arrive.
function leave:stay()
  self.must(self.db:run("DELETE FROM meta WHERE key = ?", MARK))
end

return leave
