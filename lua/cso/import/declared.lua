--- From what was read to what a playbook would say: what can be declared, is no secret, and is not what it
--- would be anyway.
local compare = require "cso.kind.compare"
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local leave_out = require "cso.import.leave_out"
local value = require "cso.std.value"

local declared = {}

--- Nothing, in whatever spelling: a tree of empty things says nothing either.
local function is_empty(v)
  if v == nil or v == "" or v == json.null then return true end
  if type(v) ~= "table" or value.is_secret(v) then return false end
  for _, item in pairs(v) do
    if not is_empty(item) then return false end
  end
  return true
end

--- A copy without empty and secret parts.
local function tidy(v)
  if type(v) ~= "table" then return v end
  local out = setmetatable({}, getmetatable(v))
  if #v > 0 then
    for i, item in ipairs(v) do out[i] = tidy(item) end
    return out
  end
  for k, item in pairs(v) do
    if not is_empty(item) and not value.is_secret(item) then out[k] = tidy(item) end
  end
  return out
end

local function is_default(K, name, v, model)
  local default = K:default_of(name)
  if default == nil then return false end
  if deep.equal(v, default) then return true end
  local ok, same = pcall(compare.property, K, name, default, v, { desired = model })
  return ok and same and compare.property(K, name, v, default, { desired = model })
end

--- Lists whose order means nothing are sorted, so that a second import writes the same.
local function sorted(K, name, v)
  if not deep.contains(K.spec.sets, name) or type(v) ~= "table" then return v end
  for _, item in ipairs(v) do
    if type(item) ~= "string" then return v end
  end
  local out = setmetatable({ table.unpack(v) }, getmetatable(v))
  table.sort(out)
  return out
end

--- An empty list says: nothing, where the service would put something or wants to be told.
local function means_none(K, name, P, v)
  if type(v) ~= "table" or value.is_secret(v) or next(v) ~= nil then return false end
  local default = K:default_of(name)
  return P.required and P.type.kind == "list" or type(default) == "table" and #default > 0
end

--- Properties of a type that no one else may write: rules that stand as resources of their own, policies too.
---@param K cso.Kind
---@param model table
---@param without table<string, boolean>?   properties that are written elsewhere
---@return table properties
---@return string[] hidden   required or secret properties that AWS does not show, sorted
function declared.properties(K, model, without)
  local out, hidden = {}, {}
  local never = leave_out.properties[K.type] or {}
  local rewrite = leave_out.rewrite[K.type] or {}
  local write_only = deep.index(K.spec.write_only)
  for name, P in pairs(K.schema.properties) do
    local v = model[name]
    if not value.is_secret(v) and rewrite[name] and v ~= nil then v = rewrite[name](v, model) end
    local secret = P.sensitive or value.is_secret(v)
    local unseen = write_only[name] and (secret or K.spec.keeps == name)
    local none = means_none(K, name, P, v)
    if unseen or P.required and (secret or write_only[name] or is_empty(v) and not none) then
      hidden[#hidden + 1] = name
    elseif none and not (without and without[name]) and not never[name] then
      out[name] = json.array {}
    elseif not (secret or never[name] or write_only[name] or without and without[name] or is_empty(v)) and K:covers(name)
      and (P.required or not is_default(K, name, v, model)) then
      out[name] = sorted(K, name, tidy(v))
    end
  end
  if out.AvailabilityZone then out.AvailabilityZoneId = nil end
  table.sort(hidden)
  return out, hidden
end

--- Why a thing can't be declared at all: it is of a sort that its type does not have, such as a parameter
--- whose value is a secret. Its values are not to be written down then.
---@param K cso.Kind
---@param model table
---@return string? reason
function declared.refusal(K, model)
  for name, P in deep.sorted_pairs(K.schema.properties) do
    local v, enum = model[name], P.type and P.type.enum
    if enum and type(v) == "string" and v ~= "" and K:covers(name) and not deep.contains(enum, v) then
      return ("its %s is %s, and only %s can be declared"):format(name, v, table.concat(enum, ", "))
    end
  end
end

declared.is_empty = is_empty

return declared
