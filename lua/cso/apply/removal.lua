--- Deleting a thing until it is clear that it is gone.
local surely = require "cso.apply.surely"

--- Deletes. A deletion whose answer was lost is made again, and what its service says then may be that the
--- thing is not there, in words that nobody else uses: after an unclear try it is looked at before that counts
--- as a failure.
---@param run table
---@param node table
---@param r cso.Handle
---@return any ok, cso.Err?
return function(run, node, r)
  return surely(run, function(attempt)
    local ok, e = node.kind:delete(r)
    if ok or e.ambiguous or attempt == 1 and not e.after_unclear then return ok, e end
    if node.kind:read(r) == false then return true end
    return nil, e
  end)
end
