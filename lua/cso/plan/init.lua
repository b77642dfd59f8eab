--- Makes a plan: what has to change so that the account is what the playbook says. The plan is an
--- ordered list of small transforms over one working table; each has its own file and says why it
--- stands where it stands.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local recall = require "cso.plan.recall"

local plan = {}

--- In this order. Each is fn(work) -> true | nil, err: its module, or a function of it. Those marked `acting` ask
--- about what changes only, and are left out where nothing does.
local steps = {
  { "moved", "cso.plan.moved" },       -- what is remembered, under the addresses of now
  { "collect", "cso.plan.collect" },   -- what is declared and what is remembered, checked against each other
  { "public", "cso.plan.public" },     -- adds edges: before select, which follows them
  { "select", "cso.plan.select" },     -- needs every node, and saves the calls of those that are left out
  { "order", "cso.plan.order" },       -- a cycle must be told before any call is made
  { "refresh", "cso.plan.refresh" },   -- what is really there; also what an interrupted run left
  { "whose", "cso.plan.whose" },       -- what is gone may be in another account: before anybody believes it
  { "parts", "cso.plan.parts", "leave_out" },   -- after refresh: what is declared apart is no part of a whole
  { "lost", "cso.plan.lost" },         -- secrets that no one kept: before decide, which replaces their makers
  { "decide", "cso.plan.decide" },     -- in dependency order: each decision feeds the refs of the next
  { "holders", "cso.plan.holders", acting = true },   -- after decide, and decides again: what is held can't go first
  { "lost_again", "cso.plan.lost", "again", acting = true },   -- what is replaced wants its secret once more
  { "twice", "cso.plan.parts", "check" },   -- before remove: what is declared elsewhere now stays
  { "beside", "cso.plan.beside" },     -- after decide: a creation that is gone on with is no leftover
  { "never", "cso.plan.never", acting = true },       -- needs every change of what exists
  { "remove", "cso.plan.remove" },     -- after decide: a replaced thing's users are known by then
  { "stands", "cso.plan.stands", acting = true },     -- who is in the way of what changes, or goes before it: needs every action
  { "heirs", "cso.plan.heirs", acting = true },       -- who takes the name of what goes: needs every action
  { "protect", "cso.plan.protect", acting = true },   -- last of the actions: nothing protected may be lost
  { "loss", "cso.plan.loss", acting = true },         -- what nobody can bring back: needs every action
  { "blast", "cso.plan.blast", acting = true },       -- who is touched by what is lost: needs every action
  { "outputs", "cso.plan.outputs" },
  { "check", "cso.plan.check" },
}

---@class cso.Action
---@field address string
---@field action "create"|"update"|"replace"|"delete"|"read"|"run"|"noop"|"forget"|"adopt"
---@field type string
---@field reasons string[]      why it is replaced or run
---@field changes table[]       { path, before, after, unknown, sensitive, replaces }
---@field before table?
---@field after table?
---@field where table?
---@field replace_order "delete_first"|"create_first"|nil
---@field keeps string[]?      what is left of what goes
---@field loses string[]?      what nothing brings back
---@field depends string[]
---@field affects string[]?     what is lost: who needs it, directly or through others, sorted
---@field affects_more true?     there are more than those, further away

local function counts_of(work)
  local counts = { create = 0, update = 0, replace = 0, delete = 0, run = 0, forget = 0, adopt = 0,
    noop = #work.actions - #work.acting }
  for _, a in ipairs(work.acting) do counts[a.action] = (counts[a.action] or 0) + 1 end
  return counts
end

local function in_order(actions, names)
  for i = 1, #actions do
    if actions[i].address ~= names[i] then return false end
  end
  return true
end

-- There is one action per address, and the graph has most addresses in order. Texts alone are sorted without
-- asking Lua about each pair.
local function sort(actions, names)
  if in_order(actions, names) then return end
  local by_address, n = {}, 0
  for _, action in ipairs(actions) do by_address[action.address] = action end
  for _, address in ipairs(names) do
    if by_address[address] then n = n + 1 end
  end
  if n < #actions then names = deep.keys(by_address) end
  n = 0
  for _, address in ipairs(names) do
    local action = by_address[address]
    if action then
      n = n + 1
      actions[n] = action
    end
  end
end

--- Makes the plan of a program.
---@param opts { program: table?, state: cso.Store, session: table, emit: fun(name: string, t: table), refresh: boolean?, destroy: boolean?, targets: string[]?, exclude: string[]?, replace: string[]?, sleep: fun(s: number), now: fun(): number, stack: string?, only: (fun(address: string): boolean)?, remember: table<string, cso.Record>?, undoes: string?, early: cso.plan.Early? }
---  early: what was looked at already; only: which addresses take part; remember: what the state forgot and shall know again; undoes: a run
---@return table? plan { actions, nodes, counts, outputs, checks_failed, serial, graph }, cso.Err?
function plan.make(opts)
  local emit = opts.emit or function() end
  local work = {
    opts = opts, emit = emit, program = opts.program, store = opts.state, session = opts.session,
    stack = opts.stack or opts.program and opts.program.stack.name,
    nodes = {}, records = {}, models = {}, actions = {}, owners = {},
    taken_back = {},
  }
  emit("plan_start", { stack = work.stack, destroy = opts.destroy or false })
  for _, step in ipairs(steps) do
    if not step.acting or #work.acting > 0 then
      local fn = require(step[2])
      local ok, e = (step[3] and fn[step[3]] or fn)(work)
      if not ok then return nil, err.wrap(e) end
    end
  end
  if #work.acting > 0 then recall.all(work) end
  sort(work.actions, work.graph.names)
  local made = {
    actions = work.actions, nodes = work.nodes, counts = counts_of(work), outputs = work.outputs,
    checks_failed = work.checks_failed, serial = work.store.serial, graph = work.graph,
    stack = work.stack, destroy = opts.destroy or false, changed_outputs = work.changed_outputs,
    records = work.records, moves = work.moves, taken_back = work.taken_back, found = work.found,
    keeps_outputs = work.keeps_outputs, partly = work.partly, left_out = work.left_out,
  }
  for _, one in ipairs(made.moves) do emit("moved", one) end
  for _, a in ipairs(#work.acting > 0 and made.actions or work.acting) do
    if a.action ~= "noop" then emit("planned", a) end
  end
  emit("plan_done", { counts = made.counts })
  return made
end

--- True when applying the plan would change nothing.
---@param made table
---@return boolean
function plan.is_empty(made)
  if made.counts.noop < #made.actions then return false end
  return not made.changed_outputs and #made.moves == 0
end

return plan
