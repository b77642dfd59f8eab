--- Checks a service's model that comes from elsewhere, in botocore's format: whether all that its
--- operations lead to is there and is of a kind. Pure.
local deep = require "cso.std.deep"
local err = require "cso.std.err"

local KINDS = { structure = true, list = true, map = true, string = true, character = true, blob = true, boolean = true,
  byte = true, short = true, integer = true, long = true, float = true, double = true, timestamp = true }
local FORMATS = { iso8601 = true, rfc822 = true, unixtimestamp = true }
local MOST = 20 -- faults that are told

local Check = {}
Check.__index = Check

function Check:add(path, text) self.faults[#self.faults + 1] = ("%s: %s"):format(path, text) end

function Check:ref(path, ref)
  if type(ref) ~= "table" or type(ref.shape) ~= "string" then
    return self:add(path, 'expected { "shape": NAME }')
  end
  local how = ref.timestampFormat
  if how ~= nil and not FORMATS[tostring(how):lower()] then
    self:add(path, ("there is no timestampFormat %s"):format(tostring(how)))
  end
  self:shape(path, ref.shape)
end

function Check:shape(path, name)
  if self.seen[name] then return end
  self.seen[name] = true
  local s = self.shapes[name]
  local here = "shapes." .. name
  if type(s) ~= "table" then return self:add(path, ("there is no shape %s"):format(name)) end
  if not KINDS[s.type] then return self:add(here, ("there is no type %s"):format(tostring(s.type))) end
  if s.type == "list" then
    self:ref(here .. ".member", s.member)
  elseif s.type == "map" then
    self:ref(here .. ".key", s.key)
    self:ref(here .. ".value", s.value)
  elseif s.type == "structure" then
    if s.members ~= nil and type(s.members) ~= "table" then return self:add(here .. ".members", "expected a table") end
    for _, member in ipairs(deep.keys(s.members or {})) do
      self:ref(("%s.members.%s"):format(here, member), s.members[member])
    end
    if s.payload ~= nil and not (s.members or {})[s.payload] then
      self:add(here .. ".payload", ("there is no member %s"):format(tostring(s.payload)))
    end
  elseif s.timestampFormat and not FORMATS[tostring(s.timestampFormat):lower()] then
    self:add(here, ("there is no timestampFormat %s"):format(tostring(s.timestampFormat)))
  end
end

function Check:operation(name, op)
  local path = "operations." .. name
  if type(op) ~= "table" then return self:add(path, "expected a table") end
  for _, part in ipairs { "input", "output" } do
    if op[part] ~= nil then self:ref(path .. "." .. part, op[part]) end
  end
  for i, ref in ipairs(op.errors or {}) do self:ref(("%s.errors[%d]"):format(path, i), ref) end
end

--- What is wrong with a model; nil when nothing is.
---@param name string
---@param service table  { metadata, operations, shapes }
---@return cso.Err? err class "config"; `faults` lists all, each with its path
return function(name, service)
  local faults = {}
  local check = setmetatable({ faults = faults, seen = {} }, Check)
  if type(service) ~= "table" then
    check:add("service", "expected a table with metadata, operations and shapes")
  else
    for _, part in ipairs { "metadata", "operations", "shapes" } do
      if service[part] ~= nil and type(service[part]) ~= "table" then check:add(part, "expected a table") end
    end
    if #faults == 0 then
      check.shapes = service.shapes or {}
      local operations = service.operations or {}
      for _, op in ipairs(deep.keys(operations)) do check:operation(op, operations[op]) end
    end
  end
  if #faults == 0 then return nil end
  local told = table.move(faults, 1, math.min(#faults, MOST), 1, {})
  if #faults > MOST then told[#told + 1] = ("and %d more"):format(#faults - MOST) end
  return err.new { code = "MalformedModel", class = "config", faults = faults,
    message = ("the model of %s cannot be used:\n%s"):format(name, table.concat(told, "\n")) }
end
