--- A rehearsal: what really exists is brought into a private simulator, and the very apply that
--- would change the account runs there. What fails there would have failed in the account.
local apply = require "cso.apply"
local clock = require "cso.rehearse.clock"
local copy = require "cso.rehearse.copy"
local doubts = require "cso.rehearse.doubts"
local fill = require "cso.rehearse.fill"
local foreign = require "cso.rehearse.foreign"
local quotas = require "cso.rehearse.quotas"
local secrets = require "cso.rehearse.secrets"
local session = require "cso.rehearse.session"
local verdict = require "cso.rehearse.verdict"

local rehearse = {}

-- A node's record comes after what it depends on; a cycle among what exists is simply cut.
local function in_order(nodes)
  local out, state = {}, {}
  local addresses = {}
  for address in pairs(nodes) do addresses[#addresses + 1] = address end
  table.sort(addresses)
  local function visit(address)
    local node = nodes[address]
    if not node or state[address] then return end
    state[address] = true
    for _, need in ipairs(node.record and node.record.depends or node.depends or {}) do visit(need) end
    out[#out + 1] = node
  end
  for _, address in ipairs(addresses) do visit(address) end
  return out
end

--- What exists and is ours, into the simulator. Gives what could not be brought there. What fails is
--- tried again after the others: not every need is a reference (a load balancer wants its network to
--- have a way out).
local function fill_own(run, made)
  local missing, left = {}, {}
  for _, node in ipairs(in_order(made.nodes)) do
    if node.record and type(node.model) == "table" and node.kind then left[#left + 1] = node end
  end
  repeat
    local before, again = #left, {}
    for _, node in ipairs(left) do
      local ok, e = fill.one(run, { address = node.address, kind = node.kind, id = node.record.id, model = node.model,
        declared = node.record.declared, target = node.record.target, owned = true, tagged = node.retag })
      missing[node.address] = nil
      if not ok then
        missing[node.address] = { err = e, id = node.record.id }
        again[#again + 1] = node
      end
    end
    left = again
  until #left == 0 or #left == before
  return missing
end

--- The changing calls that were carried out, by address, in their order.
local function calls_of(store, run)
  local out = {}
  for _, row in ipairs(run and store:calls_of(run) or {}) do
    if row.outcome == "done" then
      out[row.address] = out[row.address] or {}
      table.insert(out[row.address], { service = row.service, operation = row.operation })
    end
  end
  return out
end

local function counted(made)
  local n = 0
  for _, action in ipairs(made.actions) do
    if action.action ~= "noop" then n = n + 1 end
  end
  return n
end

---@class cso.Rehearsal
---@field changes integer    how many actions there were to rehearse
---@field failures { address: string, action: string, where: string?, err: cso.Err }[]  sorted by address
---@field left_out { address: string, why: string }[]   what the rehearsal says nothing of
---@field skipped string[]   addresses that wait for what failed
---@field by_schema string[]  addresses of types that the simulator knows by their schema only
---@field calls table<string, { service: string, operation: string }[]>  what changed something, by address

--- Rehearses a plan. The account is only read.
---@param opts { plan: table, program: table?, session: table, simulator: table, store: cso.Store }
---  simulator: { url, keys = fun(account), begin = fun(), rename = fun(map), put = fun(place, id, row), quota = fun(name, value) }
---@return cso.Rehearsal? rehearsal, cso.Err?
function rehearse.run(opts)
  local made, time = opts.plan, clock.new()
  local run = { stack = made.stack, clock = time, secrets = secrets.new(), rename = opts.simulator.rename,
    put = opts.simulator.put, quota = opts.simulator.quota, real = opts.session }
  run.session = session.new { real = opts.session, url = opts.simulator.url, clock = time, keys = opts.simulator.keys }
  opts.simulator.begin()
  foreign.named(run, made)
  local missing = fill_own(run, made)
  foreign.beside(run, made)
  quotas(run, made)
  local plan, store = copy.plan(made, run.secrets, missing, opts.store)
  local actions = {}
  local result, e = apply.run {
    plan = plan, program = opts.program, state = store, session = run.session, sleep = time.sleep, now = time.now,
    command = "rehearse", who = "rehearsal", make_key = function() return run.secrets:key() end,
    identity = function(target) return run.session:identity(target) end,
    emit = function(name, data)
      if name == "step_failed" then actions[data.address] = data.action end
    end,
  }
  local made_calls = calls_of(store, result and result.run)
  store:close()
  if not result then return nil, e end
  local told = verdict(made, result, { program = opts.program, missing = missing, foreign = run.missing,
    looked = run.looked, ours = run.ours, doubt = function(node, failure) return doubts(opts.session, node, failure) end,
    changes = counted(made), actions = actions })
  told.calls = made_calls
  return told
end

return rehearse
