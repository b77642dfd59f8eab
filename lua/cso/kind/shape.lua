--- Carries values between the two shapes that AWS gives the same thing: CloudFormation's
--- property tree and the service's own API. Both are described by the catalogue, so the walk is
--- driven by them: names are matched without regard to case, scalars are turned into what the
--- other side declares, policy documents into text and back.
local json = require "cso.std.json"
local value = require "cso.std.value"

local shape = {}

local function fold(name)
  return name:lower()
end

--- An index from the lower-cased name to the real one, kept per table of members.
local folded = setmetatable({}, { __mode = "k" })
local function by_fold(members)
  local index = folded[members]
  if not index then
    index = {}
    for name in pairs(members) do index[fold(name)] = name end
    folded[members] = index
  end
  return index
end

--- The member of `members` that means `name`, or nil.
---@param members table<string, any>
---@param name string
---@return string?
function shape.member(members, name)
  if members[name] then return name end
  return by_fold(members)[fold(name)]
end

--- A document as its service wants it: text.
---@param v any   a table, or text
---@return string?
function shape.document(v)
  v = value.reveal(v)
  return type(v) == "table" and json.encode(v) or v
end

local function to_text(v)
  if type(v) == "table" then return json.encode(v) end
  if math.type(v) == "float" and v == math.floor(v) then return ("%d"):format(v) end
  return tostring(v)
end

local function to_integer(v)
  local n = tonumber(v)
  return n and math.tointeger(n) or v
end

local function to_boolean(v)
  if v == "true" then return true elseif v == "false" then return false end
  return v
end

local to_scalar = {
  string = to_text, character = to_text,
  integer = to_integer, long = to_integer, short = to_integer,
  float = function(v) return tonumber(v) or v end,
  double = function(v) return tonumber(v) or v end,
  boolean = to_boolean,
}

--- A property value in the form that an API shape wants. Members that the shape lacks are left
--- out: a kind whose property has no counterpart maps it itself.
---@param S table       catalogue service
---@param name string   shape name
---@param v any
---@return any
function shape.to_api(S, name, v)
  local sh = S:shape(name)
  local kind = sh.type
  if kind == "structure" and type(v) == "table" then
    if sh.document then return v end
    local out = {}
    for key, item in pairs(v) do
      local member = type(key) == "string" and shape.member(sh.members, key)
      if member then out[member] = shape.to_api(S, sh.members[member].shape, item) end
    end
    return out
  elseif kind == "list" and type(v) == "table" then
    local out = {}
    for i, item in ipairs(v) do out[i] = shape.to_api(S, sh.member.shape, item) end
    return json.array(out)
  elseif kind == "map" and type(v) == "table" then
    local out = {}
    for key, item in pairs(v) do out[to_text(key)] = shape.to_api(S, sh.value.shape, item) end
    return out
  end
  local convert = to_scalar[kind]
  return convert and convert(v) or v
end

--- The members of an operation's input (or output) shape.
---@param S table
---@param operation string
---@param side "input"|"output"
---@return table<string, table> members, table shape
function shape.members(S, operation, side)
  local op = S:operation(operation)
  local ref = op and op[side]
  local sh = ref and S:shape(ref.shape) or { members = {} }
  return sh.members or {}, sh
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
end

--- JSON text (IAM sends it percent-encoded) as a table; other text stays what it is.
local function from_json(v)
  if type(v) ~= "string" then return v end
  local text = v
  if text:match("^%%7B") then text = unescape(text) end
  if text:match("^%s*[{%[]") then
    local tree = json.decode(text)
    if tree ~= nil then return tree end
  end
  return v
end

--- A policy is "a document or its text" in the catalogue: a union, one of whose forms is JSON.
local function takes_json(T)
  for _, option in ipairs(T.of or {}) do
    if option.kind == "json" then return true end
  end
  return false
end

--- A value of the API in the form of a CloudFormation type.
---@param T table             type of the catalogue: {kind=, element=, ref=}
---@param definitions table   the type's definitions
---@param v any
---@return any
function shape.from_api(T, definitions, v)
  if v == nil then return nil end
  local kind = T and T.kind or "any"
  if kind == "object" and type(v) == "table" then
    local D = definitions[T.ref]
    if not D then return v end
    local index, out = by_fold(D.properties), {}
    for key, item in pairs(v) do
      local name = D.properties[key] and key or index[fold(tostring(key))]
      if name then out[name] = shape.from_api(D.properties[name].type, definitions, item) end
    end
    return out
  elseif kind == "list" and type(v) == "table" then
    local out = {}
    for i, item in ipairs(v) do out[i] = shape.from_api(T.element, definitions, item) end
    return json.array(out)
  elseif kind == "map" and type(v) == "table" then
    local out = {}
    for key, item in pairs(v) do out[key] = shape.from_api(T.element, definitions, item) end
    return out
  elseif kind == "json" or (kind == "union" and takes_json(T)) then
    return from_json(v)
  elseif kind == "string" and type(v) ~= "table" then
    return to_text(v)
  elseif kind == "integer" and type(v) ~= "table" then
    return to_integer(v)
  elseif kind == "number" then
    return tonumber(v) or v
  elseif kind == "boolean" then
    return to_boolean(v)
  end
  return v
end

--- Picks a value by a short path: `Reservations[0].Instances[0]`, indexes from 0 as in JMESPath.
---@param t any
---@param path string
---@return any
function shape.pick(t, path)
  for key, index in path:gmatch("([^.%[%]]*)%[?(%d*)%]?%.?") do
    if key ~= "" then
      if type(t) ~= "table" then return nil end
      t = t[key]
    end
    if index ~= "" then
      if type(t) ~= "table" then return nil end
      t = t[tonumber(index) + 1]
    end
  end
  return t
end

--- Every item of a list under a path that may cross lists: `Reservations[].Instances[]`.
---@param t any
---@param path string
---@return any[]
function shape.each(t, path)
  local items = { t }
  for key, list in path:gmatch("([^.%[%]]+)(%[?%]?)") do
    local found = {}
    for _, item in ipairs(items) do
      local v = type(item) == "table" and item[key] or nil
      if list == "[]" then
        for _, one in ipairs(v or {}) do found[#found + 1] = one end
      elseif v ~= nil then
        found[#found + 1] = v
      end
    end
    items = found
  end
  return items
end

return shape
