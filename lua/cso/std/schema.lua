--- Checked inputs: the types that environments and modules are described with (`cso.t`), and the
--- check that reports every fault of a value at once, fills defaults and knows refs.
local err = require("cso.std.err")
local kinds = require("cso.std.schema_kinds")
local suggest = require("cso.std.suggest")
local value = require("cso.std.value")
local where = require("cso.std.where")

local schema = {}

---@class cso.Fault
---@field path string     "db.class", "azs[2]"; "" = the value itself
---@field message string
---@field key string?     dotted path as YAML's line table has it

---@class cso.Type
---@field kind string
---@field options table

local mt = { __name = "cso.t" }

local common = { default = true, optional = true, description = true, sensitive = true, check = true }

-- Checking --------------------------------------------------------------------------------------

local At = {}
At.__index = At

function At:fault(message, step, key)
  self.faults[#self.faults + 1] = {
    path = ((self.path .. (step or "")):gsub("^%.", "")),
    key = ((self.key .. (key ~= nil and "." .. tostring(key) or "")):gsub("^%.", "")),
    message = message,
  }
end

function At:inner(step, key, t, v)
  return self.run(t, v, self.path .. step, self.key .. "." .. tostring(key), self.faults)
end

local function is_type(t)
  return getmetatable(t) == mt
end

local null -- JSON's and YAML's null, once the host was asked for it
local function is_null(v)
  if v == nil then return true end
  if type(v) ~= "userdata" then return false end
  null = null or require("host.json").null
  return v == null
end

local function run(t, v, path, key, faults)
  local o = t.options
  local at = setmetatable({
    path = path, key = key, faults = faults, run = run, check = schema.check,
  }, At)
  if is_null(v) then
    if o.default ~= nil then
      v = o.default
    elseif t.kind == "object" and not o.optional then
      v = {} -- its fields may all have defaults; those that have none speak for themselves
      local before = #faults
      local out = kinds.object.check(o, v, at)
      return #faults == before and out or nil
    elseif o.optional or t.kind == "any" then
      return nil
    else
      return at:fault("is missing")
    end
  end
  -- What is known later can't be checked now; the service will.
  if value.is_ref(v) and t.kind ~= "resource" then return v end
  local plain = value.is_secret(v) and value.reveal(v) or v
  local before = #faults
  local out, message = kinds[t.kind].check(o, plain, at)
  if message then at:fault(message) end
  if #faults == before and o.check then
    local ok, why = o.check(out)
    if not ok then at:fault(why or "is refused") end
  end
  if o.sensitive or (value.is_secret(v) and out ~= nil) then return value.secret(out) end
  return out
end

--- Checks a value. Gives the value with defaults filled, or nil and every fault.
---@param t cso.Type
---@param v any
---@return any
---@return cso.Fault[]? faults
function schema.check(t, v)
  local faults = {}
  local out = run(t, v, "", "", faults)
  if #faults > 0 then return nil, faults end
  return out
end

-- Describing ------------------------------------------------------------------------------------

local function bad(message, ...)
  err.raise {
    code = "type", class = "usage", where = where.here(2), message = message:format(...),
  }
end

local function new(kind, options)
  local allowed = kinds[kind].options or {}
  for k in pairs(options) do
    if not allowed[k] and not common[k] then
      local names = {}
      for _, set in ipairs { allowed, common } do
        for name in pairs(set) do names[#names + 1] = name end
      end
      table.sort(names)
      local best = suggest(tostring(k), names)
      bad("cso.t.%s has no option %s%s", kind, tostring(k),
        best and "; did you mean " .. best .. "?" or " (it has " .. table.concat(names, ", ") .. ")")
    end
  end
  return setmetatable({ kind = kind, options = options }, mt)
end

local function with(t, extra)
  local options = {}
  for k, v in pairs(t.options) do options[k] = v end
  for k, v in pairs(extra or {}) do options[k] = v end
  return new(t.kind, options)
end

local function need_type(v, what)
  if not is_type(v) then bad("%s needs a type of cso.t, not a %s", what, type(v)) end
  return v
end

-- What a type does when it is called: cso.t.string { … }, cso.t.list(T, { … }).
local makers = {
  list = function(_, of, extra)
    return with({ kind = "list", options = { of = need_type(of, "cso.t.list") } }, extra)
  end,
  map = function(_, of, extra)
    return with({ kind = "map", options = { of = need_type(of, "cso.t.map") } }, extra)
  end,
  object = function(_, fields, extra)
    if type(fields) ~= "table" then bad("cso.t.object needs a table of fields") end
    for k, t in pairs(fields) do need_type(t, "the field " .. tostring(k)) end
    return with({ kind = "object", options = { fields = fields } }, extra)
  end,
  enum = function(_, first, ...)
    local values, extra = first, ...
    if type(first) ~= "table" then values, extra = { first, ... }, nil end
    return with({ kind = "enum", options = { values = values } }, extra)
  end,
  one_of = function(_, ...)
    local types = { ... }
    for _, t in ipairs(types) do need_type(t, "cso.t.one_of") end
    return new("one_of", { types = types })
  end,
  resource = function(_, ...)
    local types = { ... }
    local extra = type(types[#types]) == "table" and table.remove(types) or nil
    return with({ kind = "resource", options = { types = #types > 0 and types or nil } }, extra)
  end,
}

function mt.__call(t, ...)
  local make = not t.made and makers[t.kind]
  if make then
    local out = make(t, ...)
    out.made = true
    return out
  end
  local extra = ...
  if type(extra) ~= "table" then bad("cso.t.%s takes a table of options", t.kind) end
  local out = with(t, extra)
  out.made = t.made
  return out
end

--- The types, as playbooks say them: cso.t.string, cso.t.cidr { max_prefix = 24 }, cso.t.list(T).
schema.t = {}
for kind in pairs(kinds) do schema.t[kind] = setmetatable({ kind = kind, options = {} }, mt) end
schema.t.list.options = { of = schema.t.any }
schema.t.map.options = { of = schema.t.any }
schema.t.object.options = { fields = {}, open = true }
schema.t.enum.options = { values = {} }
schema.t.one_of.options = { types = {} }

--- The same type, but nothing is missing when it is absent.
function schema.t.optional(t)
  need_type(t, "cso.t.optional")
  local out = with(t, { optional = true })
  out.made = true
  return out
end

setmetatable(schema.t, {
  __index = function(_, name)
    local names = {}
    for k in pairs(kinds) do names[#names + 1] = k end
    table.sort(names)
    local best = suggest(tostring(name), names)
    bad("there is no type cso.t.%s%s", tostring(name), best and "; did you mean " .. best .. "?" or "")
  end,
})

--- True for a type of `cso.t`.
schema.is_type = is_type

return schema
