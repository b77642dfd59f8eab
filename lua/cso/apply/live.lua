--- Values while applying: a ref is looked up in what has been made so far. When a resource exists
--- but does not know an attribute yet (a database has no address before it is available), the
--- lookup waits until the resource is ready.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local secrets = require "cso.kind.secrets"
local task = require "cso.task"

-- Most are never waited for: a future is made for those that are.
local function outcome(run, address)
  if run.ready[address] == "later" then run.ready[address] = task.future() end
  local ready = run.ready[address]
  if type(ready) == "table" then return task.await(ready) end
  return ready == "ready"
end

--- Waits for a resource on behalf of the moment that this task carries out. The wait is told, and
--- kept apart from the moment's own work: it belongs to the longest path as an edge, not as a cost.
local function wait_until_ready(run, address)
  local v = run.carrying[task.current()]
  local since = run.now()
  if v then
    run.emit("step_wait", { address = v.node.address, what = "waiting for " .. address, seconds = 0 })
  end
  local ok = outcome(run, address)
  if v then
    run.idle[v.name] = (run.idle[v.name] or 0) + run.now() - since
    table.insert(run.late_edges, { v.name, "ready:" .. address })
  end
  if not ok then
    error(err.new { code = "upstream", class = "service", because = address, message = address .. " failed" }, 0)
  end
end

local live = {}

--- What an update changes is old until the update is over.
local function changing(node, head)
  if node.action ~= "update" then return false end
  for _, list in ipairs { node.updates or {}, node.kind.spec.volatile or {} } do
    for _, name in ipairs(list) do
      if name == head then return true end
    end
  end
  return false
end

---@param run table
---@return fun(address: string, path: string): any
function live.lookup(run)
  return function(address, path)
    local node = run.plan.nodes[address]
    if not node then return nil end
    if node.form == "step" then return deep.get(run.evidence[address] or {}, path) end
    local function current()
      local record = run.store_records[address]
      if not record then return nil end
      local v = deep.get(record.attributes, path)
      if v == nil then v = deep.get(record.declared, path) end
      return v
    end
    local v, ready = current(), run.ready[address]
    if ready and (v == nil or changing(node, path:match("^[^.]+"))) then
      wait_until_ready(run, address)
      v = current()
    end
    return secrets.with_fetch(v, run.store_records, run.handle, run.held)
  end
end

return live
