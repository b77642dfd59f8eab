--- The options of declarations: what each may be, and everything that is wrong at once.
local deep = require("cso.std.deep")
local duration = require("cso.std.duration")
local suggest = require("cso.std.suggest")
local value = require("cso.std.value")

local options = {}

local FAULTLESS = {} -- nobody writes to it

local address_of = value.address

local function of_type(kind)
  return function(v)
    if type(v) ~= kind then return nil, ("must be a %s, not a %s"):format(kind, type(v)) end
    return v
  end
end

local function names(v)
  if type(v) == "string" then return { v } end
  if type(v) ~= "table" then return nil, "must be a list of property names" end
  for _, name in ipairs(v) do
    if type(name) ~= "string" then return nil, "must be a list of property names" end
  end
  return v
end

local function time(v)
  local seconds, message = duration.parse(v)
  if not seconds then return nil, message end
  return v
end

local moments = { create = true, update = true, delete = true }

local function timeouts(v)
  if type(v) ~= "table" then return nil, "must be a table like { create = \"40m\" }" end
  for moment, limit in pairs(v) do
    if not moments[moment] then
      return nil, ("knows create, update and delete, not %s"):format(tostring(moment))
    end
    local ok, message = time(limit)
    if not ok then return nil, moment .. ": " .. message end
  end
  return v
end

local function orders(v)
  if v ~= "create_first" and v ~= "delete_first" then
    return nil, "must be \"create_first\" or \"delete_first\""
  end
  return v
end

-- Lists are long where everything waits for everything: their items take no call each. A false one is what is
-- left of `condition and resource`. Gives the first that names nothing.
local function named_by(items, list)
  for _, item in next, items do
    local address = address_of(item)
    if address then
      list[#list + 1] = address
    elseif type(item) == "string" then
      list[#list + 1] = item
    elseif type(item) == "table" and not value.is_secret(item) then
      local wrong = named_by(value.is_ref(item) and value.dependencies(item) or item, list)
      if wrong then return wrong end
    elseif item then
      return item
    end
  end
end

-- Sorted texts, each once.
local function each_once(sorted)
  local n = 1
  for i = 2, #sorted do
    if sorted[i] ~= sorted[n] then
      n = n + 1
      sorted[n] = sorted[i]
    end
  end
  for i = #sorted, n + 1, -1 do sorted[i] = nil end
  return sorted
end

--- Addresses in a tree of resources, steps, refs and lists of them; strings are addresses.
local function after(v)
  if type(v) ~= "table" and type(v) ~= "string" then
    return nil, "must be a resource, a step or a list of them"
  end
  local list = {}
  local wrong = named_by(getmetatable(v) == nil and v or { v }, list)
  if wrong then
    return nil, ("must be a resource, a step or a list of them, and %s is none"):format(value.describe(wrong))
  end
  return list[2] == nil and list or each_once(deep.sort(list))
end

local function condition(v)
  if value.is_ref(v) then return nil, "must be known when the playbook is evaluated" end
  return v and true or false
end

-- true keeps the thing itself when its declaration goes, "snapshot" a last copy of its data.
local function retained(v)
  if type(v) ~= "boolean" and v ~= "snapshot" then
    return nil, ("must be true, false or \"snapshot\", not %s"):format(tostring(v))
  end
  return v
end

-- A map of texts and functions as a sorted list.
local function conditions(v)
  if type(v) ~= "table" then return nil, "must be a table like { [\"what must hold\"] = function(r) … end }" end
  local list = {}
  for text, run in pairs(v) do
    if type(text) ~= "string" or type(run) ~= "function" then
      return nil, "must map texts to functions: { [\"what must hold\"] = function(r) … end }"
    end
    list[#list + 1] = { text = text, run = run }
  end
  table.sort(list, function(a, b) return a.text < b.text end)
  return list
end

-- Rules that don't apply here, each with the reason: whoever reads it later has to know.
local function exceptions(v)
  local form = "must be a table like { skip = { [\"CSO-EC2-001\"] = \"why it does not apply\" } }"
  if type(v) ~= "table" or type(v.skip) ~= "table" then return nil, form end
  for key in pairs(v) do
    if key ~= "skip" then return nil, ("knows skip, not %s"):format(tostring(key)) end
  end
  for id, reason in pairs(v.skip) do
    if type(id) ~= "string" then return nil, form end
    if type(reason) ~= "string" or not reason:find("%S") then
      return nil, ("needs the reason why %s does not apply"):format(id)
    end
  end
  return v
end

local resource = {
  protect = of_type("boolean"), retain = retained, ignore = names, replace = orders,
  timeouts = timeouts, after = after, when = condition,
  pre = conditions, post = conditions, policy = exceptions,
}
local step = {
  after = after, timeout = time, every = time, run = of_type("function"), when = condition,
}

local function check(allowed, given)
  local out, faults = {}, nil
  for k, v in next, given do
    local test = allowed[k]
    if not test then
      local list = {}
      for name in pairs(allowed) do list[#list + 1] = name end
      table.sort(list)
      local best = suggest(tostring(k), list)
      faults = faults or {}
      faults[#faults + 1] = ("option %s does not exist; %s"):format(tostring(k),
        best and ("did you mean %s?"):format(best) or "there are " .. table.concat(list, ", "))
    else
      local ok, message = test(v)
      if message then
        faults = faults or {}
        faults[#faults + 1] = ("option %s %s"):format(k, message)
      else
        out[k] = ok
      end
    end
  end
  return out, faults
end

--- Checks the options of a resource: `after` becomes a sorted list of addresses.
---@param given table
---@return table options
---@return string[] faults
function options.resource(given)
  local out, faults = check(resource, given)
  return out, faults or FAULTLESS
end

--- Checks the table of a step.
---@param given table
---@return table options
---@return string[] faults
function options.step(given)
  local out, faults = check(step, given)
  return out, faults or {}
end

return options
