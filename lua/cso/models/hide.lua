--- Marks the properties of CloudFormation types that hold secrets (data/secrets.lua).
local namespaces = require "cso.models.data.namespaces"
local secrets = require "cso.models.data.secrets"

local hide = {}

local function plain(name) return (name:lower():gsub("[^%w]", "")) end

--- Names of the members that a service's model marks as sensitive.
---@param model table
---@return table<string, boolean>
function hide.names(model)
  local names = {}
  for _, shape in pairs(model.shapes) do
    for member, ref in pairs(shape.members or {}) do
      local target = model.shapes[ref.shape]
      if target and target.sensitive then names[member] = true end
    end
  end
  return names
end

local function tells_a_secret(name)
  for _, ending in ipairs(secrets.endings) do
    if name:sub(-#ending) == ending then return false end
  end
  local lower = name:lower()
  for _, word in ipairs(secrets.words) do
    if lower:find(word, 1, true) then return true end
  end
  return false
end

local HOLDS_TEXT = { string = true, json = true, union = true }

local function mark(T, properties, marked)
  for name, property in pairs(properties) do
    local last = name:match("[^.]+$")
    if HOLDS_TEXT[property.type.kind] and not secrets.never[T.name .. "." .. name] then
      if secrets.always[last] or (marked[last] and tells_a_secret(last)) then property.sensitive = true end
    end
  end
end

--- Which botocore service a CloudFormation namespace means: a function over the known services.
---@param services table<string, {serviceId: string}>  name -> metadata
---@return fun(namespace: string): string?
function hide.service_finder(services)
  local by_plain = {}
  for name, metadata in pairs(services) do
    by_plain[plain(metadata.serviceId or name)] = name
  end
  for name in pairs(services) do by_plain[plain(name)] = name end
  return function(namespace)
    return namespaces[namespace] or by_plain[plain(namespace)]
  end
end

--- Marks the secrets of one type, in place.
---@param T cso.catalogue.Type
---@param marked table<string, boolean>  what hide.names gave for its service
function hide.type(T, marked)
  mark(T, T.properties, marked)
  mark(T, T.attributes, marked)
  for _, definition in pairs(T.definitions) do mark(T, definition.properties, marked) end
end

return hide
