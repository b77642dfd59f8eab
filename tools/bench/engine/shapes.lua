-- The shapes in which many things hang together, as a playbook for csorun and as a configuration for
-- Terraform. What is made lives in the state alone, so it is the engines that are measured.
local deep = require "cso.std.deep"
local json = require "cso.std.json"

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
  if shape == "independent" then
    return ('%s\nfor i = 1, %d do cso.random.password("p" .. i) { length = 8 } end\n'):format(out[1], n)
  end
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

--- What Terraform would remember after having applied that. It costs its apply the square to come to it.
---@param shape string
---@param n integer
---@return string
function shapes.terraform_state(shape, n)
  local resources, behind = json.array {}, {}
  for i = 1, n do
    -- It writes down whatever a thing needs, also through others.
    local all = {}
    for _, j in ipairs(SHAPES[shape](i)) do
      all["terraform_data.p" .. j] = true
      for name in pairs(behind[j]) do all[name] = true end
    end
    behind[i] = all
    local id = ("%08x-0000-4000-8000-%012x"):format(i, i)
    resources[i] = { mode = "managed", type = "terraform_data", name = "p" .. i,
      provider = 'provider["terraform.io/builtin/terraform"]', instances = json.array { {
        schema_version = 0, sensitive_attributes = json.array {}, dependencies = json.array(deep.keys(all)),
        attributes = { id = id, triggers_replace = json.null,
          input = { value = "value " .. i, type = "string" }, output = { value = "value " .. i, type = "string" } } } } }
  end
  return json.encode { version = 4, terraform_version = "1.5.0", serial = 1, outputs = {},
    lineage = "00000000-0000-4000-8000-000000000000", resources = resources, check_results = json.null }
end

return shapes
