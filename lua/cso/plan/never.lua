--- Changes that no service makes: a volume that shrinks, an engine that goes back. Half of an apply
--- would be done before the service said so; the plan says it first. A new thing can be what the old
--- one can't become, but it would be empty: that is for the user to say.
local err = require "cso.std.err"

local function where_of(node)
  return node.where and ("%s:%s"):format(node.where.file, node.where.line) or nil
end

return function(work)
  local problems, first = {}, nil
  for _, action in ipairs(work.acting) do
    local node = work.nodes[action.address]
    local rules = action.action == "update" and node.form == "resource" and node.kind.spec.never or {}
    for _, c in ipairs(next(rules) and action.changes or {}) do
      local why = rules[c.path] and rules[c.path](c.after, c.before)
      if why then
        problems[#problems + 1] = ("%s: %s: %s"):format(action.address, c.path, why)
        first = first or node
      end
    end
  end
  if #problems == 0 then return true end
  local more = #problems > 1 and problems or nil
  return nil, err.new { code = "never", class = "usage", where = where_of(first), problems = more,
    message = more and ("%d changes can't be made to what is there"):format(#problems)
      or "this can't be made of what is there: " .. problems[1],
    hint = ("declare what is there, ignore it, or replace the thing: --replace %s"):format(first.address) }
end
