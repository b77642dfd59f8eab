--- The plain way from a handle to the API: the session's client for the handle's target. Apply
--- wraps it in its journal and its budget.
local verbs = require "cso.std.verbs"

local calls = {}

--- True when an operation changes the account.
---@type fun(operation: string): boolean
function calls.mutating(operation) return verbs.mutates(operation) end

--- An `invoke` for handles.
---@param session table   cso.aws session: `client(service, target)`
---@return fun(r: cso.Handle, service: string, operation: string, params: table, opts: table): table?, cso.Err?
function calls.plain(session)
  return function(r, service, operation, params, opts)
    local client, e = session:client(service, r.target)
    if not client then return nil, e end
    return client:call(operation, params, opts)
  end
end

return calls
