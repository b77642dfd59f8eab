--- Resources as values: what indexing one gives, and which attribute stands for it where another
--- resource's property wants it.
local evaluation = require("cso.playbook.evaluation")
local relations = require("cso.playbook.relations")
local suggest = require("cso.std.suggest")
local types = require("cso.playbook.types")
local value = require("cso.std.value")

local refs = {}

local function keys(t)
  local out = {}
  for k in pairs(t or {}) do out[#out + 1] = k end
  return out
end

local function unknown(address, key, names, what)
  local best = suggest(tostring(key), names)
  table.sort(names)
  evaluation.fail("attribute", ("%s has no %s %s"):format(address, what, tostring(key)), {
    hint = best and ("did you mean %s?"):format(best)
      or (#names > 0 and #names <= 24 and "it has " .. table.concat(names, ", ") or nil),
  })
end

local open = { json = true, map = true, any = true, union = true }
local index

--- A ref to `path` of a resource, whose own indexing goes on from catalogue type T (or from the
--- children of a dotted attribute).
local function at(node, path, T, children, sensitive)
  return value.ref(node.address, path, {
    index = index, resource = node, type = T or { kind = children and "object" or "any" },
    children = children, sensitive = sensitive,
  })
end

local function names_of(t)
  local names = keys(t.attributes)
  for name in pairs(t.properties) do
    if not t.attributes[name] then names[#names + 1] = name end
  end
  return names
end

-- Tags are a plain map in playbooks and in state, whatever the service wants.
local tag_map = { kind = "map", element = { kind = "string" } }

-- Attribute or property of the resource itself.
local function root_index(node, key)
  local t = node.type
  if t.tags and (key == "Tags" or key == t.tags) then return at(node, t.tags, tag_map) end
  local A = t.attributes[key]
  if A then return at(node, key, A.type, A.children, A.sensitive) end
  local P = t.properties[key]
  if P then return at(node, key, P.type, nil, P.sensitive) end
  unknown(node.address, key, names_of(t), "property or attribute")
end

function index(ref, key)
  local address, path, info = value.info(ref)
  local node = info.resource or info -- the whole resource is its own
  if path == "" then return root_index(node, key) end
  local below = path .. "." .. tostring(key)
  if info.children then
    local A = info.children[key]
    if not A then unknown(address .. "." .. path, key, keys(info.children), "attribute") end
    return at(node, below, A.type, A.children, A.sensitive)
  end
  local T = info.type
  if T.kind == "list" then
    if math.type(key) ~= "integer" then
      evaluation.fail("attribute", ("%s.%s is a list"):format(address, path),
        { hint = ("take an item: .%s[1].%s"):format(path:match("[^.]+$"), tostring(key)) })
    end
    return at(node, below, T.element, nil, info.sensitive)
  elseif T.kind == "object" then
    local D = node.type.definitions[T.ref]
    local P = D and D.properties[key]
    if D and not P then unknown(address .. "." .. path, key, keys(D.properties), "member") end
    return at(node, below, P and P.type, nil, info.sensitive)
  elseif open[T.kind] then
    return at(node, below, T.element, nil, info.sensitive)
  end
  evaluation.fail("attribute", ("%s.%s is a %s and has no member %s"):format(address, path, T.kind,
    tostring(key)), { hint = "inside of :map(function(v) … end) it is an ordinary value" })
end

-- What the resources of a type have in common.
local function common(t)
  t.common = { __index = { path = "", index = index, type_name = t.name, type = t } }
  return t.common
end

--- The value that a declared resource is in a playbook.
---@param decl table
---@param t cso.PreparedType
---@return cso.Ref
function refs.resource(decl, t)
  return value.whole({ address = decl.address }, t.common or common(t))
end

--- The value that a step is: good for `after`, and for what it returned as evidence.
---@param address string
---@return cso.Ref
function refs.step(address)
  return value.ref(address, "", { type_name = "cso.step" })
end

--- The resource behind a value: its address, type name and node; nil when it is none.
---@param v any
---@return table? node
---@return string? type_name
---@return string? address
function refs.as_resource(v)
  local address, path, info = value.info(v)
  if address and path == "" then
    return info, info.type_name, address
  end
end

local function same_name(t, property)
  local singular = property:gsub("Ids$", "Id"):gsub("Arns$", "Arn"):gsub("Names$", "Name")
  for _, name in ipairs { property, singular } do
    if t.attributes[name] then return name end
    for _, id in ipairs(t.id) do
      if id == name then return id end
    end
  end
end

--- The attribute of `v` (a resource) that a property wants; nil and a fault when none is known.
---@param v cso.Ref
---@param property string        name of the property that takes it
---@param P table?               the property in the catalogue: its `refs` tell what it may name
---@param owner string           type name that the property belongs to
---@return cso.Ref?
---@return string? message
function refs.attribute_for(v, property, P, owner)
  local node, type_name, address = refs.as_resource(v)
  local short = type_name:gsub("^AWS::", ""):gsub("::", ".")
  local known = relations.find(owner, property, P)
  local wanted = {}
  for _, relation in ipairs(known) do
    if relation.type == type_name then
      local attribute = relation.attribute
      if not attribute or attribute == "Ref" then attribute = node.type.id[1] end
      local ok, ref = pcall(function() return v[attribute] end)
      if ok then return ref end
    end
    wanted[relation.type] = true
  end
  local t = types.get(type_name)
  local own = t and same_name(t, property)
  if own then return v[own] end
  local names = keys(wanted)
  if #names > 0 then
    table.sort(names)
    for i, name in ipairs(names) do names[i] = name:gsub("^AWS::", ""):gsub("::", ".") end
    return nil, ("wants %s, not the %s %s"):format(table.concat(names, " or "), short, address)
  end
  local attributes = keys(t and t.attributes)
  table.sort(attributes)
  return nil, ("can't tell which attribute of %s is meant; write one, e.g. .%s"):format(address,
    t and t.id[1] or attributes[1] or "Id")
end

return refs
