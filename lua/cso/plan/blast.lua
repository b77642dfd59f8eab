--- How far the loss of a thing reaches: whatever needs what is replaced or deleted, directly or
--- through others. Those that go with it are named too: they are the reach.

-- Where half of a stack is lost, naming for each thing all that it reaches would cost the square of the
-- stack, and nobody would read it. So many names are worth their cost: few losses are told wholly.
local EACH, TOGETHER = 50, 20 -- names per loss at least; names altogether, per thing of the stack

local function users_of(work)
  local users = {}
  local function add(need, address)
    users[need] = users[need] or {}
    users[need][address] = true
  end
  local n = 0
  for address, node in pairs(work.nodes) do
    n = n + 1
    for _, need in ipairs(node.depends or {}) do add(need, address) end
    for _, need in ipairs(node.record and node.record.depends or {}) do add(need, address) end
  end
  for need, set in pairs(users) do
    local list = {}
    for address in pairs(set) do list[#list + 1] = address end
    table.sort(list)
    users[need] = list
  end
  return users, n
end

-- The nearest first, so that a reach that is cut short names those that matter.
local function reach(users, from, most)
  local seen, out, more = { [from] = true }, {}, false
  local at, next_one = from, 1
  while at and not more do
    for _, address in ipairs(users[at] or {}) do
      if not seen[address] then
        if #out == most then
          more = true
          break
        end
        seen[address] = true
        out[#out + 1] = address
      end
    end
    at = out[next_one]
    next_one = next_one + 1
  end
  table.sort(out)
  return out, more or nil
end

return function(work)
  local lost = {}
  for _, action in ipairs(work.acting) do
    -- Where everything goes, everything is reached: that says nothing.
    if action.action == "replace" or action.action == "delete" and not work.opts.destroy then
      lost[#lost + 1] = action
    end
  end
  if #lost == 0 then return true end
  local users, things = users_of(work)
  local most = math.max(EACH, TOGETHER * things // #lost)
  for _, action in ipairs(lost) do
    action.affects, action.affects_more = reach(users, action.address, most)
  end
  return true
end
