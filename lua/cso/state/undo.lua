--- The inverses: what each thing was before a run, on disk before the run's first call. Undoing a
--- run means making each thing again what it was; what was not there has to go.
local json = require "cso.std.json"
local records = require "cso.state.records"

local undo = {}

---@class cso.Before
---@field address string
---@field action string          what the run is about to do to it
---@field before cso.Record?     nil: it was not there; its inverse is its deletion
---@field detail table           { loses, refs, options, changes, kept }
---@field touched boolean        whether the run came to do anything to it

--- Writes down what things are before a run, as one transaction.
---@param run string
---@param each fun(): cso.Before?   gives one after the other
function undo:keep_before(run, each)
  local first = each()
  if not first then return end
  self:together(function()
    for one in function(_, last) return not last and first or each() end do
      self.must(self.db:run("INSERT INTO undo (run, address, action, before, detail) VALUES (?, ?, ?, ?, ?)", run,
        one.address, one.action, one.before and records.encode(one.before, self.salt) or nil,
        json.encode(records.pack(one.detail, self.salt))))
    end
  end)
end

--- The run has done something to an address. Rides along with the transaction that it belongs to.
---@param run string
---@param address string
function undo:touch(run, address)
  self.must(self.db:run("UPDATE undo SET touched = 1 WHERE run = ? AND address = ?", run, address))
end

--- What things were before a run, sorted by address.
---@param run string
---@return cso.Before[]
function undo:befores(run)
  local out = {}
  for i, row in ipairs(self.must(self.db:query(
    "SELECT address, action, before, detail, touched FROM undo WHERE run = ? ORDER BY address", run))) do
    out[i] = { address = row.address, action = row.action, touched = row.touched == 1,
      before = row.before and assert(records.decode(row.before, self.salt)) or nil,
      detail = records.unpack(json.decode(row.detail), self.salt) }
  end
  return out
end

--- What a thing was before the newest run that had it to do with: what remembers what is gone.
---@param address string
---@return cso.Record?
function undo:last_before(address)
  local row = self.must(self.db:query([[SELECT u.before FROM undo u JOIN runs r ON r.id = u.run
    WHERE u.address = ? AND u.before IS NOT NULL ORDER BY r.nth DESC LIMIT 1]], address))[1]
  return row and assert(records.decode(row.before, self.salt)) or nil
end

--- The addresses to which a run did something, or may have: a call without a clear answer counts.
---@param run string
---@return table<string, boolean>
function undo:touched_by(run)
  local out = {}
  for _, row in ipairs(self.must(self.db:query([[SELECT address FROM undo WHERE run = ?1 AND touched = 1
    UNION SELECT address FROM journal WHERE run = ?1 AND (outcome IS NULL OR outcome != 'failed')]], run))) do
    out[row.address] = true
  end
  return out
end

--- What a run that did not end well was changing when it ended, and no run has written down since. The account
--- may have the change, and the state does not know.
---@return table<string, { operation: string, outcome: string? }[]>  by address: what was begun for it, oldest first
function undo:unfinished()
  local out = {}
  for _, row in ipairs(self.must(self.db:query([[SELECT j.address, j.operation, j.outcome FROM runs r JOIN journal j ON j.run = r.id
    JOIN undo u ON u.run = j.run AND u.address = j.address
    WHERE (r.result IS NULL OR r.result NOT LIKE '%"whole":true%') AND j.action = 'update'
      AND coalesce(j.outcome, '') != 'failed' AND u.action = 'update' AND u.touched = 0
      AND NOT EXISTS (SELECT 1 FROM runs l JOIN undo x ON x.run = l.id AND x.address = j.address
        WHERE l.nth > r.nth AND x.touched = 1) ORDER BY j.seq]]))) do
    out[row.address] = out[row.address] or {}
    table.insert(out[row.address], { operation = row.operation, outcome = row.outcome })
  end
  return out
end

--- Drops what is kept of all but the newest runs. What a run left open stays known: it is kept apart.
---@param keep integer
function undo:forget_runs(keep)
  local old = "(SELECT id FROM runs ORDER BY nth DESC LIMIT -1 OFFSET ?)"
  self:together(function()
    self.must(self.db:run("DELETE FROM undo WHERE run IN " .. old, keep))
    self.must(self.db:run("DELETE FROM journal WHERE outcome IS NOT NULL AND run IN " .. old, keep))
    self.must(self.db:run("DELETE FROM runs WHERE id IN " .. old, keep))
  end)
end

return undo
