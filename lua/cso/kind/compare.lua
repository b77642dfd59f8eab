--- When two values of a property mean the same although they are written differently: only what
--- is declared counts, sets have no order, policies have several spellings.
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local value = require "cso.std.value"

local compare = {}

local function as_list(v)
  if type(v) ~= "table" then return { v } end
  if #v > 0 or getmetatable(v) == json.array_mt then return v end
  return next(v) == nil and {} or { v }
end

--- One spelling for a JSON policy: single values become lists, lists are sorted, an account id
--- in a principal becomes its root ARN (IAM writes it so).
local policy_lists = { Action = true, NotAction = true, Resource = true, NotResource = true }

local function canonical(v, key)
  if type(v) ~= "table" then
    if type(v) == "boolean" or type(v) == "number" then return tostring(v) end
    return v
  end
  if #v > 0 then
    local out = {}
    for i, item in ipairs(v) do out[i] = canonical(item) end
    if key ~= "Statement" then
      table.sort(out, function(a, b) return json.encode(a) < json.encode(b) end)
      if #out == 1 and type(out[1]) ~= "table" then return out[1] end
    end
    return out
  end
  local out = {}
  for k, item in pairs(v) do
    if k == "Statement" then item = as_list(item) end
    if policy_lists[k] then item = as_list(item) end
    if k == "AWS" then
      local list = {}
      for i, p in ipairs(as_list(item)) do
        list[i] = tostring(p):match("^%d%d%d%d%d%d%d%d%d%d%d%d$") and ("arn:aws:iam::%s:root"):format(p) or p
      end
      item = list
    end
    out[k] = canonical(item, k)
  end
  return out
end

--- Two JSON documents (tables or text) that mean the same.
---@param want any
---@param have any
---@return boolean
function compare.json(want, have)
  local function tree(v)
    if type(v) == "string" then
      local t = json.decode(v)
      if t ~= nil then return t end
    end
    return v
  end
  local a, b = value.comparable(tree(want), tree(have))
  return deep.equal(canonical(a), canonical(b))
end

local function scalar(v)
  if type(v) == "number" then
    local i = math.tointeger(v)
    return tostring(i or v)
  end
  return tostring(v)
end

--- Types under which documents stand: a policy may be declared as a table or as text.
local json_kinds = { json = true, union = true, any = true }

local same

local function same_list(T, definitions, want, have, path, options)
  want, have = as_list(want), as_list(have)
  if #want ~= #have then return false end
  if not options.sets[path] then
    for i, item in ipairs(want) do
      if not same(T.element, definitions, item, have[i], path, options) then return false end
    end
    return true
  end
  local used = {}
  for _, item in ipairs(want) do
    local found
    for j, other in ipairs(have) do
      if not used[j] and same(T.element, definitions, item, other, path, options) then
        found = j
        break
      end
    end
    if not found then return false end
    used[found] = true
  end
  return true
end

function same(T, definitions, want, have, path, options)
  -- Two texts, numbers or booleans that are equal mean the same whatever they are.
  if want == nil or type(want) ~= "table" and rawequal(want, have) then return true end
  T = T or { kind = "any" }
  if value.is_secret(want) or value.is_secret(have) then return value.same_secret(want, have) end
  if json_kinds[T.kind] and (type(want) == "table" or type(have) == "table") then
    return have ~= nil and compare.json(want, have)
  end
  if T.kind == "object" and type(want) == "table" then
    if type(have) ~= "table" then
      -- An empty object asks for nothing, so nothing is what it equals.
      return next(want) == nil and have == nil
    end
    local D = definitions[T.ref]
    for key, item in pairs(want) do
      local P = D and D.properties[key]
      local inner = path .. "." .. tostring(key)
      if not same(P and P.type, definitions, item, have[key], inner, options) then return false end
    end
    return true
  elseif T.kind == "list" and type(want) == "table" then
    if have == nil then return #as_list(want) == 0 end
    return same_list(T, definitions, want, have, path, options)
  elseif (T.kind == "map" or T.kind == "tag") and type(want) == "table" then
    if type(have) ~= "table" then return next(want) == nil and have == nil end
    for key, item in pairs(want) do
      if not same(T.element, definitions, item, have[key], path, options) then return false end
    end
    for key in pairs(have) do
      if want[key] == nil then return false end
    end
    return true
  end
  if type(want) == "table" or type(have) == "table" then return deep.equal(want, have) end
  if have == nil then return false end
  if T.kind == "boolean" then return scalar(want):lower() == scalar(have):lower() end
  if T.kind == "integer" or T.kind == "number" then
    local a, b = tonumber(want), tonumber(have)
    if a and b then return a == b end
  end
  return scalar(want) == scalar(have)
end

local NONE = {}
local TAGS, ORDERED = { kind = "map", element = { kind = "string" } }, { sets = {} }

--- True when the declared value of a property is what the account has.
---@param K cso.Kind
---@param property string
---@param want any
---@param have any
---@param r table?   handed to the kind's own comparison
---@return boolean
function compare.property(K, property, want, have, r)
  local own = K.spec.same and K.spec.same[property]
  if own and not value.has_unknown(want) then
    want, have = value.comparable(want, have)
    return own(want, have, r) and true or false
  end
  if property == K.tag_property then
    return same(TAGS, NONE, want, have or {}, property, ORDERED)
  end
  local P = K.schema.properties[property]
  return same(P and P.type, K.schema.definitions or NONE, want, have, property, K.unordered)
end

return compare
