--- What a node needs, as it is remembered: a step is not remembered, so what stands behind it is
--- what orders a destruction.
local deep = require "cso.std.deep"
local json = require "cso.std.json"

local needs = {}

-- With those behind steps, in no order; nil where no step stands before them.
local function behind_steps(node, depends, nodes)
  local through = false
  for _, need in ipairs(depends) do
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
  add(depends)
  return out
end

--- The addresses that a node needs, with those behind steps; sorted.
---@param node table
---@param nodes table<string, table>
---@return string[]
function needs.of(node, nodes)
  local out = behind_steps(node, node.depends, nodes)
  if not out then return json.array(table.move(node.depends, 1, #node.depends, 1, {})) end
  table.sort(out)
  return json.array(out)
end

local function equal(node, depends, nodes, remembered)
  local now = behind_steps(node, depends, nodes)
  if now then table.sort(now) end
  return deep.equal_lists(now or depends, remembered)
end

--- Whether that is what is remembered. What it waits for though nobody declared that (cso.plan.public)
--- need not be: who was imported, or made by an earlier csorun, is in order without.
---@param node table
---@param nodes table<string, table>
---@param remembered string[]
---@return boolean
function needs.are(node, nodes, remembered)
  local recorded = node.decl.recorded_depends
  if recorded then return deep.equal_lists(recorded, remembered) end
  if node.depends[1] == nil and remembered[1] == nil then return true end
  return equal(node, node.depends, nodes, remembered)
    or node.implied == true and equal(node, node.decl.depends, nodes, remembered)
end

return needs
