--- What a rule is, and what is wrong with one.
local catalogue = require "cso.std.catalogue"
local err = require "cso.std.err"
local suggest = require "cso.std.suggest"

local rule = {}

---@class cso.policy.Rule
---@field id string
---@field title string?
---@field why string?        what happens where it is not kept
---@field hint string?       what to write instead
---@field severity "critical"|"high"|"medium"|"low"
---@field on string[]        full type names
---@field actions table<string, true>  the actions on which it looks
---@field deny (fun(r: table, plan: table): string?)?   a text: it is violated, and nothing is applied
---@field warn (fun(r: table, plan: table): string?)?   a text: it is violated, and that is said
---@field fix (fun(r: table, plan: table): table?)?     properties: alone it sets them before the plan
---  is made; beside deny or warn it proposes them
---@field good table?
---@field bad table?
---@field where string?      where it was written

rule.SEVERITIES = { "critical", "high", "medium", "low" }

local severities = { critical = true, high = true, medium = true, low = true }
local fields = { title = "string", why = "string", hint = "string", severity = "string", on = "any", actions = "any",
  deny = "function", warn = "function", fix = "function", good = "table", bad = "table" }

local lasting = { create = true, update = true, replace = true, noop = true, adopt = true }
local known_actions = { create = true, update = true, replace = true, noop = true, adopt = true, delete = true, forget = true }

local function wrong(id, place, message, hint)
  return nil, err.new { code = "policy_rule", class = "usage", where = place,
    message = ("the rule %s: %s"):format(id, message), hint = hint }
end

--- "S3.Bucket" as "AWS::S3::Bucket"; nil when there is no such type.
---@param short string
---@return string?
function rule.type_name(short)
  if short:match("^cso%.") or short:match("^AWS::") then return short end
  local full = "AWS::" .. short:gsub("%.", "::")
  return catalogue.type(full) and full or nil
end

local function field_names()
  local list = {}
  for name in pairs(fields) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function types_of(given, id, place)
  local list = type(given.on) == "table" and given.on or { given.on }
  if #list == 0 then return wrong(id, place, "on is missing: the types it looks at", 'on = "S3.Bucket"') end
  local out = {}
  for i, short in ipairs(list) do
    local name = type(short) == "string" and rule.type_name(short)
    if not name then return wrong(id, place, ("there is no type %s"):format(tostring(short)), 'as in on = "S3.Bucket"') end
    out[i] = name
  end
  return out
end

local function actions_of(given, id, place)
  if given.actions == nil then return lasting end
  local out = {}
  for _, name in ipairs(type(given.actions) == "table" and given.actions or { given.actions }) do
    if not known_actions[name] then
      local list = {}
      for known in pairs(known_actions) do list[#list + 1] = known end
      table.sort(list)
      return wrong(id, place, ("there is no action %s"):format(tostring(name)), "there are " .. table.concat(list, ", "))
    end
    out[name] = true
  end
  return out
end

--- Checks a rule as it was written.
---@param id string
---@param given table
---@param place string?
---@return cso.policy.Rule?, cso.Err?
function rule.new(id, given, place)
  for name, v in pairs(given) do
    local kind = fields[name]
    if not kind then
      local near = suggest(tostring(name), field_names())
      return wrong(id, place, ("has no field %s"):format(tostring(name)),
        near and ("did you mean %s?"):format(near) or "there are " .. table.concat(field_names(), ", "))
    end
    if kind ~= "any" and type(v) ~= kind then
      return wrong(id, place, ("%s must be a %s"):format(name, kind))
    end
  end
  if given.severity and not severities[given.severity] then
    return wrong(id, place, "severity must be one of " .. table.concat(rule.SEVERITIES, ", "))
  end
  if given.deny and given.warn then return wrong(id, place, "says deny and warn; it can only be one of them") end
  if not (given.deny or given.warn or given.fix) then
    return wrong(id, place, "says neither deny, warn nor fix", "deny = function(r) if … then return \"what is wrong\" end end")
  end
  local on, e = types_of(given, id, place)
  if not on then return nil, e end
  local actions
  actions, e = actions_of(given, id, place)
  if not actions then return nil, e end
  return { id = id, title = given.title or id, why = given.why, hint = given.hint, severity = given.severity or "medium",
    on = on, actions = actions, deny = given.deny, warn = given.warn, fix = given.fix, good = given.good, bad = given.bad,
    where = place }
end

return rule
