--- The journal: what is about to be done is on disk before it is sent, what came of it right after.
--- What has no outcome is what an interrupted run left open.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local records = require "cso.state.records"

local journal = {}

--- Starts a run.
---@param run { command: string, who: string, facts: table? }   facts: what else is known of it at its
---  start: playbook, its digest, the caller, which run it undoes, what the outputs were; no secret in clear
---@return string id   sorts by time
function journal:begin_run(run)
  local id = os.date("!%Y%m%dT%H%M%SZ", math.floor(self.now())) .. "-" .. hash.hex_encode(hash.random(3))
  self.must(self.db:run([[INSERT INTO runs (id, command, who, started, facts, nth)
    VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(nth), 0) + 1 FROM runs))]], id, run.command, run.who,
    self.now() + 0.0, json.encode(records.pack(run.facts or {}, self.salt))))
  return id
end

---@param id string
---@param result table   counts, failures
function journal:end_run(id, result)
  self.must(self.db:run("UPDATE runs SET finished = ?, result = ? WHERE id = ?", self.now() + 0.0, json.encode(result), id))
end

---@return table[] runs, newest first; facts and result are tables
function journal:runs()
  local rows = self.must(self.db:query(
    "SELECT id, command, who, started, finished, result, facts, nth FROM runs ORDER BY nth DESC"))
  for _, row in ipairs(rows) do
    row.facts = row.facts and records.unpack(json.decode(row.facts), self.salt) or {}
    row.result = row.result and json.decode(row.result) or nil
  end
  return rows
end

--- The account whose keys the last run had that needed any.
---@return string? account  its number
function journal:account()
  local row = self.must(self.db:query([[SELECT facts FROM runs WHERE facts LIKE '%"caller"%' ORDER BY nth DESC LIMIT 1]]))[1]
  local caller = row and json.decode(row.facts).caller
  return type(caller) == "string" and caller:match("^arn:[^:]*:[^:]*:[^:]*:(%d+):") or nil
end

--- The calls of a run that changed something, in their order.
---@param id string
---@return table[]  { seq, address, action, service, operation, at, finished, outcome, detail }
function journal:calls_of(id)
  return self.must(self.db:query([[SELECT seq, address, action, service, operation, at, finished, outcome, detail
    FROM journal WHERE run = ? ORDER BY seq]], id))
end

--- Writes an intent down, durably.
---@param intent { run: string, address: string, action: string, service: string, operation: string, token: string?, params_hash: string?, intent: table? }
---@return integer seq
function journal:intend(intent)
  self.must(self.db:run([[INSERT INTO journal (run, address, action, service, operation, token, params_hash, intent, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)]], intent.run, intent.address, intent.action, intent.service, intent.operation,
    intent.token, intent.params_hash, intent.intent and json.encode(intent.intent) or nil, self.now() + 0.0))
  return self.must(self.db:one("SELECT last_insert_rowid() AS seq")).seq
end

--- Writes the outcome of an intent: "done", "failed" (surely not executed) or "unsure". It need not be
--- on disk before the run goes on: an intent without an outcome is looked into, never trusted. The
--- next durable write carries it along.
---@param seq integer
---@param outcome string
---@param detail string?
function journal:settle(seq, outcome, detail)
  local alone = not self.inside
  if alone then self.must(self.db:exec("PRAGMA synchronous = NORMAL")) end
  local ok, e = self.db:run("UPDATE journal SET outcome = ?, finished = ?, detail = ? WHERE seq = ?",
    outcome, self.now() + 0.0, detail, seq)
  if alone then self.must(self.db:exec("PRAGMA synchronous = FULL")) end
  self.must(ok, e)
end

--- Adds to a creating call what it created.
---@param seq integer
---@param id string
function journal:call_made(seq, id)
  self.must(self.db:run("UPDATE journal SET detail = ? WHERE seq = ? AND detail IS NULL", id, seq))
end

--- Writes down that a resource is about to be created: until `account_for`, an interrupted run
--- may have left it in the account, and the next run looks for it with the same token.
--- The intent says with what it is made, so that what is found can be compared with it, and so that
--- it is found even when nobody declares it any more.
---@param pending { address: string, run: string, token: string, intent: { type: string, desired: table, target: table, depends: string[], native: boolean } }
function journal:expect(pending)
  self.must(self.db:run([[INSERT INTO pending VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (address) DO UPDATE SET run = excluded.run, token = excluded.token, intent = excluded.intent,
      at = excluded.at]],
    pending.address, pending.run, pending.token, json.encode(records.pack(pending.intent, self.salt)), self.now() + 0.0))
end

-- When the runs that left creations open wrote something down for the last time.
local function last_heard(self)
  local out = {}
  for _, row in ipairs(self.must(self.db:query([[SELECT run, MAX(coalesce(finished, at)) AS at FROM journal
    WHERE run IN (SELECT run FROM pending) GROUP BY run]]))) do out[row.run] = row.at end
  return out
end

--- Creations whose outcome is not accounted for, by address. `at` is when the run that came to make it was last
--- heard of: a call may wait long for its turn or be made again, so it may have been sent until then.
---@return table<string, { address: string, run: string, token: string, intent: table, at: number }>
function journal:expected()
  local out, heard = {}, nil
  for _, row in ipairs(self.must(self.db:query("SELECT * FROM pending"))) do
    heard = heard or last_heard(self)
    row.intent, row.at = records.unpack(json.decode(row.intent), self.salt), math.max(row.at, heard[row.run] or row.at)
    out[row.address] = row
  end
  return out
end

--- What was made not longer ago than that: its descriptions may still lag behind. A call that waited long for its
--- turn made its thing when it came back, not when it was written down.
---@param seconds number
---@return table<string, number>  address -> how many seconds ago
function journal:young(seconds)
  local out, now = {}, self.now()
  for _, row in ipairs(self.must(self.db:query([[SELECT address, MAX(coalesce(finished, at)) AS at FROM journal
    WHERE coalesce(finished, at) > ? AND action = 'create' GROUP BY address]], now - seconds))) do
    out[row.address] = now - row.at
  end
  return out
end

--- The creation of an address is accounted for: it is in the state, or surely not in the account.
---@param address string
function journal:account_for(address)
  self.must(self.db:run("DELETE FROM pending WHERE address = ?", address))
end

return journal
