-- The shapes in which many things hang together, as a playbook for csorun and as a configuration for
-- Terraform. What is made lives in the state alone, so it is the engines that are measured.
local deep = require "cso.std.deep"
local json = require "cso.std.json"

-- The numbers of the things that thing i needs, as Lua: playbook and floor find them by the same words.
local NEEDS = {
  independent = "return {}",
  chains = "return (i - 1) % 10 > 0 and { i - 1 } or {}",
  dense = [[local out, last = {}, (i - 1) // 20 * 20
    for j = math.max(1, last - 19), last do out[#out + 1] = j end
    return out]],
  hub = "return i > 1 and { 1 } or {}",
}

local SHAPES = {}
for name, words in pairs(NEEDS) do SHAPES[name] = assert(load("local i = ... " .. words)) end

local shapes = { names = { "independent", "chains", "dense", "hub" }, needs = SHAPES }

--- Declared in a loop, as the floor does it: to parse a line for each is not what is compared.
---@param shape string
---@param n integer
---@return string
function shapes.playbook(shape, n)
  return ([[
local cso = require "cso"
local function needs(i)
  %s
end
local p = {}
for i = 1, %d do
  local after = needs(i)
  for k, j in ipairs(after) do after[k] = p[j] end
  p[i] = cso.random.password("p" .. i, after[1] and { after = after }) { length = 8 }
end
]]):format(NEEDS[shape], n)
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
