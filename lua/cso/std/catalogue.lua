--- What csorun knows of AWS, read from one file of values (host.mapped): every service's operations
--- and shapes as botocore describes them, every CloudFormation type, the partitions. The file is
--- opened at the first question; only what is asked for becomes Lua tables.
---
--- The file is the first that exists of: $CSORUN_CATALOGUE, `catalogue.bin` beside the program,
--- `../share/csorun/catalogue.bin` from there. `csorun models compile` makes it.
local err = require "cso.std.err"
local suggest = require "cso.std.suggest"

local catalogue = {}

---@class cso.catalogue.Shape      a shape as botocore describes it: type, members, required, enum, min, max …
---@class cso.catalogue.Operation  an operation as botocore describes it: name, http, input, output, errors …

---@class cso.catalogue.Type
---@field name string                        e.g. AWS::EC2::Subnet
---@field id string[]?                       the primary identifier's property or attribute names
---@field properties table<string, cso.catalogue.Property>
---@field attributes table<string, {type: cso.catalogue.ValueType, sensitive: boolean?}>  read-only; dots in names mean nesting
---@field definitions table<string, {properties: table<string, cso.catalogue.Property>}>
---@field tags {property: string, style: string}?   style: standard (list), map, asg
---@field stateful boolean                   deleting it loses data
---@field arn string?                        template of its ARN, ${Partition} and so on unfilled
---@field service string?                    botocore's name of the service that it belongs to

---@class cso.catalogue.Property
---@field type cso.catalogue.ValueType
---@field required boolean?
---@field replace "always"|"maybe"|nil       whether a change needs a new resource
---@field default any
---@field refs {type: string, attribute: string}[]?  what it may name
---@field sensitive boolean?                 never shown
---@field deprecated boolean?

---@class cso.catalogue.ValueType
---@field kind "string"|"integer"|"number"|"boolean"|"json"|"timestamp"|"list"|"map"|"object"|"tag"|"any"|"union"
---@field element cso.catalogue.ValueType?             of list and map
---@field ref string?                        of object: the name in definitions
---@field of cso.catalogue.ValueType[]?                of union
---@field enum (string|integer)[]?

-- The order in which botocore picks among the protocols that a service offers.
local PROTOCOLS = { "json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2" }

---@class cso.catalogue.Service
---@field name string   botocore's name of the service: ec2, elbv2, cognito-idp …
local Service = {}
Service.__index = Service

-- A part of the service: from the table it was made of, else from the file.
local function part(self, ...)
  local tree = self._tree
  if not tree then return self._doc:get("service/" .. self.name, ...) end
  for i = 1, select("#", ...) do
    if type(tree) ~= "table" then return nil end
    tree = tree[(select(i, ...))]
  end
  return tree
end

