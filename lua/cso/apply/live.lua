--- Values while applying: a ref is looked up in what has been made so far. When a resource exists
--- but does not know an attribute yet (a database has no address before it is available), the
--- lookup waits until the resource is ready.
local deep = require "cso.std.deep"
local secrets = require "cso.kind.secrets"
local task = require "cso.task"

local live = {}

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
    local v = current()
    local ready = run.ready[address]
    if v == nil and ready then
      task.await(ready)
      v = current()
    end
    return secrets.with_fetch(v, run.store_records, run.handle)
  end
end

return live
