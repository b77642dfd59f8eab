--- JSON Patch (RFC 6902) on plain tables.
local deep = require "cso.std.deep"

local function split(pointer)
  local parts = {}
  for part in pointer:gmatch("/([^/]*)") do parts[#parts + 1] = part:gsub("~1", "/"):gsub("~0", "~") end
  return parts
end

-- The table that holds the last part of a pointer, and the key in it.
local function locate(root, pointer, make)
  local parts, node = split(pointer), root
  if #parts == 0 then return nil, nil, "the whole document cannot be patched" end
  for i = 1, #parts - 1 do
    local key = node[parts[i]] == nil and #node > 0 and math.tointeger(tonumber(parts[i])) or nil
    local nxt = node[key and key + 1 or parts[i]]
    if nxt == nil and make then
      nxt = {}
      node[parts[i]] = nxt
    end
    if type(nxt) ~= "table" then return nil, nil, "no such path: " .. pointer end
    node = nxt
  end
  local last = parts[#parts]
  if last == "-" then return node, #node + 1 end
  local index = #node > 0 and math.tointeger(tonumber(last))
  return node, index and index + 1 or last
end

local ops = {}

function ops.add(root, p)
  local node, key, why = locate(root, p.path, true)
  if not node then return why end
  if math.type(key) == "integer" then
    if key > #node + 1 then return "index out of range: " .. p.path end
    table.insert(node, key, p.value)
  else
    node[key] = p.value
  end
end

function ops.remove(root, p)
  local node, key, why = locate(root, p.path)
  if not node then return why end
  if node[key] == nil then return "no such path: " .. p.path end
  if math.type(key) == "integer" then table.remove(node, key) else node[key] = nil end
end

function ops.replace(root, p)
  local node, key, why = locate(root, p.path)
  if not node then return why end
  node[key] = p.value
end

function ops.test(root, p)
  local node, key, why = locate(root, p.path)
  if not node then return why end
  if not deep.equal(node[key], p.value) then return "test failed: " .. p.path end
end

function ops.copy(root, p)
  local node, key, why = locate(root, p.from)
  if not node then return why end
  return ops.add(root, { path = p.path, value = deep.copy(node[key]) })
end

function ops.move(root, p)
  local why = ops.copy(root, p)
  return why or ops.remove(root, { path = p.from })
end

--- Applies a patch to a copy.
---@param state table
---@param patch table[] list of { op, path, value, from }
---@return table|nil state, string? message
return function(state, patch)
  local out = deep.copy(state)
  for _, p in ipairs(patch) do
    local op = ops[p.op]
    if not op or type(p.path) ~= "string" then return nil, "not a patch operation: " .. tostring(p.op) end
    local why = op(out, p)
    if why then return nil, why end
  end
  return out
end
