--- Values while applying: a ref is looked up in what has been made so far. When a resource exists
--- but does not know an attribute yet (a database has no address before it is available), the
--- lookup waits until the resource is ready.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local kinds = require "cso.kind"
local task = require "cso.task"
local value = require "cso.std.value"

--- A secret whose value is not at hand gets a way to fetch it from what keeps it.
local function with_fetch(run, v)
  if not value.is_secret(v) then return v end
  local info = value.secret_info(v)
  if info.known or not info.origin then return v end
  return value.secret(nil, { digest = info.digest, salt = info.salt, origin = info.origin,
    fetch = function() return run.fetch_secret(info.origin) end })
end

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
    return with_fetch(run, v)
  end
end

--- Fetches a secret from the resource that keeps it (a Secrets Manager secret, a parameter).
---@param run table
---@return fun(origin: { address: string, path: string }): string
function live.fetcher(run)
  return function(origin)
    for address, record in pairs(run.store_records) do
      local K = kinds.of(record.type, record.native ~= false and record.declared or {})
      local keeps = K and K.spec.keeps
      local kept = keeps and record.declared[keeps]
      if value.is_secret(kept) then
        local info = value.secret_info(kept)
        if info.origin and info.origin.address == origin.address and info.origin.path == origin.path then
          return K.spec.fetch(run.handle(address, K, record))
        end
      end
    end
    error(err.new { code = "secret_lost", class = "config",
      message = ("the value of %s.%s is kept nowhere"):format(origin.address, origin.path),
      hint = "declare an AWS::SecretsManager::Secret that holds it, or replace " .. origin.address }, 0)
  end
end

return live
