--- What a rule sees of a resource: its properties as plain reading gives them. Reading a value that
--- is known only after apply ends the rule with the answer "can't be known yet", so a rule never
--- takes an unknown for a yes or a no. A name that the type does not have is an error of the rule.
local catalogue = require "cso.std.catalogue"
local suggest = require "cso.std.suggest"
local value = require "cso.std.value"

local view = {}

--- What is raised when a rule needs to know what can't be known; a value of its own.
view.UNKNOWN = setmetatable({}, { __tostring = function() return "a value that is known after apply" end })

--- What stands for a secret: it is there, and that is all a rule may know.
view.SECRET = setmetatable({}, { __tostring = function() return "(sensitive)" end })

local wrap

-- The names that a type, or one of its definitions, has; nil where anything goes.
local function names_of(T, name)
  local definition = name and T.definitions and T.definitions[name]
  return definition and definition.properties or not name and T.properties or nil
end

local function child_of(P)
  if not P then return nil end
  local kind = P.type
  if not kind or kind.kind == "map" then return nil end
  return kind.ref or kind.element and kind.element.ref
end

local function index(self, T, definition, key)
  if definition == false or type(key) ~= "string" then return nil end
  local names = names_of(T, definition)
  if not names or names[key] or (definition == nil and (T.attributes or {})[key]) then return names and names[key] end
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  local near = suggest(key, list)
  error(("%s has no %s%s"):format(definition or self, key, near and ("; did you mean %s?"):format(near) or ""), 0)
end

--- A read-only look at a tree.
---@param tree any
---@param T table               the catalogue's type
---@param definition string|false|nil  nil: the properties themselves; false: names are free
---@param label string
---@return any
function wrap(tree, T, definition, label)
  if value.is_unknown(tree) or value.is_ref(tree) then error(view.UNKNOWN, 0) end
  if value.is_secret(tree) then return view.SECRET end
  if type(tree) ~= "table" then return tree end
  local function item(key)
    local v = tree[key]
    local list = math.type(key) == "integer"
    local P = not list and index(label, T, definition, key) or nil
    if v == nil then return nil end
    local inner = definition
    -- Tags are a map here, whatever the registry makes of them.
    local tags = definition == nil and T.tags and T.tags.property == key
    if not list then inner = not tags and child_of(P) or false end
    return wrap(v, T, inner, label)
  end
  local function keys_of()
    local keys = {}
    for key in next, tree do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    return keys
  end
  return setmetatable({}, {
    __index = function(_, key) return item(key) end,
    __newindex = function() error("a rule may look, and change nothing", 2) end,
    __len = function() return #tree end,
    __keys = keys_of,
    __pairs = function()
      local keys, at = keys_of(), 0
      return function()
        at = at + 1
        if keys[at] ~= nil then return keys[at], wrap(tree[keys[at]], T, false, label) end
      end
    end,
  })
end

local types = {}

--- The catalogue's type, or for a type of csorun's own one that takes any name.
local function type_of(name)
  types[name] = types[name] or name:match("^AWS::") and catalogue.type(name) or { properties = nil, definitions = {} }
  return types[name]
end

---@class cso.policy.Resource
---@field address string
---@field type string        "AWS::S3::Bucket"
---@field action string      what the plan does with it
---@field where { file: string, line: integer }?
---@field properties table   resolved; unknowns stand where they are
---@field depends string[]
---@field skip table<string, string>?   rule -> why it does not apply here

--- A resource as rules see it: properties by their names; in small letters `address`, `type`,
--- `action`, `name`, `stack`, `production`.
---@param resource cso.policy.Resource
---@param facts { stack: string?, production: boolean? }
---@return table
function view.of(resource, facts)
  local T = type_of(resource.type)
  local free
  if not T.properties then free = false end
  local tree = wrap(resource.properties, T, free, resource.type)
  local own = { address = resource.address, type = resource.type, action = resource.action,
    name = resource.address:match("([^/.]+)$"), stack = facts.stack, production = facts.production or false }
  --- True when a property is known by now.
  function own.knows(_, property)
    local v = resource.properties[property]
    return not value.has_unknown(v) and not value.has_ref(v)
  end
  return setmetatable({}, {
    __index = function(_, key)
      local v = own[key]
      if v ~= nil then return v end
      return tree[key]
    end,
    __newindex = function() error("a rule may look, and change nothing", 2) end,
    __pairs = function() return pairs(tree) end,
  })
end

return view
