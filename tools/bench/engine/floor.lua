-- The least that Lua needs for a plan that finds nothing to do: things are declared, refer to each other,
-- are put into their order, what is remembered is read from JSON, and each is compared with it. No
-- catalogue, no kinds, no events.   csorun-lua floor.lua SHAPE N FILE [write]
package.path = arg[0]:match("^(.*/)") .. "?.lua;" .. package.path
local json = require "cso.std.json"
local shapes = require "shapes"

local shape, n, file = arg[1], math.tointeger(tonumber(arg[2])), arg[3]

local function declared()
  local things, list = {}, {}
  for i = 1, n do
    local depends = {}
    for k, j in ipairs(shapes.needs[shape](i)) do depends[k] = "p" .. j end
    local thing = { address = "p" .. i, type = "data", depends = depends,
      properties = { input = "value " .. i, length = 8, tags = { Name = "p" .. i } } }
    things[thing.address], list[i] = thing, thing
  end
  return things, list
end

local function ordered(things, list)
  local waiting, users, order, first = {}, {}, {}, 1
  for _, thing in ipairs(list) do
    waiting[thing.address] = #thing.depends
    for _, need in ipairs(thing.depends) do
      users[need] = users[need] or {}
      table.insert(users[need], thing.address)
    end
    if #thing.depends == 0 then order[#order + 1] = thing.address end
  end
  while order[first] do
    for _, user in ipairs(users[order[first]] or {}) do
      waiting[user] = waiting[user] - 1
      if waiting[user] == 0 then order[#order + 1] = user end
    end
    first = first + 1
  end
  assert(#order == n and things[order[1]])
  return order
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do
    if not same(v, b[k]) then return false end
  end
  for k in pairs(b) do
    if a[k] == nil then return false end
  end
  return true
end

local things, list = declared()
if arg[4] == "write" then
  local out = assert(io.open(file, "w"))
  out:write(json.encode(things))
  out:close()
  return
end
local changes = 0
local order = ordered(things, list)
local input = assert(io.open(file))
local state = json.decode(input:read("a"))
input:close()
for _, address in ipairs(order) do
  if not same(things[address].properties, state[address].properties) then changes = changes + 1 end
end
assert(changes == 0)
