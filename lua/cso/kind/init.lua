--- The kinds: how each type of resource is created, read, changed and deleted. A type with a
--- native kind (a file under aws/ or cso/) uses its service's own API; every other type of the
--- catalogue goes through the Cloud Control API.
local lazy = require "cso.std.lazy"
local err = require "cso.std.err"
local cloudcontrol = lazy "cso.kind.cloudcontrol"

local kinds = {}

local NONE = {}

local loaded = {}

--- cso.* types and the files that describe them. Sorted; one line per type.
local own = {
  ["cso.acm.Import"] = "cso.kind.cso.acm_import",
  ["cso.net.Ranges"] = "cso.kind.cso.net_ranges",
  ["cso.random.password"] = "cso.kind.cso.random_password",
  ["cso.s3.Object"] = "cso.kind.cso.s3_object",
  ["cso.tls.Authority"] = "cso.kind.cso.tls_authority",
  ["cso.tls.Certificate"] = "cso.kind.cso.tls_certificate",
}

local function module_of(type_name)
  if own[type_name] then return own[type_name] end
  local service, name = type_name:match("^AWS::(%w+)::(%w+)$")
  return service and ("cso.kind.aws.%s.%s"):format(service, name)
end

local function load_native(type_name)
  local module = module_of(type_name)
  if not module then return nil end
  local ok, K = pcall(require, module)
  if ok then return K end
  if tostring(K):find("module '" .. module .. "' not found", 1, true) then return nil end
  error(K, 0)
end

--- The native kind of a type, or nil.
---@param type_name string
---@return cso.Kind?
function kinds.native(type_name)
  if loaded[type_name] == nil then loaded[type_name] = load_native(type_name) or false end
  return loaded[type_name] or nil
end

--- The kind that will handle a resource: the native one when it knows all the properties that are
--- declared, Cloud Control otherwise.
---@param type_name string
---@param properties table?
---@return cso.Kind?, cso.Err?
function kinds.of(type_name, properties)
  local K = kinds.native(type_name)
  if K then
    local foreign
    local covered = K.covered -- as far as it was asked
    for property in next, properties or NONE do
      if not covered[property] and not K:covers(property) and (not foreign or property < foreign) then foreign = property end
    end
    if not foreign then return K end
    if own[type_name] then
      return nil, err.new { code = "property", class = "usage", message = ("%s has no property %s"):format(type_name, foreign) }
    end
  end
  return cloudcontrol.of(type_name)
end

--- The kind by which a remembered resource was made, and will be deleted.
---@param record cso.Record
---@return cso.Kind?, cso.Err?
function kinds.recorded(record)
  if record.native == false then return cloudcontrol.of(record.type) end
  return kinds.of(record.type, record.declared)
end

--- The schema of a cso.* type in the catalogue's form, for the language to check against.
---@param type_name string
---@return table?
function kinds.describe(type_name)
  local K = own[type_name] and kinds.native(type_name)
  return K and K.schema or nil
end

--- The names of all cso.* types, sorted.
---@return string[]
function kinds.own_types()
  local out = {}
  for name in pairs(own) do out[#out + 1] = name end
  table.sort(out)
  return out
end

return kinds
