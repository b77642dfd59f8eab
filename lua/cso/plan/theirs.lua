--- What another stack took over bears its tags now, though this one remembers it still: who is about to
--- delete it is told.
local tags = require "cso.kind.tags"

---@param work table
---@param address string
---@return string?  what its tags say
return function(work, address)
  local owner = work.owners[address]
  local stack = owner and owner[tags.OWNER.stack]
  if not stack or stack == work.stack then return nil end
  return ("stack %s (%s)"):format(stack, owner[tags.OWNER.address] or "?")
end
