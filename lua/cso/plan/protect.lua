--- Protection lives in the state, so it outlives the line that declared it: deleting or replacing
--- a protected thing takes two runs, one that lifts the protection and one that deletes.
local err = require "cso.std.err"

return function(work)
  local held = {}
  for _, action in ipairs(work.acting) do
    local node = work.nodes[action.address]
    local record = node.record
    if record and record.protect and (action.action == "delete" or action.action == "replace") then
      held[#held + 1] = action.address
    end
  end
  if #held == 0 then return true end
  table.sort(held)
  local first = work.nodes[held[1]]
  return nil, err.new {
    code = "protected", class = "policy", addresses = held,
    where = first.where and ("%s:%s"):format(first.where.file, first.where.line) or nil,
    message = ("this would delete what is protected: %s"):format(table.concat(held, ", ")),
    hint = "declare it with protect = false and apply that first",
  }
end
