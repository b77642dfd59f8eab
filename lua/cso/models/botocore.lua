--- Reads models in botocore's layout: DIR/<service>/<api version>/service-2.json and its
--- neighbours, each plain or .gz, with `*.sdk-extras.json` laid over them.
local deep = require "cso.std.deep"
local files = require "cso.models.files"
local order = require "cso.models.order"
local strip = require "cso.models.strip"

local botocore = {}

-- Where the models lie in what a user may name: the data directory, a botocore package, what a
-- Debian or pip package unpacks to.
local BELOW = { "", "/data", "/botocore/data", "/awscli/botocore/data", "/dist-packages/botocore/data",
  "/usr/lib/python3/dist-packages/botocore/data" }

local function newest(dir)
  local best
  for _, version in ipairs(files.list(dir)) do
    if files.either(dir .. "/" .. version .. "/service-2.json") then best = version end
  end
  return best
end

--- The services under a directory: name -> directory of its newest API version.
---@param dir string
---@return table<string, string>? services, string? data   nil when there are none
function botocore.find(dir)
  for _, below in ipairs(BELOW) do
    local data, found = dir .. below, {}
    for _, name in ipairs(files.list(data)) do
      local version = newest(data .. "/" .. name)
      if version then found[name] = data .. "/" .. name .. "/" .. version end
    end
    if next(found) then return found, data end
  end
end

--- The version of the botocore package whose data directory this is, if it tells.
---@param data string
---@return string?
function botocore.version(data)
  local text = files.read(data .. "/../__init__.py")
  return text and text:match("__version__ *= *['\"]([^'\"]+)")
end

-- One file with its extras; `seen(path, bytes)` is told of each file read.
local function read_merged(dir, name, seen)
  local path = files.either(dir .. "/" .. name .. ".json")
  if not path then return nil end
  local value, bytes, text = files.read_json(path)
  if value == nil then error(bytes, 0) end
  seen(path, bytes)
  local extra = files.either(dir .. "/" .. name .. ".sdk-extras.json")
  if extra then
    local over, e = files.read_json(extra)
    if over == nil then error(e, 0) end
    seen(extra, e)
    value = deep.merge(value, over.merge or {})
  end
  return value, text
end

--- One service with everything that belongs to it.
---@param name string
---@param dir string
---@param options {docs: boolean?, seen: fun(path: string, bytes: string)?}?
---@return table? model { name, metadata, operations, shapes, clientContextParams, paginators, waiters, rules }
---@return cso.Err? err
function botocore.read(name, dir, options)
  options = options or {}
  local seen = options.seen or function() end
  local ok, model = pcall(function()
    local service, text = read_merged(dir, "service-2", seen)
    order.keep(service, text)
    local paginators = read_merged(dir, "paginators-1", seen)
    local waiters = read_merged(dir, "waiters-2", seen)
    local rules = read_merged(dir, "endpoint-rule-set-1", seen)
    if not options.docs then strip.service(service) end
    return {
      name = name, metadata = service.metadata, operations = service.operations, shapes = service.shapes,
      clientContextParams = service.clientContextParams, documentation = service.documentation,
      paginators = paginators and paginators.pagination,
      waiters = waiters and strip.waiters(waiters.waiters),
      rules = rules and strip.rules(rules),
    }
  end)
  if not ok then return nil, model end
  return model
end

return botocore
