--- Completes the references of CloudFormation types from data/relations.lua.
local relations = require "cso.models.data.relations"

local relate = {}

local by_name = {}
for target, names in pairs(relations.names) do
  for _, name in ipairs(names) do by_name[name] = target end
end

local function split(target)
  local type_name, attribute = target:match("^(.-)%.(.+)$")
  return { type = type_name, attribute = attribute }
end

local function innermost(t)
  while t.element do t = t.element end
  return t
end

--- The property at a path like `Targets[].Id`, with the definition that holds it.
---@param T cso.catalogue.Type
---@param path string
---@return cso.catalogue.Property?
function relate.find(T, path)
  local properties, property = T.properties, nil
  for name in path:gmatch("[^.]+") do
    property = properties and properties[(name:gsub("%[%]$", ""))]
    if not property then return nil end
    local D = T.definitions[innermost(property.type).ref or false]
    properties = D and D.properties
  end
  return property
end

-- `more` first, then what was there, each once.
local function put_first(more, refs)
  local out, seen = {}, {}
  for _, list in ipairs { more, refs or {} } do
    for _, ref in ipairs(list) do
      local key = ref.type .. "." .. ref.attribute
      if not seen[key] then
        seen[key] = true
        out[#out + 1] = ref
      end
    end
  end
  return out
end

-- Drops what names no attribute that exists, and says what is left in the preferred way.
local function tidy(refs, types)
  local out = {}
  for _, ref in ipairs(refs) do
    local target = types[ref.type]
    local attribute = relations.prefer[ref.type .. "." .. ref.attribute] or ref.attribute
    if target then
      local there = target.properties[attribute] or target.attributes[attribute]
      -- The database says "Id" for what `Ref` gives, even where the type calls it otherwise.
      if not there and (attribute == "Id" or attribute == "Arn") then
        attribute = target.id and target.id[1]
        there = attribute
      end
      if there then out[#out + 1] = { type = ref.type, attribute = attribute } end
    end
  end
  out = put_first(out)
  for i, ref in ipairs(out) do
    if relations.first[ref.type] == ref.attribute then table.insert(out, 1, table.remove(out, i)) end
  end
  return out
end

local function by_own_name(T, name, property)
  local target = by_name[name]
  if not target or property.refs then return end
  local ref = split(target)
  if ref.type == T.name or innermost(property.type).kind ~= "string" then return end
  property.refs = { ref }
end

local function each_property(T, fn)
  for name, property in pairs(T.properties) do fn(name, property) end
  for _, definition in pairs(T.definitions) do
    for name, property in pairs(definition.properties) do fn(name, property) end
  end
end

--- Adds the references that are known by hand to all types, in place.
---@param types table<string, cso.catalogue.Type>
---@return string[] faults  paths of the data that lead nowhere
function relate.all(types)
  local faults = {}
  for _, T in pairs(types) do
    each_property(T, function(name, property)
      by_own_name(T, name, property)
      if property.refs then
        local refs = tidy(property.refs, types)
        property.refs = #refs > 0 and refs or nil
      end
    end)
  end
  for type_name, paths in pairs(relations.paths) do
    for path, targets in pairs(paths) do
      local property = types[type_name] and relate.find(types[type_name], path)
      local more = {}
      for i, target in ipairs(targets) do more[i] = split(target) end
      if not property or #tidy(more, types) ~= #more then
        faults[#faults + 1] = ("%s: %s"):format(type_name, path)
      else
        property.refs = put_first(more, property.refs)
      end
    end
  end
  table.sort(faults)
  return faults
end

return relate
