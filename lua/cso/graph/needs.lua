--- What a node needs, as it is remembered: a step is not remembered, so what stands behind it is
--- what orders a destruction.
local deep = require "cso.std.deep"
local json = require "cso.std.json"

local needs = {}

-- With those behind steps, in no order; nil where no step stands before them.
local function behind_steps(node, nodes)
  local through = false
  for _, need in ipairs(node.depends) do
    local other = nodes[need]
    if other and other.form == "step" then
      through = true
      break
    end
  end
  if not through then return nil end
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
  return out
end

--- The addresses that a node needs, with those behind steps; sorted.
---@param node table
---@param nodes table<string, table>
---@return string[]
function needs.of(node, nodes)
  local out = behind_steps(node, nodes)
  if not out then return json.array(table.move(node.depends, 1, #node.depends, 1, {})) end
  table.sort(out)
  return json.array(out)
end

--- Whether that is what is remembered.
---@param node table
---@param nodes table<string, table>
---@param remembered string[]
---@return boolean
function needs.are(node, nodes, remembered)
  local now = node.decl.recorded_depends
  if not now then
    now = behind_steps(node, nodes)
    if now then table.sort(now) end
  end
  return deep.equal_lists(now or node.depends, remembered)
end

return needs
