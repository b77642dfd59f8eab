--- Writes `---@meta` files for lua-language-server out of the catalogue: resource types as playbooks
--- declare them, and services as cso.api gives them. They extend lua/meta/cso.lua.
local stubs = {}

local SCALARS = { string = "string", integer = "integer", number = "number", boolean = "boolean", json = "table|string",
  timestamp = "string|number", tag = "string", any = "any" }

local function quoted(list)
  local out = {}
  for i, v in ipairs(list) do out[i] = type(v) == "string" and ("%q"):format(v) or tostring(v) end
  return table.concat(out, "|")
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- "AWS::EC2::Subnet" -> "cso.aws.EC2.Subnet"
local function class_of(type_name)
  return "cso.aws." .. type_name:gsub("^AWS::", ""):gsub("::", ".")
end

local function field(name, of, note)
  local key = name:match("^[%a_][%w_]*$") and name or ("[%q]"):format(name)
  return ("---@field %s %s%s"):format(key, of, note and note ~= "" and "  " .. note or "")
end

-- Resource types

local lua_type

local composite = {
  list = function(t, class) return "(" .. lua_type(t.element, class) .. ")[]|cso.Ref" end,
  map = function(t, class) return "table<string, " .. lua_type(t.element, class) .. ">|cso.Ref" end,
  object = function(t, class) return class .. "." .. t.ref .. "|cso.Ref" end,
  union = function(t, class)
    local of = {}
    for i, one in ipairs(t.of) do of[i] = lua_type(one, class) end
    return table.concat(of, "|")
  end,
}

function lua_type(t, class)
  local make = composite[t.kind]
  if make then return make(t, class) end
  if t.kind == "string" and t.enum then return quoted(t.enum) .. "|string|cso.Ref" end
  return (SCALARS[t.kind] or "any") .. "|cso.Ref"
end

local REPLACES = { always = "a change replaces", maybe = "a change may replace" }

local function property_line(name, p, class, tags)
  local of = tags and "table<string, string>" or lua_type(p.type, class)
  local names = {}
  for _, ref in ipairs(p.refs or {}) do names[class_of(ref.type)] = true end
  local resources = table.concat(sorted_keys(names), "|")
  if resources ~= "" then
    of = p.type.kind == "list" and ("%s|(%s)[]"):format(of, resources) or ("%s|%s"):format(of, resources)
  end
  local notes = {}
  if p.required then notes[#notes + 1] = "required" end
  if p.replace then notes[#notes + 1] = REPLACES[p.replace] end
  if not p.required then of = of .. "|nil" end
  return field(name, of, table.concat(notes, ", "))
end

local function type_lines(T, lines)
  local class = class_of(T.name)
  local function structure(name, properties, tags_property)
    lines[#lines + 1] = "---@class " .. name
    for _, key in ipairs(sorted_keys(properties)) do
      lines[#lines + 1] = property_line(key, properties[key], class, key == tags_property)
    end
    lines[#lines + 1] = ""
  end
  structure(class .. ".Properties", T.properties, T.tags and T.tags.property)
  for _, name in ipairs(sorted_keys(T.definitions)) do
    structure(class .. "." .. name, T.definitions[name].properties)
  end
  lines[#lines + 1] = ("---@class %s: cso.Resource"):format(class)
  local seen = {}
  for _, from in ipairs { T.attributes, T.properties } do
    for _, name in ipairs(sorted_keys(from)) do
      local first = name:match("^[^.]+")
      if not seen[first] then
        seen[first] = true
        lines[#lines + 1] = field(first, "cso.Ref")
      end
    end
  end
  lines[#lines + 1] = ""
end

--- The stub of all types of a namespace.
---@param namespace string                 EC2
---@param types cso.catalogue.Type[]       its types, sorted by name
---@return string
function stubs.namespace(namespace, types)
  local lines = { "---@meta", "-- Resource types of " .. namespace .. ", made by `csorun types`.", "",
    "---@class cso.Aws", field(namespace, "cso.aws." .. namespace), "",
    ("---@class cso.aws.%s: cso.Service"):format(namespace) }
  for _, T in ipairs(types) do
    local class = class_of(T.name)
    lines[#lines + 1] = field(T.name:match("([^:]+)$"),
      ("fun(name: string, options: cso.ResourceOptions?): fun(properties: %s.Properties): %s"):format(class, class))
  end
  lines[#lines + 1] = ""
  for _, T in ipairs(types) do type_lines(T, lines) end
  return table.concat(lines, "\n")
end

-- Services

local API_SCALARS = { string = "string", character = "string", blob = "string", integer = "integer", long = "integer",
  short = "integer", byte = "integer", float = "number", double = "number", boolean = "boolean", timestamp = "number" }

local function shape_type(S, name, class)
  local shape = S:shape(name)
  if shape.type == "list" then return "(" .. shape_type(S, shape.member.shape, class) .. ")[]" end
  if shape.type == "map" then return "table<string, " .. shape_type(S, shape.value.shape, class) .. ">" end
  if shape.type == "structure" then return class .. "." .. name end
  if shape.enum then return quoted(shape.enum) .. "|string" end
  return API_SCALARS[shape.type] or "any"
end

--- The stub of a service's API.
---@param S cso.catalogue.Service
---@return string
function stubs.service(S)
  local class = "cso.api." .. S.name
  local lines = { "---@meta", "-- The API of " .. S.name .. ", made by `csorun types`.", "",
    ("---@class %s: cso.Api"):format(class), "local Api = {}", "" }
  local wanted, list = {}, {}
  local function want(name)
    if wanted[name] then return end
    wanted[name] = true
    list[#list + 1] = name
    local shape = S:shape(name)
    for _, member in pairs(shape.members or {}) do want(member.shape) end
    for _, part in ipairs { "member", "key", "value" } do
      if shape[part] then want(shape[part].shape) end
    end
  end
  for _, name in ipairs(S:operations()) do
    local op = S:operation(name)
    local input, output = op.input and op.input.shape, op.output and op.output.shape
    if input then want(input) end
    if output then want(output) end
    lines[#lines + 1] = "---@param params " .. (input and class .. "." .. input or "table") .. "|nil"
    lines[#lines + 1] = "---@return " .. (output and class .. "." .. output or "table")
    lines[#lines + 1] = ("function Api:%s(params) end"):format(name)
    lines[#lines + 1] = ""
  end
  table.sort(list)
  for _, name in ipairs(list) do
    local shape = S:shape(name)
    if shape.type == "structure" then
      local required = {}
      for _, member in ipairs(shape.required or {}) do required[member] = true end
      lines[#lines + 1] = "---@class " .. class .. "." .. name
      for _, member in ipairs(sorted_keys(shape.members)) do
        lines[#lines + 1] = field(member, shape_type(S, shape.members[member].shape, class)
          .. (required[member] and "" or "|nil"), required[member] and "required" or nil)
      end
      lines[#lines + 1] = ""
    end
  end
  return table.concat(lines, "\n")
end

return stubs
