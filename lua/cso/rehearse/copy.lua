--- A plan that may be carried out without the real one noticing: apply writes into nodes and
--- records, so it gets nodes and records of its own, and a state that lives in memory.
local state = require "cso.state"

local copy = {}

local function shallow(t)
  local out = {}
  for k, v in next, t do out[k] = v end
  return out
end

-- A step of the playbook is Lua that may do anything, so in a rehearsal it has simply passed.
local function passed(decl)
  local out = shallow(decl)
  out.run = function() return { rehearsed = true } end
  return out
end

local function node_copy(node, secrets, record)
  local out = shallow(node)
  out.record, out.model, out.desired = record, secrets:fill(node.model), secrets:fill(node.desired)
  if node.old then out.old = record end
  -- What a thing promises of itself is about the real one.
  out.options = setmetatable({ post = false }, { __index = node.options })
  if node.form == "step" then out.decl = passed(node.decl) end
  return out
end

--- Copies a plan without the nodes that are left out.
---@param made table        from cso.plan
---@param secrets cso.rehearse.Secrets
---@param without table<string, any>   addresses
---@param real cso.Store      the stack's own state, only read
---@return table plan
---@return cso.Store store  in memory, closed by the caller
function copy.plan(made, secrets, without, real)
  local store = state.memory(function() return 0 end)
  store.salt = real.salt
  local out = shallow(made)
  out.nodes, out.records, out.moves, out.actions = {}, {}, {}, {}
  out.taken_back, out.found = nil, nil
  for _, node in pairs(made.nodes) do
    secrets:learn(node.desired)
    secrets:learn(node.model)
  end
  for address, record in pairs(made.records) do
    local own = secrets:fill(record)
    out.records[address] = own
    store:put(own)
  end
  for address, node in pairs(made.nodes) do
    local own = node_copy(node, secrets, out.records[address])
    if without[address] then own.action = "noop" end
    out.nodes[address] = own
    -- What passed in an earlier run has left evidence that others may read.
    local evidence = node.form == "step" and real:evidence(address)
    if evidence then store:set_evidence(address, "before", evidence.value) end
  end
  for _, action in ipairs(made.actions) do
    if not without[action.address] then out.actions[#out.actions + 1] = action end
  end
  return out, store
end

return copy
