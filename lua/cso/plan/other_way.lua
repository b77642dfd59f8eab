--- A property that a kind does not handle hands its thing over to the Cloud Control API. Where that does
--- not show what is there all the same, nothing has been deleted: it would be made a second time.
local lazy = require "cso.std.lazy"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local handle_of = lazy "cso.plan.handle"
local kinds = require "cso.kind"

local function foreign(node)
  local K = kinds.native(node.type)
  for _, property in ipairs(deep.keys(node.decl.properties)) do
    if not K:covers(property) then return property end
  end
end

---@param work table
---@param nodes table[]   that were read
---@return true? ok, cso.Err?
return function(work, nodes)
  for _, node in ipairs(nodes) do
    if rawget(work.models, node.address) == false and node.decl and not node.kind.native and node.record.native ~= false then
      local K = kinds.recorded(node.record)
      local model, e
      if K and K.native then
        model, e = K:read(handle_of.new(work, { address = node.address, type = node.type, kind = K, record = node.record },
          node.record.id))
      end
      if e then return nil, e end
      if model then
        local property = foreign(node)
        return nil, err.new { code = "not_shown", class = "usage",
          where = node.where and ("%s:%s"):format(node.where.file, node.where.line) or nil,
          message = ("%s: %s is set through the Cloud Control API only, and that does not show %s, which is there"):format(
            node.address, property or "what is declared", node.record.id),
          hint = property and ("leave %s out: csorun would make a second %s"):format(property, node.type) or nil }
      end
    end
  end
  return true
end
