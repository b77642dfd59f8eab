--- References instead of ids: wherever a property holds the id, the ARN or another attribute of a thing that
--- is written down as well, that thing is named. A reference that would close a circle stays an id.
local relations = require "cso.playbook.relations"

local links = {}

---@class cso.import.Link
---@field to cso.import.Item
---@field attribute string?   nil: the property takes the right one of the resource by itself
local Link = {}
Link.__index = Link

---@param v any
---@return boolean
function links.is_one(v) return getmetatable(v) == Link end

local function attribute_of(item, attribute)
  if attribute == "Ref" then return item.id end
  local v = item.model[attribute]
  if v == nil and attribute == item.kind.id_name then return item.id end
  return v
end

--- What can be told apart by itself: an id that AWS made, or an ARN.
local function is_telling(text)
  return text:match("^arn:[^:]*:") ~= nil or text:match("^%a[%a-]*%-%x%x%x%x%x%x%x%x+$") ~= nil
end

local function catalogue_of(items)
  local by_type, by_value = {}, {}
  for _, item in ipairs(items) do
    by_type[item.type] = by_type[item.type] or {}
    table.insert(by_type[item.type], item)
    local function known(attribute, v)
      if type(v) == "string" and is_telling(v) and not by_value[v] then
        by_value[v] = { to = item, attribute = attribute }
      end
    end
    local id_name = item.kind.id_name
    if id_name and item.model[id_name] == item.id then known(id_name, item.id) end
    for attribute in pairs(item.kind.schema.attributes or {}) do
      -- Only what names the thing itself, not what it in turn stands in.
      if attribute:match("Arn$") or attribute == id_name or attribute == "Id" then
        known(attribute, item.model[attribute])
      end
    end
  end
  return by_type, by_value
end

local function reaches(edges, from, to)
  local seen, stack = {}, { from }
  while #stack > 0 do
    local at = table.remove(stack)
    if at == to then return true end
    if not seen[at] then
      seen[at] = true
      for other in pairs(edges[at] or {}) do stack[#stack + 1] = other end
    end
  end
  return false
end

local function by_relation(by_type, known, v)
  local first = {}
  for _, relation in ipairs(known) do
    first[relation.type] = first[relation.type] or relation.attribute
    for _, item in ipairs(by_type[relation.type] or {}) do
      if attribute_of(item, relation.attribute) == v then
        local bare = first[relation.type] == relation.attribute
        local attribute = relation.attribute == "Ref" and item.kind.id_name or relation.attribute
        return item, not bare and attribute or nil
      end
    end
  end
end

--- Replaces values in the declared properties of all things by links, and says what needs what.
---@param items cso.import.Item[]   with `properties`
---@return table<cso.import.Item, table<cso.import.Item, boolean>> needs
function links.tie(items)
  local by_type, by_value = catalogue_of(items)
  local edges = {}
  for _, item in ipairs(items) do edges[item] = {} end

  local function link(item, to, attribute)
    local there = item.target and item.target.region
    if not to or to == item or (to.target and to.target.region) ~= there then return nil end
    if not edges[item][to] and reaches(edges, to, item) then return nil end
    edges[item][to] = true
    return setmetatable({ to = to, attribute = attribute }, Link)
  end

  local walk
  local function text(item, v, owner, name, P)
    local to, attribute = by_relation(by_type, relations.find(owner, name, P), v)
    if not to and is_telling(v) and by_value[v] then to, attribute = by_value[v].to, by_value[v].attribute end
    return link(item, to, attribute) or v
  end

  function walk(item, v, T, owner, name, P)
    if type(v) == "string" then return text(item, v, owner, name, P) end
    if type(v) ~= "table" then return v end
    local D = T and T.kind == "object" and item.kind.schema.definitions[T.ref]
    local out = setmetatable({}, getmetatable(v))
    for k, inner in pairs(v) do
      local IP = D and D.properties[k]
      if D then
        out[k] = walk(item, inner, IP and IP.type, item.type .. "." .. T.ref, k, IP)
      else
        out[k] = walk(item, inner, T and T.element, owner, name, P)
      end
    end
    return out
  end

  for _, item in ipairs(items) do
    for name, v in pairs(item.properties) do
      local P = item.kind.schema.properties[name]
      local own = item.kind.spec.name
      -- Its own name is what it is called, even when another thing is called the same.
      if not (own and own[1] == name) and name ~= item.kind.tag_property then
        item.properties[name] = walk(item, v, P and P.type, item.type, name, P)
      end
    end
  end
  return edges
end

return links
