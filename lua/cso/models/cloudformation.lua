--- Turns the database of the npm package @aws-cdk/aws-service-spec (db.json.gz) into the
--- catalogue's form of CloudFormation types (cso.catalogue.Type in cso.std.catalogue).
local json = require "cso.std.json"

local cloudformation = {}

local SIMPLE = { string = "string", integer = "integer", number = "number", boolean = "boolean", json = "json",
  tag = "tag", ["date-time"] = "timestamp" }
local REPLACE = { yes = "always", maybe = "maybe" }

local function index(entities)
  local by_id = {}
  for _, entity in ipairs(entities) do by_id[entity["$id"]] = entity end
  return by_id
end

local convert_type

local composite = {
  array = function(t, use) return { kind = "list", element = convert_type(t.element, use) } end,
  map = function(t, use) return { kind = "map", element = convert_type(t.element, use) } end,
  ref = function(t, use) return { kind = "object", ref = use(t.reference["$ref"]) } end,
  union = function(t, use)
    local of = {}
    for i, one in ipairs(t.types) do of[i] = convert_type(one, use) end
    return { kind = "union", of = of }
  end,
}

-- `use(id)` notes that a definition is needed and gives its name.
function convert_type(t, use)
  local make = composite[t.type]
  if make then return make(t, use) end
  return { kind = SIMPLE[t.type] or "any", enum = t.allowedValues }
end

-- Defaults are JSON text in the database; some are plain words.
local function default_of(text)
  if type(text) ~= "string" then return text end
  local value = json.decode(text)
  if value == json.null then return nil end
  if value ~= nil then return value end
  return text
end

local function refs_of(list)
  if not list then return nil end
  local refs, seen = {}, {}
  for _, ref in ipairs(list) do
    local key = ref.cloudFormationType .. "." .. ref.propertyName
    if not seen[key] then
      seen[key] = true
      refs[#refs + 1] = { type = ref.cloudFormationType, attribute = ref.propertyName }
    end
  end
  return json.array(refs)
end

local function convert_properties(properties, use)
  local out = {}
  for name, p in pairs(properties) do
    out[name] = {
      type = convert_type(p.type, use), required = p.required or nil, replace = REPLACE[p.causesReplacement],
      default = default_of(p.defaultValue), refs = refs_of(p.relationshipRefs),
      deprecated = p.deprecated and true or nil,
    }
  end
  return out
end

-- ['A', 'B', 'C']: property C of the definition of property B of the definition of property A.
local function replace_path(T, path)
  local properties = T.properties
  for i, name in ipairs(path) do
    local p = properties and properties[name]
    if not p then return end
    if i == #path then
      p.replace = "always"
      return
    end
    local t = p.type
    while t.element do t = t.element end
    local D = t.ref and T.definitions[t.ref]
    properties = D and D.properties
  end
end

local function convert_resource(r, definitions_by_id)
  local definitions, waiting, names = {}, {}, {}
  local function use(id)
    if not names[id] then
      names[id] = definitions_by_id[id].name
      waiting[#waiting + 1] = id
    end
    return names[id]
  end
  local T = {
    name = r.cloudFormationType, id = r.primaryIdentifier,
    properties = convert_properties(r.properties, use), attributes = {}, definitions = definitions,
    tags = r.tagInformation and { property = r.tagInformation.tagPropertyName, style = r.tagInformation.variant },
    stateful = r.isStateful or false, arn = r.arnTemplate,
  }
  for name, a in pairs(r.attributes or {}) do T.attributes[name] = { type = convert_type(a.type, use) } end
  while #waiting > 0 do
    local id = table.remove(waiting)
    definitions[names[id]] = { properties = convert_properties(definitions_by_id[id].properties, use) }
  end
  for _, path in ipairs(r.additionalReplacementProperties or {}) do replace_path(T, path) end
  return T
end

--- Whether a decoded JSON file is this database.
---@param db any
---@return boolean
function cloudformation.is_database(db)
  return type(db) == "table" and type(db.schema) == "table" and type(db.schema.resource) == "table"
    and type(db.schema.typeDefinition) == "table"
end

local function texts(properties)
  local out = {}
  for name, p in pairs(properties or {}) do out[name] = p.documentation end
  return out
end

--- The documentation of one type, which `convert` leaves out.
---@param db table
---@param name string
---@return {documentation: string?, properties: table, attributes: table, definitions: table}?
function cloudformation.documentation(db, name)
  for _, r in ipairs(db.schema.resource.entities) do
    if r.cloudFormationType == name then
      local by_id, definitions = index(db.schema.typeDefinition.entities), {}
      local uses = (db.schema.usesType or {}).forward or {}
      for _, use in ipairs(uses[r["$id"]] or {}) do
        local definition = by_id[use["$id"]]
        if definition then definitions[definition.name] = { properties = texts(definition.properties) } end
      end
      return { documentation = r.documentation, properties = texts(r.properties),
        attributes = texts(r.attributes), definitions = definitions }
    end
  end
end

--- All types of the database by name.
---@param db table
---@return table<string, cso.catalogue.Type>
function cloudformation.convert(db)
  local definitions = index(db.schema.typeDefinition.entities)
  local types = {}
  for _, r in ipairs(db.schema.resource.entities) do
    types[r.cloudFormationType] = convert_resource(r, definitions)
  end
  return types
end

return cloudformation
