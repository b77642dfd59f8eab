--- What a node needs, as it is remembered: a step is not remembered, so what stands behind it is
--- what orders a destruction.
local json = require "cso.std.json"

--- The addresses that a node needs, with those behind steps; sorted.
---@param node table
---@param nodes table<string, table>
---@return string[]
return function(node, nodes)
  local through = false
  for _, need in ipairs(node.depends) do through = through or nodes[need] and nodes[need].form == "step" end
  if not through then return json.array(table.move(node.depends, 1, #node.depends, 1, {})) end
  local seen, out = { [node.address] = true }, {}
  local function add(list)
    for _, need in ipairs(list) do
      if not seen[need] then
        seen[need] = true
        out[#out + 1] = need
        if nodes[need] and nodes[need].form == "step" then add(nodes[need].depends) end
      end
    end
  end
  add(node.depends)
  table.sort(out)
  return json.array(out)
end
