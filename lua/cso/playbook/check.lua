--- Checks a property tree against the catalogue: every fault with its path, gentle conversions
--- where CloudFormation is loose, resources replaced by the attribute that is meant.
local json = require("cso.std.json")
local kinds_of = require("cso.kind")
local plainly = require("cso.playbook.plainly")
local refs = require("cso.playbook.refs")
local suggest = require("cso.std.suggest")
local value = require("cso.std.value")

local check = {}

---@class cso.CheckContext
---@field type cso.PreparedType
---@field faults string[]
---@field owner string        type name, with ".Definition" inside of one
---@field depth integer

local function fault(ctx, path, message)
  ctx.faults[#ctx.faults + 1] = path .. " " .. message
  return nil
end

local function kind_of(v)
  if type(v) == "string" then return ("the string %q"):format(v) end
  if type(v) == "table" then return #v > 0 and "a list" or "a map" end
  if type(v) == "function" then return "a function" end
  return ("the %s %s"):format(type(v), tostring(v))
end

local function is_plain(v)
  return type(v) ~= "table" or not (value.is_ref(v) or value.is_secret(v) or value.is_unknown(v))
end

local function enum_fault(ctx, path, T, v)
  for _, allowed in ipairs(T.enum) do
    if allowed == v then return v end
  end
  local best, list = suggest(tostring(v), T.enum), T.enum
  local shown = #list <= 12 and "must be one of " .. table.concat(list, ", ") .. ", not "
    or ("has %d possible values, none of which is "):format(#list)
  return fault(ctx, path, shown .. tostring(v) .. (best and ("; did you mean %s?"):format(best) or ""))
end

local kinds = {}

function kinds.string(ctx, path, T, v)
  local kind = type(v)
  if kind == "number" then
    v = tostring(math.tointeger(v) or v)
  elseif kind == "boolean" then
    v = tostring(v)
  elseif kind ~= "string" then
    return fault(ctx, path, "must be a string, not " .. kind_of(v))
  end
  if T.enum then return enum_fault(ctx, path, T, v) end
  return v
end

function kinds.integer(ctx, path, T, v)
  local n = type(v) ~= "table" and math.tointeger(tonumber(v))
  if not n then return fault(ctx, path, "must be an integer, not " .. kind_of(v)) end
  if T.enum then return enum_fault(ctx, path, T, n) end
  return n
end

function kinds.number(ctx, path, _, v)
  local n = type(v) ~= "table" and tonumber(v)
  if not n then return fault(ctx, path, "must be a number, not " .. kind_of(v)) end
  return math.tointeger(n) or n
end

function kinds.boolean(ctx, path, _, v)
  if v == "true" then return true end
  if v == "false" then return false end
  if type(v) ~= "boolean" then return fault(ctx, path, "must be true or false, not " .. kind_of(v)) end
  return v
end

function kinds.timestamp(ctx, path, _, v)
  if type(v) == "table" then return fault(ctx, path, "must be a time, not " .. kind_of(v)) end
  return tostring(v)
end

-- No document of AWS's is as deep as this; a table that holds itself is.
local DEEPEST = 100

local function too_deep(ctx, path)
  if ctx.depth < DEEPEST then return false end
  fault(ctx, path:sub(1, 60) .. "…", "is nested too deep: does a table hold itself?")
  return true
end

--- Documents and values of unknown form: anything goes but whole resources.
local function loose(ctx, path, v)
  if value.is_ref(v) then
    local node, _, address = refs.as_resource(v)
    if node then
      return fault(ctx, path,
        ("can't hold the resource %s; name the attribute that is meant"):format(address))
    end
    return v
  end
  if type(v) == "function" or type(v) == "thread" then
    return fault(ctx, path, "can't hold a " .. type(v))
  end
  if type(v) ~= "table" or not is_plain(v) then return v end
  local out = {}
  if too_deep(ctx, path) then return nil end
  ctx.depth = ctx.depth + 1
  for k, item in next, v do
    out[k] = loose(ctx, path .. (type(k) == "number" and ("[%d]"):format(k) or "." .. tostring(k)), item)
  end
  ctx.depth = ctx.depth - 1
  return setmetatable(out, getmetatable(v) == json.array_mt and json.array_mt or nil)
end

function kinds.json(ctx, path, _, v)
  return loose(ctx, path, v)
end

kinds.any = kinds.json

local run

local function tag_list(ctx, path, v)
  local map = check.tags(ctx, path, v)
  local names, out = {}, {}
  for k in pairs(map or {}) do names[#names + 1] = k end
  table.sort(names)
  for i, k in ipairs(names) do out[i] = { Key = k, Value = map[k] } end
  return out
end

function kinds.list(ctx, path, T, v, property, P)
  local element = T.element
  if type(v) ~= "table" then return fault(ctx, path, "must be a list, not " .. kind_of(v)) end
  if element and element.kind == "tag" then return tag_list(ctx, path, v) end
  local n = #v
  if n == 0 and next(v) ~= nil then return fault(ctx, path, "must be a list, not a map") end
  local out = n == 0 and json.array({}) or {}
  for i = 1, n do
    out[i] = run(ctx, ("%s[%d]"):format(path, i), element, v[i], property, P)
  end
  return out
end

function kinds.map(ctx, path, T, v)
  if type(v) ~= "table" or #v > 0 then return fault(ctx, path, "must be a map, not " .. kind_of(v)) end
  local out = {}
  for k, item in next, v do
    out[tostring(k)] = run(ctx, path .. "." .. tostring(k), T.element or { kind = "any" }, item)
  end
  return out
end

function kinds.tag(ctx, path, _, v)
  if type(v) ~= "table" or v.Key == nil then
    return fault(ctx, path, "must be a tag: { Key = …, Value = … }")
  end
  return v
end

local function members(ctx, path, properties, v, joint)
  local out = {}
  for k, item in next, v do
    local P = properties[k]
    if P then
      out[k] = run(ctx, path == "" and k or path .. joint .. k, P.type, item, k, P)
    else
      local names = {}
      for name in pairs(properties) do names[#names + 1] = name end
      local best = suggest(tostring(k), names)
      fault(ctx, path == "" and tostring(k) or path .. joint .. tostring(k),
        "is no property" .. (best and ("; did you mean %s?"):format(best) or ""))
    end
  end
  return out
end

function kinds.object(ctx, path, T, v)
  if type(v) ~= "table" or #v > 0 then return fault(ctx, path, "must be a map, not " .. kind_of(v)) end
  local D = ctx.type.definitions[T.ref]
  if not D then return loose(ctx, path, v) end
  local owner = ctx.owner
  ctx.owner = ctx.type.name .. "." .. T.ref
  local out = members(ctx, path, D.properties, v, ".")
  ctx.owner = owner
  for name, P in pairs(D.properties) do
    if P.required and v[name] == nil then fault(ctx, path .. "." .. name, "is missing") end
  end
  return out
end

function kinds.union(ctx, path, T, v, property, P)
  local best
  for _, option in ipairs(T.of) do
    local faults = ctx.faults
    ctx.faults = {}
    local out = run(ctx, path, option, v, property, P)
    local own = ctx.faults
    ctx.faults = faults
    -- Strings take numbers gently; a form that fits the value as it is comes first.
    if #own == 0 and (type(out) == type(v) or option.kind == "json") then return out end
    if #own > 0 and (not best or #own < #best) then best = own end
  end
  for _, option in ipairs(T.of) do
    local trial = { type = ctx.type, owner = ctx.owner, faults = {}, depth = ctx.depth }
    local out = run(trial, path, option, v, property, P)
    if #trial.faults == 0 then return out end
  end
  best = best or { path .. " has no form that fits" }
  table.move(best, 1, #best, #ctx.faults + 1, ctx.faults)
end

-- What a secret must be, where that can be told without telling the secret.
local FORMS = { integer = "an integer", number = "a number", boolean = "a boolean" }

-- A secret is held to its type like everything else, as far as it is at hand.
local function fitting(ctx, path, T, secret)
  local content = FORMS[T.kind] and value.secret_info(secret).known and value.reveal(secret)
  if not content then return secret end
  local trial = { type = ctx.type, owner = ctx.owner, faults = {}, depth = ctx.depth }
  local fit = kinds[T.kind](trial, path, T, content)
  if trial.faults[1] then return fault(ctx, path, ("must be %s, and the secret is none"):format(FORMS[T.kind])) end
  return math.type(fit) == math.type(content) and fit == content and secret or value.secret(fit)
end

function run(ctx, path, T, v, property, P)
  if type(v) == "table" then
    if value.is_ref(v) then
      if not refs.as_resource(v) then return v end
      local ref, message = refs.attribute_for(v, property or path, P, ctx.owner)
      if not ref then return fault(ctx, path, message) end
      return ref
    elseif not is_plain(v) then
      return value.is_secret(v) and fitting(ctx, path, T, v) or v
    end
  end
  local kind = kinds[T.kind]
  if not kind then return v end
  if too_deep(ctx, path) then return nil end
  ctx.depth = ctx.depth + 1
  local out = kind(ctx, path, T, v, property, P)
  ctx.depth = ctx.depth - 1
  if P and P.sensitive and out ~= nil then return value.secret(out) end
  return out
end

-- A tag of a group of instances, which may say that its instances don't get it.
local function group_tag(ctx, path, tag)
  local text = kinds.string(ctx, path, { kind = "string" }, tag.Value)
  local passed = tag.PropagateAtLaunch
  if passed ~= nil then passed = kinds.boolean(ctx, path .. ".PropagateAtLaunch", { kind = "boolean" }, passed) end
  return passed == false and { Value = text, PropagateAtLaunch = false } or text
end

--- Tags as a plain map, from a map or from a list of { Key, Value }. Where they may say more than a value, those that
--- do are tables in it.
---@param ctx cso.CheckContext
---@param path string
---@param v any
---@return table<string, any>?
function check.tags(ctx, path, v)
  if type(v) ~= "table" or not is_plain(v) then
    return fault(ctx, path, "must be a map of tags, not " .. (is_plain(v) and kind_of(v) or "a single value"))
  end
  local out = {}
  if #v > 0 then
    for i, tag in ipairs(v) do
      if type(tag) ~= "table" or type(tag.Key) ~= "string" or tag.Value == nil then
        fault(ctx, ("%s[%d]"):format(path, i), "must have Key and Value; or write Tags = { Name = \"…\" }")
      else
        out[tag.Key] = tag.PropagateAtLaunch ~= nil and tag or tag.Value
      end
    end
    v = out
    out = {}
  end
  for k, item in next, v do
    if type(k) ~= "string" then
      fault(ctx, path, "must have names for keys")
    elseif type(item) == "table" and is_plain(item) and item.Value ~= nil and ctx.type.tag_style == "asg" then
      out[k] = group_tag(ctx, path .. "." .. k, item)
    elseif type(item) == "table" and is_plain(item) then
      fault(ctx, path .. "." .. k, "must be a string, not " .. kind_of(item))
    elseif type(item) == "table" then
      out[k] = loose(ctx, path .. "." .. k, item)
    else
      out[k] = kinds.string(ctx, path .. "." .. k, { kind = "string" }, item)
    end
  end
  return out
end

-- Whether a property is what a thing is known by: then it stands in ids, plans and states for all to see.
-- What its type takes for a secret itself is none of that.
local function names_it(t, property, P)
  if P.sensitive then return false end
  local kind = kinds_of.native(t.name)
  local rule = kind and kind.spec.name
  if rule and rule[1] == property or property == "Name" or property == t.name:match "[^:.]+$" .. "Name" then return true end
  for _, id in ipairs(t.id or {}) do
    if id == property then return true end
  end
  -- A kind of ours has an id that is made of what stays.
  return kind ~= nil and kind.spec.natural ~= nil and P.replace == "always" and not t.name:find("^AWS::")
end

local FAULTLESS = {} -- nobody writes to it

--- Checks the properties of a declaration. All faults are told, sorted.
---@param t cso.PreparedType
---@param properties table
---@return table checked
---@return string[] faults
---@return boolean? plain  true: texts and numbers only, nothing refers to anything
function check.properties(t, properties)
  local out = plainly(t, properties)
  if out then return out, FAULTLESS, true end
  local ctx = { type = t, faults = {}, owner = t.name, depth = 0 }
  local own, tags = properties, t.tags
  if tags then
    local given = properties[tags]
    if given == nil then given = properties.Tags end
    if given ~= nil or properties.Tags ~= nil then
      own = {}
      for k, v in next, properties do
        if k ~= tags and k ~= "Tags" then own[k] = v end
      end
      given = { check.tags(ctx, "Tags", given) }
    end
    tags = given and given[1]
  end
  out = {}
  local declared = t.properties
  for k, v in next, own do
    local P = declared[k]
    if P then
      out[k] = run(ctx, k, P.type, v, k, P)
      if type(out[k]) == "table" and P.type.kind == "string" and value.is_sensitive(out[k]) and names_it(t, k, P) then
        fault(ctx, k, "can't be a secret: what a thing is known by stands in plans, states and ids")
      end
    elseif type(k) == "string" and t.attributes[k] then
      fault(ctx, k, "is an attribute: the service decides it")
    elseif type(k) == "string" then
      local names = {}
      for name in pairs(declared) do names[#names + 1] = name end
      local best = suggest(k, names)
      fault(ctx, k, "is no property" .. (best and ("; did you mean %s?"):format(best) or ""))
    else
      fault(ctx, ("[%s]"):format(tostring(k)), "properties need names")
    end
  end
  for _, name in ipairs(t.required) do
    if own[name] == nil and not (t.tags == name and tags) then fault(ctx, name, "is missing") end
  end
  if tags then out[t.tags] = tags end
  if ctx.faults[2] then table.sort(ctx.faults) end
  return out, ctx.faults
end

return check
