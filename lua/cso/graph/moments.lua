--- Turns a plan into moments and their order. A thing that is made has two: "do" (it exists) and
--- "ready" (it works). A thing that goes has "del". Noops have none: their values are known.
local beside = require "cso.graph.beside"

local moments = {}

local function vertex(moment, address)
  return moment .. ":" .. address
end

local makes = { create = true, update = true, replace = true, run = true, adopt = true }

--- Whether users of a resource may start as soon as it exists.
local function usable_when_it_exists(node)
  return node.form == "resource" and node.kind.spec.use ~= "ready"
end

local function is_after(node, need)
  for _, address in ipairs(node.options.after or {}) do
    if address == need then return true end
  end
  return false
end

-- Many a moment waits for nothing; this list is theirs until the first that one waits for.
local NOTHING = {}

local function wait(edges, name, need)
  local list = edges[name]
  if list == NOTHING then
    list = {}
    edges[name] = list
  end
  list[#list + 1] = need
end

local function waits_for(edges, from, to, seen)
  if from == to then return true end
  if seen[from] then return false end
  seen[from] = true
  for _, need in ipairs(edges[from] or {}) do
    if waits_for(edges, need, to, seen) then return true end
  end
  return false
end

local function is_needed(user, address)
  for _, need in ipairs(user.depends or {}) do
    if need == address then return true end
  end
  return false
end

--- What lies beside another since an earlier run goes when that one works, and when those who used it
--- were moved there; what is deleted first goes after those who don't name it any more. Where that can't be, because they in turn wait for what it stands in, it goes at once.
local function leave_last(edges, info, users)
  for name, v in pairs(info) do
    local node = v.node
    local base = v.moment == "del" and beside.base(node.address)
    local wanted = base and { vertex("ready", base) } or {}
    for _, user in ipairs(base and not node.pending and users[base] or {}) do
      local gone = vertex("del", user.address)
      wanted[#wanted + 1] = info[gone] and gone or vertex("do", user.address)
    end
    if v.moment == "del" and node.action == "replace" and not beside.stays(node) then
      for _, user in ipairs(users[node.address] or {}) do
        if not is_needed(user, node.address) then wanted[#wanted + 1] = vertex("do", user.address) end
      end
    end
    for _, need in ipairs(wanted) do
      if info[need] and not waits_for(edges, need, name, {}) then wait(edges, name, need) end
    end
  end
end

---@param plan table
---@return table<string, string[]> edges
---@return table<string, { moment: string, node: table, name: string, spent: number? }> info
function moments.build(plan)
  local edges, info, users = {}, {}, {}
  local function add(moment, node)
    local name = vertex(moment, node.address)
    -- The walk writes there what it spent.
    edges[name], info[name] = NOTHING, { moment = moment, node = node, name = name, spent = nil }
    return name
  end
  for _, action in ipairs(plan.actions) do
    local node = plan.nodes[action.address]
    if makes[node.action] then
      add("do", node)
      if node.form == "resource" then wait(edges, add("ready", node), vertex("do", node.address)) end
    end
    if node.action == "delete" or node.action == "forget" or node.action == "replace" then add("del", node) end
    for _, need in ipairs(node.record and node.record.depends or {}) do
      users[need] = users[need] or {}
      table.insert(users[need], node)
    end
  end
  for _, v in pairs(info) do
    local node, name = v.node, v.name
    if v.moment == "do" then
      for _, need in ipairs(node.depends) do
        local other = plan.nodes[need]
        local early = other and usable_when_it_exists(other) and not is_after(node, need) and node.form == "resource"
        wait(edges, name, vertex((early or other and other.form == "step") and "do" or "ready", need))
      end
      if node.action == "replace" and node.replace_order ~= "create_first" then
        wait(edges, name, vertex("del", node.address))
      end
      for _, old in ipairs(node.waits_for or {}) do wait(edges, name, vertex("del", old)) end
    elseif v.moment == "del" then
      -- Whoever used it must be gone, or must have been moved to what takes its place.
      for _, user in ipairs(users[node.address] or {}) do
        if info[vertex("del", user.address)] and user.address ~= node.address then
          wait(edges, name, vertex("del", user.address))
        elseif node.action ~= "replace" or node.replace_order == "create_first" then
          wait(edges, name, vertex("do", user.address))
        end
      end
      if node.action == "replace" and node.replace_order == "create_first" then
        wait(edges, name, vertex("ready", node.address))
      end
    end
  end
  leave_last(edges, info, users)
  return edges, info
end

--- How long a moment is expected to take: learned from earlier runs, else the kind's own figure.
---@param v { moment: string, node: table }
---@param learned table<string, table<string, number>>
---@return number seconds
function moments.weight(v, learned)
  local node = v.node
  if node.form ~= "resource" then return 1 end
  local own, spec = learned[node.type] or {}, node.kind.spec.seconds
  if type(spec) == "function" then spec = spec(node.desired or {}) end
  spec = spec or {}
  if v.moment == "del" then return own.delete or spec.delete or 1 end
  if v.moment == "ready" then return own.ready or spec.create or 0.5 end
  return own[node.action] or (node.action == "update" and spec.update) or 0.5
end

--- How long the path is that waits for what is done with an address.
---@param address string
---@param remaining table<string, number>   of the moments, s
---@return number? seconds
function moments.urgency(address, remaining)
  local made, gone = remaining[vertex("do", address)], remaining[vertex("del", address)]
  return made and gone and math.max(made, gone) or made or gone
end

return moments
