--- How far the loss of a thing reaches: whatever needs what is replaced or deleted, directly or
--- through others. Those that go with it are named too: they are the reach.
local function users_of(work)
  local users = {}
  local function add(need, address)
    users[need] = users[need] or {}
    users[need][address] = true
  end
  for address, node in pairs(work.nodes) do
    for _, need in ipairs(node.depends or {}) do add(need, address) end
    for _, need in ipairs(node.record and node.record.depends or {}) do add(need, address) end
  end
  return users
end

local function reach(users, from)
  local seen, stack, out = { [from] = true }, { from }, {}
  while #stack > 0 do
    for address in pairs(users[table.remove(stack)] or {}) do
      if not seen[address] then
        seen[address] = true
        stack[#stack + 1], out[#out + 1] = address, address
      end
    end
  end
  table.sort(out)
  return out
end

return function(work)
  local users
  for _, action in ipairs(work.actions) do
    -- Where everything goes, everything is reached: that says nothing.
    if action.action == "replace" or action.action == "delete" and not work.opts.destroy then
      users = users or users_of(work)
      action.affects = reach(users, action.address)
    end
  end
  return true
end
