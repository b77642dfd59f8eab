--- Filling a world with what exists elsewhere: things are made through the ordinary operations, and
--- then get the ids that they really have. Only from Lua; no request reaches this.
local seed = {}

-- True when no letter or digit stands at a position: ids must not match inside of longer ones.
local function is_edge(text, at)
  local c = text:sub(at, at)
  return c == "" or not c:find("[%w]")
end

local function swap_one(text, from, to)
  local out, at = nil, 1
  while true do
    local first, last = text:find(from, at, true)
    if not first then break end
    if is_edge(text, first - 1) and is_edge(text, last + 1) then
      out = (out or "") .. text:sub(at, first - 1) .. to
    else
      out = (out or "") .. text:sub(at, last)
    end
    at = last + 1
  end
  return out and out .. text:sub(at) or text
end

local function swap(text, pairs_)
  for _, pair in ipairs(pairs_) do text = swap_one(text, pair[1], pair[2]) end
  return text
end

local function walk(t, pairs_, seen)
  if seen[t] then return end
  seen[t] = true
  local keys
  for k, v in next, t do
    if type(v) == "string" then
      local new = swap(v, pairs_)
      if new ~= v then t[k] = new end
    elseif type(v) == "table" then
      walk(v, pairs_, seen)
    end
    if type(k) == "string" and swap(k, pairs_) ~= k then
      keys = keys or {}
      keys[#keys + 1] = k
    end
  end
  for _, k in ipairs(keys or {}) do
    local v = t[k]
    t[k] = nil
    t[swap(k, pairs_)] = v
  end
end

--- From now on the world remembers which rows change.
---@param world table
function seed.begin(world) world.store.noting = true end

--- Gives what changed since the last call (or since `begin`) its real ids.
---@param world table
---@param map table<string, string>  the id that the simulator made -> the real one
function seed.rename(world, map)
  local store, pairs_, seen = world.store, {}, {}
  for from, to in next, map do
    if from ~= to then pairs_[#pairs_ + 1] = { from, to } end
  end
  -- The longest first: an ARN that holds an id is one thing.
  table.sort(pairs_, function(a, b)
    if #a[1] ~= #b[1] then return #a[1] > #b[1] end
    return a[1] < b[1]
  end)
  local changed = store.dirty
  store.dirty = {}
  if #pairs_ > 0 then
    for collection, ids in next, changed do
      for id in next, ids do
        local row = collection.rows[id]
        if row then
          walk(row, pairs_, seen)
          local new = swap(id, pairs_)
          if new ~= id then collection:delete(id) end
          collection:put(new, row)
        end
      end
    end
  end
  store.dirty = {}
end

--- Puts a row of a service into the world as it is.
---@param world table
---@param place { account: string, region: string, service: string, name: string }
---@param id string
---@param row table
function seed.put(world, place, id, row)
  world.store:collection(("%s/%s/%s/%s"):format(place.account, place.region, place.service, place.name)):put(id, row)
end

return seed
