--- The page of a CloudFormation type.
local types = {}

local function type_name(t)
  if t.kind == "list" then return "list of " .. type_name(t.element) end
  if t.kind == "map" then return "map of " .. type_name(t.element) end
  if t.kind == "object" then return t.ref end
  if t.kind == "union" then
    local of = {}
    for i, one in ipairs(t.of) do of[i] = type_name(one) end
    return table.concat(of, " or ")
  end
  return t.kind
end

local function innermost(t)
  while t.element do t = t.element end
  return t
end

local REPLACES = { always = "a change replaces", maybe = "a change may replace" }

local function notes_of(p)
  local notes = {}
  if p.required then notes[#notes + 1] = "required" end
  if p.replace then notes[#notes + 1] = REPLACES[p.replace] end
  if p.sensitive then notes[#notes + 1] = "sensitive" end
  if p.deprecated then notes[#notes + 1] = "deprecated" end
  local enum = innermost(p.type).enum
  if enum then
    local shown = {}
    for i = 1, math.min(#enum, 8) do shown[i] = tostring(enum[i]) end
    notes[#notes + 1] = table.concat(shown, " | ") .. (#enum > 8 and (" | … (%d values)"):format(#enum) or "")
  end
  if p.default ~= nil and type(p.default) ~= "table" then
    notes[#notes + 1] = "default " .. (p.default == "" and '""' or tostring(p.default))
  end
  if p.refs then
    local names = {}
    for i, ref in ipairs(p.refs) do names[i] = ref.type:gsub("^AWS::", ""):gsub("::", ".") .. "." .. ref.attribute end
    local shown = table.concat(names, ", ", 1, math.min(#names, 3))
    notes[#notes + 1] = "takes " .. shown .. (#names > 3 and ", …" or "")
  end
  return notes
end

local function sorted(properties)
  local names = {}
  for name in pairs(properties) do names[#names + 1] = name end
  table.sort(names, function(a, b)
    local x, y = properties[a].required or false, properties[b].required or false
    if x ~= y then return x end
    return a < b
  end)
  return names
end

local function walk(T, properties, texts, depth, level, open, rows, docs)
  for _, name in ipairs(sorted(properties)) do
    local p = properties[name]
    rows[#rows + 1] = { level = level, name = name, type = type_name(p.type), notes = notes_of(p),
      documentation = texts and texts[name] }
    local ref = innermost(p.type).ref
    local D = ref and T.definitions[ref]
    if D and level + 1 < depth and not open[ref] then
      open[ref] = true
      local below = docs and docs.definitions[ref]
      walk(T, D.properties, below and below.properties, depth, level + 1, open, rows, docs)
      open[ref] = nil
    end
  end
  return rows
end

--- Fills a page with a type.
---@param p cso.doc.Page
---@param T cso.catalogue.Type
---@param options {depth: integer, docs: table?}
function types.fill(p, T, options)
  local docs = options.docs
  p:title(T.name)
  p:text(docs and docs.documentation, "  ", true)
  p:facts {
    { "in playbooks", T.name:gsub("^AWS::", ""):gsub("::", ".") },
    { "id", T.id and table.concat(T.id, ", ") },
    { "service", T.service },
    { "tags", T.tags and T.tags.property },
    { "stateful", T.stateful and "yes: deleting it loses data" },
    { "arn", T.arn },
  }
  p:section("properties")
  p:rows(walk(T, T.properties, docs and docs.properties, options.depth, 0, {}, {}, docs))
  if next(T.attributes) then
    p:section("attributes (read only)")
    p:rows(walk(T, T.attributes, docs and docs.attributes, 1, 0, {}, {}, docs))
  end
end

--- Fills a page with one property and what is below it.
---@param p cso.doc.Page
---@param T cso.catalogue.Type
---@param path string[]
---@param options {depth: integer, docs: table?}
---@return boolean? found, string[]? names  properties that there are where the path ends
function types.fill_property(p, T, path, options)
  local docs = options.docs
  local properties, texts, property = T.properties, docs and docs.properties, nil
  if not properties[path[1]] and T.attributes[path[1]] then properties = T.attributes end
  local text
  for _, name in ipairs(path) do
    property = properties and properties[name]
    if not property then return nil, properties and sorted(properties) or {} end
    text = texts and texts[name]
    local ref = innermost(property.type).ref
    properties = ref and T.definitions[ref] and T.definitions[ref].properties
    local below = ref and docs and docs.definitions[ref]
    texts = below and below.properties
  end
  p:title(("%s %s: %s"):format(T.name, table.concat(path, "."), type_name(property.type)))
  p:text(text, "  ", true)
  local notes = notes_of(property)
  if #notes > 0 then p:add("  " .. table.concat(notes, ", ") .. "\n") end
  local enum = innermost(property.type).enum
  if enum and #enum > 8 then p:names(enum) end
  if properties then p:rows(walk(T, properties, texts, options.depth, 0, {}, {}, docs)) end
  return true
end

return types
