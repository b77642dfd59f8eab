--- Reads Terraform's state, format 4 (OpenTofu's is the same): which managed resources of AWS it names, and
--- by which ids. Nothing else of it is used: what a thing is like is read from the account, so no attribute
--- that is secret can get anywhere.
local err = require "cso.std.err"
local json = require "cso.std.json"
local types = require "cso.import.terraform.types"

local state = {}

---@class cso.import.terraform.Thing
---@field address string    Terraform's: module.a.aws_subnet.b[0]
---@field name string       what it is to be called
---@field source string     Terraform's type
---@field type string?      CloudFormation's type
---@field id string?
---@field region string?
---@field reason string?    why it can't be imported
---@field part boolean?     another resource says it

local function refuse(path, code, message, hint)
  return nil, err.new { code = code, class = "usage", message = ("%s: %s"):format(path, message), hint = hint }
end

local function decode(path, text)
  local tree, e = json.decode(text, { name = path })
  if tree == nil then
    if text:match("^%s*$") then return refuse(path, "tfstate", "the file is empty") end
    return refuse(path, "tfstate", "is no Terraform state: " .. (e and e.message or "it can't be read as JSON"),
      "give it a terraform.tfstate, or what `terraform state pull` prints")
  end
  if type(tree) ~= "table" then return refuse(path, "tfstate", "is no Terraform state: it is no JSON object") end
  if tree.encrypted_data or tree.encryption_version then
    return refuse(path, "tfstate_encrypted", "the state is encrypted",
      "let the program that encrypted it print it: tofu state pull > plain.tfstate")
  end
  if tree.planned_values or tree.values then
    return refuse(path, "tfstate", "is what `terraform show -json` prints, not a state",
      "take the state itself: terraform state pull > terraform.tfstate")
  end
  local version = math.tointeger(tree.version)
  if not version then return refuse(path, "tfstate", "is no Terraform state: it has no version") end
  if version < 4 then
    return refuse(path, "tfstate_version", ("the state has format %d; csorun reads format 4"):format(version),
      "Terraform 0.12 and later write format 4: run `terraform apply -refresh-only` with one")
  end
  if version > 4 then
    return refuse(path, "tfstate_version", ("the state has format %d, which this csorun does not know"):format(version))
  end
  if type(tree.resources) ~= "table" then return refuse(path, "tfstate", "the state has no list of resources") end
  return tree
end

--- {name}, {a/b}: the first that is not empty; {a:last}: behind its last "/"; {a?}: may be missing.
---@param template string
---@param attributes table
---@return string? id, string? missing
function state.fill(template, attributes)
  local missing
  local id = template:gsub("%b{}", function(word)
    local names = word:sub(2, -2)
    local optional, last = names:match("%?$"), names:match(":last$")
    names = names:gsub("%?$", ""):gsub(":last$", "")
    for name in names:gmatch("[^/]+") do
      local v = attributes[name]
      if type(v) == "number" then v = tostring(math.tointeger(v) or v) end
      if type(v) == "string" and v ~= "" then return last and v:match("([^/]+)$") or v end
    end
    missing = missing or not optional and names or nil
    return ""
  end)
  if missing then return nil, missing end
  return id
end

local function index_text(key)
  if key == nil or key == json.null then return "" end
  if type(key) == "number" then return ("[%d]"):format(math.tointeger(key) or 0) end
  return ("[%q]"):format(tostring(key))
end

local common = { this = true, main = true, default = true }

--- What it is called: its name in the program, in the modules it stands in, with its index.
local function name_of(resource, key)
  local parts = {}
  for step in (resource.module or ""):gmatch("module%.([%w_-]+%b[])") do parts[#parts + 1] = step end
  if resource.module and #parts == 0 then
    for step in resource.module:gmatch("module%.([%w_-]+)") do parts[#parts + 1] = step end
  end
  if not (common[resource.name] and #parts > 0) then parts[#parts + 1] = resource.name end
  local text = index_text(key)
  if text ~= "" then parts[#parts + 1] = text end
  return (table.concat(parts, "-"):gsub("[%[%]\"']", "-"):gsub("%-+", "-"):gsub("%-$", ""):gsub("^%-", ""))
end

local function region_of(attributes)
  if type(attributes.region) == "string" and attributes.region:match("^%a+%-%a+[%a-]*%-%d$") then return attributes.region end
  for _, name in ipairs { "arn", "id" } do
    local v = attributes[name]
    local region = type(v) == "string" and v:match("^arn:[^:]*:[^:]*:([%w-]+):")
    if region then return region end
  end
  local zone = attributes.availability_zone
  return type(zone) == "string" and zone:match("^(.+%-%d)%a$") or nil
end

--- What an entry of the table says of one instance.
local function judge(thing, rule, attributes)
  if rule.choose then rule = rule.choose(attributes) end
  if rule.no then
    thing.reason = rule.no
    return
  end
  if rule.type then
    local missing
    thing.type = rule.type
    thing.id, missing = state.fill(rule.id, attributes)
    if thing.id then return end
    thing.type = nil
    thing.reason = rule.part or ("the state says no %s of it"):format(missing)
    thing.part = rule.part ~= nil
    return
  end
  thing.reason, thing.part = rule.part, true
end

local function is_aws(resource)
  local provider = tostring(resource.provider or "")
  return provider:find("hashicorp/aws", 1, true) ~= nil or provider:find("provider.aws", 1, true) ~= nil
    or provider == "" and tostring(resource.type):match("^aws_") ~= nil
end

local function things_of(resource, out)
  for _, instance in ipairs(type(resource.instances) == "table" and resource.instances or {}) do
    local attributes = type(instance) == "table" and instance.attributes
    local prefix = resource.module and resource.module .. "." or ""
    local key = type(instance) == "table" and instance.index_key or nil
    local thing = { source = resource.type, name = name_of(resource, key),
      address = ("%s%s.%s%s"):format(prefix, resource.type, resource.name, index_text(key)) }
    local rule = types[resource.type]
    if not is_aws(resource) then
      thing.reason = "it is not of the AWS provider"
    elseif type(instance) == "table" and instance.deposed then
      thing.reason = "Terraform was about to delete it"
    elseif not rule then
      thing.reason = "csorun does not know which type of CloudFormation this is"
    elseif type(attributes) ~= "table" then
      thing.reason = "the state says nothing of it"
    else
      thing.region = region_of(attributes)
      judge(thing, rule, attributes)
    end
    out[#out + 1] = thing
  end
end

--- Reads a state.
---@param path string   for messages
---@param text string
---@return cso.import.terraform.Thing[]? things  sorted by address; data sources are left out
---@return cso.Err?
function state.read(path, text)
  local tree, e = decode(path, text)
  if not tree then return nil, e end
  local out = {}
  for i, resource in ipairs(tree.resources) do
    if type(resource) ~= "table" or type(resource.type) ~= "string" or type(resource.name) ~= "string" then
      return refuse(path, "tfstate", ("resource %d of the state has no type or no name"):format(i))
    end
    if resource.mode ~= "data" then things_of(resource, out) end
  end
  table.sort(out, function(a, b) return a.address < b.address end)
  return out
end

return state
