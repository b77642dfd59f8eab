--- The order in which a model lists the members of its structures. A decoded table has forgotten
--- it, but the XML services check their elements against a schema that has not.
local order = {}

local find, sub = string.find, string.sub

local function after_space(text, at) return find(text, "%S", at) end

-- Reads the string that starts at `at`: its raw text and the position behind it.
local function string_at(text, at)
  local i = at + 1
  while true do
    local quote = find(text, '["\\]', i)
    if sub(text, quote, quote) == '"' then return sub(text, at + 1, quote - 1), quote + 1 end
    i = quote + 2
  end
end

local skip

-- Calls fn(key, position of its value) for each pair of the object at `at`; fn returns the
-- position behind the value.
local function each_pair(text, at, fn)
  at = after_space(text, at + 1)
  while sub(text, at, at) ~= "}" do
    if sub(text, at, at) == "," then at = after_space(text, at + 1) end
    local key
    key, at = string_at(text, at)
    at = after_space(text, find(text, ":", at, true) + 1)
    at = after_space(text, fn(key, at))
  end
  return at + 1
end

function skip(text, at)
  local c = sub(text, at, at)
  if c == '"' then return (select(2, string_at(text, at))) end
  if c == "{" then return each_pair(text, at, function(_, v) return skip(text, v) end) end
  if c == "[" then
    at = after_space(text, at + 1)
    while sub(text, at, at) ~= "]" do
      if sub(text, at, at) == "," then at = after_space(text, at + 1) end
      at = after_space(text, skip(text, at))
    end
    return at + 1
  end
  return find(text, "[,%]}%s]", at)
end

--- Reads the order of members out of a service-2 file that is known to be JSON.
---@param text string
---@return table<string, string[]> by shape
function order.read(text)
  local out = {}
  local function members(shape, at)
    local names = {}
    local stop = each_pair(text, at, function(key, v)
      names[#names + 1] = key
      return skip(text, v)
    end)
    out[shape] = names
    return stop
  end
  local function one(shape, at)
    return each_pair(text, at, function(key, v)
      if key == "members" then return members(shape, v) end
      return skip(text, v)
    end)
  end
  each_pair(text, after_space(text, 1), function(key, v)
    if key ~= "shapes" then return skip(text, v) end
    return each_pair(text, v, one)
  end)
  return out
end

--- Writes the order into the shapes of an XML service; the others do not need it.
---@param model table service-2, decoded
---@param text string the same, as it was read
function order.keep(model, text)
  if model.metadata.protocol ~= "rest-xml" then return end
  for name, names in pairs(order.read(text)) do
    local shape = model.shapes[name]
    if shape and #names > 1 then
      local known, list = {}, {}
      for _, member in ipairs(names) do
        known[member] = true
        if shape.members[member] then list[#list + 1] = member end
      end
      -- Extras laid over the model come last.
      local more = {}
      for member in pairs(shape.members) do
        if not known[member] then more[#more + 1] = member end
      end
      table.sort(more)
      table.move(more, 1, #more, #list + 1, list)
      shape.order = list
    end
  end
end

return order