local function names(self, name)
  if not self._tree then return self._doc:keys("service/" .. self.name, name) or {} end
  local list = {}
  for key in pairs(self._tree[name] or {}) do list[#list + 1] = key end
  table.sort(list)
  return list
end

-- The same table for the same question; `false` remembers that there is none.
local function cached(self, kind, name)
  local of_kind = self._cache[kind]
  if not of_kind then
    of_kind = {}
    self._cache[kind] = of_kind
  end
  local value = of_kind[name]
  if value == nil then
    value = part(self, kind, name)
    of_kind[name] = value == nil and false or value
  end
  return value or nil
end

--- The model's metadata: serviceId, endpointPrefix, signingName, protocols, apiVersion …
---@return table
function Service:metadata()
  if not self._metadata then self._metadata = part(self, "metadata") or {} end
  return self._metadata
end

--- Names of all operations, sorted.
---@return string[]
function Service:operations()
  if not self._operations then self._operations = names(self, "operations") end
  return self._operations
end

--- An operation by its name, or nil. Not to be changed by the caller.
---@param name string
---@return cso.catalogue.Operation?
function Service:operation(name) return cached(self, "operations", name) end

--- A shape by its name, or nil. Not to be changed by the caller.
---@param name string
---@return cso.catalogue.Shape?
function Service:shape(name) return cached(self, "shapes", name) end

--- Names of all shapes, sorted.
---@return string[]
function Service:shapes() return names(self, "shapes") end

--- The paginator of an operation ({input_token, output_token, result_key …}), or nil.
---@param operation string
---@return table?
function Service:paginator(operation) return cached(self, "paginators", operation) end

--- A waiter ({operation, delay, maxAttempts, acceptors}), or nil.
---@param name string
---@return table?
function Service:waiter(name) return cached(self, "waiters", name) end

--- Names of all waiters, sorted.
---@return string[]
function Service:waiters() return names(self, "waiters") end

--- The endpoint rule set ({parameters, rules}), or nil.
---@return table?
function Service:rules()
  if self._rules == nil then self._rules = part(self, "rules") or false end
  return self._rules or nil
end

--- Parameters of the endpoint rules that a client may set ({ Name = {type=} }).
---@return table
function Service:client_parameters() return part(self, "clientContextParams") or {} end

--- The wire protocol to speak: json, rest-json, rest-xml, smithy-rpc-v2-cbor, query or ec2.
---@return string
function Service:protocol()
  local m = self:metadata()
  local offered = {}
  for _, name in ipairs(m.protocols or {}) do offered[name] = true end
  for _, name in ipairs(PROTOCOLS) do
    if offered[name] then return name end
  end
  return m.protocol
end

local function new_service(name, fields)
  fields.name = name
  fields._cache = {}
  return setmetatable(fields, Service)
end

--- A service made of plain botocore tables: for specs, and for models that are not installed.
---@param t {name: string, service: table, paginators: table?, waiters: table?, rules: table?}
---@return cso.catalogue.Service? service
---@return cso.Err? err class "config": what of the model is malformed, all at once
function catalogue.from_tables(t)
  if type(t) ~= "table" then t = {} end
  local name = t.name or "a service"
  local fault = require "cso.std.model_check"(name, t.service)
  if fault then return nil, fault end
  local paginators, waiters = t.paginators or {}, t.waiters or {}
  return new_service(name, { _tree = {
    metadata = t.service.metadata, operations = t.service.operations, shapes = t.service.shapes,
    clientContextParams = t.service.clientContextParams,
    paginators = paginators.pagination or paginators,
    waiters = waiters.waiters or waiters,
    rules = t.rules,
  } })
end

local opened      -- the file, once it is open
local services    -- name -> cso.catalogue.Service
local types       -- name -> cso.catalogue.Type
local index       -- { services = {…}, types = {…} }

local function file_exists(path)
  local f = io.open(path, "rb")
  if f then f:close() end
  return f ~= nil
end

local function exe_dir()
  local target = require("lfs").symlinkattributes("/proc/self/exe", "target")
  return target and target:match("^(.*)/") or "."
end

--- Where the file lies: the path, or nil and the paths that were tried.
---@return string? path, string[] tried
function catalogue.path()
  local told = os.getenv("CSORUN_CATALOGUE")
  if told and told ~= "" then return told, { told } end
  local dir = exe_dir()
  local tried = { dir .. "/catalogue.bin", dir .. "/../share/csorun/catalogue.bin" }
  for _, path in ipairs(tried) do
    if file_exists(path) then return path, tried end
  end
  return nil, tried
end

--- Opens another file (specs, `csorun models`), or with nil goes back to the usual one.
---@param path string?
---@return boolean? ok, cso.Err? err
function catalogue.open(path)
  opened, services, types, index = nil, {}, {}, nil
  if not path then return true end
  local doc, e = require("host.mapped").open(path)
  if not doc then
    return nil, err.new { code = e.code, class = "config", message = "the catalogue can't be opened: " .. e.message,
      hint = "build it again: csorun models compile" }
  end
  opened = doc
  return true
end

-- The open file. Without it nothing works, so its lack is raised, not returned.
local function file()
  if opened then return opened end
  local path, tried = catalogue.path()
  if not path then
    err.raise { code = "missing", class = "config",
      message = "the catalogue file is not there (tried " .. table.concat(tried, ", ") .. ")",
      hint = "install csorun whole, or set CSORUN_CATALOGUE" }
  end
  local ok, e = catalogue.open(path)
  if not ok then error(e, 0) end
  return opened
end

local function known()
  if not index then index = file():get("index") or { services = {}, types = {} } end
  return index
end

local function unknown(code, what, name, list)
  local near = suggest(name, list)
  return err.new { code = code, class = "usage", message = ("there is no %s %q"):format(what, name),
    hint = near and ("did you mean %s?"):format(near) or nil }
end

--- Names of all services, sorted, as botocore has them: ec2, elbv2, cognito-idp …
---@return string[]
function catalogue.services() return known().services end

--- A service by its name.
---@param name string
---@return cso.catalogue.Service? service, cso.Err? err  UnknownService, with the name that was meant
function catalogue.service(name)
  local doc = file()
  local S = services[name]
  if S then return S end
  if doc:get("service/" .. name, "name") then
    S = new_service(name, { _doc = doc })
    services[name] = S
    return S
  end
  return nil, unknown("UnknownService", "service", name, known().services)
end

--- Names of all CloudFormation types, sorted.
---@return string[]
function catalogue.types() return known().types end

--- A CloudFormation type by its name. Not to be changed by the caller.
---@param name string
---@return cso.catalogue.Type? type, cso.Err? err  UnknownType, with the name that was meant
function catalogue.type(name)
  local doc = file()
  local T = types[name]
  if T then return T end
  T = doc:get("type/" .. name)
  if T then
    types[name] = T
    return T
  end
  return nil, unknown("UnknownType", "resource type", name, known().types)
end

--- botocore's partitions.json: { partitions = { {id, regions, regionRegex, outputs} … } }.
---@return table
function catalogue.partitions()
  if not known().partitions then known().partitions = file():get("partitions") or { partitions = {} } end
  return known().partitions
end

--- Where the data come from: { sources = { {package, version, licence, …} … }, counts = … }.
---@return table?
function catalogue.manifest() return file():get("manifest") end

catalogue.open(nil)

return catalogue
