--- The way to the API while applying: every call that changes something is in the journal, on
--- disk, before it is sent; what came of it is written right after.
local calls = require "cso.kind.calls"
local fresh = require "cso.apply.fresh"
local json = require "cso.std.json"
local outlast = require "cso.kind.outlast"
local value = require "cso.std.value"

--- A salted digest of the parameters: they may hold secrets, so nothing else of them is kept.
local function params_hash(salt, params)
  local ok, text = pcall(json.encode, params)
  return ok and value.digest(salt, text):sub(1, 16) or nil
end

---@param run { id: string, store: cso.Store, session: table, budget: cso.Budget, urgency: table<string, number>, queued: table<string, number>, did: table<string, integer> }
---  urgency: how long the path is that waits for an address, s; queued: how long it waited for budgets, s;
---  did: how many changing calls were carried out for an address
---@return fun(r: cso.Handle, service: string, operation: string, params: table, opts: table): table?, cso.Err?
return function(run)
  local plain, patient = calls.plain(run.session), outlast.new(run, outlast.CHANGING)
  return function(r, service, operation, params, opts)
    local changes = calls.mutating(operation)
    local lane = ("%s|%s|%s"):format(service, operation, r.target.region or "")
    local function send()
      local out, e, waited = run.budget.run(lane, function(told)
        local own = { told = told }
        for k, v in pairs(opts) do own[k] = v end
        return patient:call(service, operation, function() return plain(r, service, operation, params, own) end)
      end, run.urgency[r.address])
      if waited > 0 then run.queued[r.address] = (run.queued[r.address] or 0) + waited end
      return out, e
    end
    if not changes then
      if r.looking then return send() end
      return fresh.patiently(run, r, operation, params, send, opts.whole)
    end
    local intent = {
      run = run.id, address = r.address, action = r.action or "update", service = service, operation = operation,
      token = r.token, params_hash = params_hash(run.store.salt, params),
    }
    -- What is expected of a creation goes to disk with the first call that may fulfil it.
    local expected = r.expected
    r.expected = nil
    local seq = run.commit(function()
      if expected then run.store:expect(expected) end
      return run.store:intend(intent)
    end)
    -- A state that others share has it where they see it, too.
    run.store:durable()
    local out, e = fresh.patiently(run, r, operation, params, send)
    -- A disk that refuses the outcome must not make a call that was carried out look like one that
    -- was not: what it created would be forgotten. Without an outcome the next run looks for it.
    if out then
      run.did[r.address] = (run.did[r.address] or 0) + 1
      pcall(run.store.settle, run.store, seq, "done", r.id)
      if not r.id then r.unnamed = r.unnamed or seq end
    else
      pcall(run.store.settle, run.store, seq, e.ambiguous and "unsure" or "failed", e.code)
    end
    return out, e
  end
end
