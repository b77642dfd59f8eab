--- Two stacks: the first one says what it made, and things of the second may use that.
local kinds = require "spec.scenario.random.kinds"

local stacks = { FIRST = "random", SECOND = "second" }

--- The name of a stack.
---@param stack "second"?
---@return string
function stacks.name(stack) return stack or stacks.FIRST end

--- Whether all that a thing uses, and all that uses it, can be reached when it stands in a stack.
---@param m spec.random.Model
---@param r spec.random.Thing
---@param stack "second"?
---@return boolean
function stacks.can_stand(m, r, stack)
  for _, n in pairs(r.uses) do
    local used = m.things[n]
    if used.stack ~= stack and (stack == nil or not kinds[used.kind].out) then return false end
  end
  return true
end

return stacks
