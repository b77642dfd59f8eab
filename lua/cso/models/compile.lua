--- Makes the catalogue file out of what `import` wrote (see cso.std.catalogue for its reader).
--- One service at a time: what was written may be collected before the next is read.
---
--- Names in the file: service/<name>, type/<AWS::…>, partitions, manifest,
--- index = { services = {…}, types = {…} } (sorted).
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local extend = require "cso.models.extend"
local files = require "cso.models.files"
local hide = require "cso.models.hide"
local json = require "cso.std.json"
local mapped = require "cso.std.mapped"
local relate = require "cso.models.relate"

local compile = {}

local function must(value, e)
  if value == nil then error(e, 0) end
  return value
end

local function packed(dir)
  local names = {}
  for _, file in ipairs(files.list(dir)) do
    local name = file:match("^(.*)%.json%.gz$") or file:match("^(.*)%.json$")
    if name then names[#names + 1] = { name = name, path = dir .. "/" .. file } end
  end
  return names
end

local function put_services(writer, vendor)
  local names, secret_names, metadata = {}, {}, {}
  for i, entry in ipairs(packed(vendor .. "/models")) do
    local model = must(files.read_json(entry.path))
    writer:put("service/" .. model.name, model)
    names[i] = model.name
    secret_names[model.name] = hide.names(model)
    metadata[model.name] = { serviceId = model.metadata.serviceId }
  end
  table.sort(names)
  return names, secret_names, metadata
end

local function read_types(vendor)
  local types = {}
  for _, entry in ipairs(packed(vendor .. "/types")) do
    for name, T in pairs(must(files.read_json(entry.path))) do types[name] = T end
  end
  return types
end

local function put_types(writer, types, secret_names, service_of)
  local names = {}
  for name in pairs(types) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local T = types[name]
    T.service = service_of(name:match("::(.-)::"))
    hide.type(T, T.service and secret_names[T.service] or {})
    writer:put("type/" .. name, T)
  end
  return names
end

--- Compiles.
---@param vendor string  directory that `import` wrote
---@param out string     the file to make
---@return {bytes: integer, services: integer, types: integer}? result, cso.Err? err
function compile.run(vendor, out)
  local ok, result = pcall(function()
    local manifest = must(files.read_json(vendor .. "/manifest.json"))
    files.make_parents(out)
    local writer = mapped.writer(out)
    local services, secret_names, metadata = put_services(writer, vendor)
    local types = read_types(vendor)
    -- Additions first: they may be related to others.
    for what, step in deep.sorted_pairs { additions = extend.all, relations = relate.all } do
      local faults = next(types) and step(types) or {}
      if #faults > 0 then
        error(err.new { code = "models", class = "internal",
          message = ("the hand-kept %s lead nowhere: %s"):format(what, table.concat(faults, "; ")) }, 0)
      end
    end
    local type_names = put_types(writer, types, secret_names, hide.service_finder(metadata))
    local partitions = files.either(vendor .. "/partitions.json")
    if partitions then writer:put("partitions", must(files.read_json(partitions))) end
    writer:put("manifest", manifest)
    writer:put("index", { services = json.array(services), types = json.array(type_names) })
    local bytes = must(writer:close())
    return { bytes = bytes, services = #services, types = #type_names }
  end)
  if not ok then return nil, err.wrap(result) end
  return result
end

return compile
