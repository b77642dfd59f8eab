-- The shapes in which many things hang together, as a playbook for csorun and as a configuration for
-- Terraform. What is made lives in the state alone, so it is the engines that are measured.
local LAYER, CHAIN = 20, 10

-- The numbers of the things that thing i needs.
local SHAPES = {
  independent = function() return {} end,
  chains = function(i) return (i - 1) % CHAIN > 0 and { i - 1 } or {} end,
  dense = function(i)
    local out, last = {}, (i - 1) // LAYER * LAYER
    for j = math.max(1, last - LAYER + 1), last do out[#out + 1] = j end
    return out
  end,
  hub = function(i) return i > 1 and { 1 } or {} end,
}

local shapes = { names = { "independent", "chains", "dense", "hub" }, needs = SHAPES }

---@param shape string
---@param n integer
---@return string
function shapes.playbook(shape, n)
  local out = { 'local cso = require "cso"', "local p = {}" }
  for i = 1, n do
    local needs = {}
    for k, j in ipairs(SHAPES[shape](i)) do needs[k] = ("p[%d]"):format(j) end
    local options = #needs > 0 and (", { after = { %s } }"):format(table.concat(needs, ", ")) or ""
    out[#out + 1] = ('p[%d] = cso.random.password("p%d"%s) { length = 8 }'):format(i, i, options)
  end
  return table.concat(out, "\n") .. "\n"
end

---@param shape string
---@param n integer
---@return string
function shapes.terraform(shape, n)
  local out = {}
  for i = 1, n do
    local needs = {}
    for k, j in ipairs(SHAPES[shape](i)) do needs[k] = ("terraform_data.p%d"):format(j) end
    out[#out + 1] = ('resource "terraform_data" "p%d" {\n  input = "value %d"\n  depends_on = [%s]\n}\n'):format(
      i, i, table.concat(needs, ", "))
  end
  return table.concat(out, "\n")
end

return shapes
