--- Lists of keys and values (a load balancer's attributes): what is not named in them keeps its value, so an entry
--- that is declared no longer has to be set back to what its service begins with, or be told to stay.
local value = require "cso.std.value"

local entries = {}

local NONE = {}

local function index(list)
  local out = {}
  for _, one in ipairs(type(list) == "table" and not value.is_secret(list) and list or NONE) do
    if type(one) == "table" and type(one.Key) == "string" then out[one.Key] = one.Value end
  end
  return out
end

--- Whether a kind says what a property's entries go back to.
---@param K cso.Kind
---@param property string
---@return boolean
function entries.are(K, property) return K.spec.back ~= nil and K.spec.back[property] ~= nil end

--- What was declared in such a list when it was applied last and is no longer, sorted by key.
---@param K cso.Kind
---@param property string
---@param desired table     all that is declared
---@param have any          what is there
---@param was any           what was applied
---@return { Key: string, Value: string }[] back   what it goes back to, where it is not there already
---@return { key: string, now: any }[] left        what stays, because nobody knows what it would go back to
function entries.dropped(K, property, desired, have, was)
  local wanted, there, keys, back, left = index(desired[property]), index(have), {}, {}, {}
  for key in pairs(index(was)) do
    if wanted[key] == nil and there[key] ~= nil then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    local first = K.spec.back[property][key]
    if type(first) == "function" then first = first(desired) end
    if first == nil then
      left[#left + 1] = { key = key, now = there[key] }
    elseif first ~= there[key] then
      back[#back + 1] = { Key = key, Value = first }
    end
  end
  return back, left
end

--- The declared entries and those that go back.
---@param want table[]?
---@param back table[]
---@return table[]
function entries.with(want, back)
  if #back == 0 then return want end
  local out = table.move(want or NONE, 1, #(want or NONE), 1, {})
  return table.move(back, 1, #back, #out + 1, out)
end

--- What is there of the keys of another list, in its order.
---@param have any
---@param want table[]?
---@return table[]
function entries.of(have, want)
  local there, out = index(have), {}
  for _, one in ipairs(want or NONE) do
    local now = type(one) == "table" and there[one.Key]
    if now then out[#out + 1] = { Key = one.Key, Value = now } end
  end
  return out
end

return entries
