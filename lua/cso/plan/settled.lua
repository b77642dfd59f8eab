--- Most things are what they were the last time: declared as they are remembered, and there as they are declared,
--- value by value. That is seen here at a glance. Whatever is not so plain (a ref, a secret, another spelling, a name
--- that was made up) is nothing that this could know: cso.plan.decide compares it in all detail.
local json = require "cso.std.json"
local read = require "cso.kind.read"

local NOWHERE = {} -- the target of what has none of its own

-- Whether two values are the same plain data.
local function alike(want, have)
  if type(want) ~= "table" or type(have) ~= "table" then return want == have end
  local a, b = getmetatable(want), getmetatable(have)
  if a and a ~= json.array_mt or b and b ~= json.array_mt then return false end
  for k, v in next, want do
    if not alike(v, have[k]) then return false end
  end
  for k in next, have do
    if want[k] == nil then return false end
  end
  return true
end

-- Whether something else than values has to be looked at.
local function is_special(work, node, model)
  local record, decl, spec, options = node.record, node.decl, node.kind.spec, node.options
  return record.status ~= "ready" or record.accepted or record.restored or node.lost or node.follows or node.asked
    or node.room or node.taken_back or decl.was or decl.anew or options.ignore or spec.prepare
    or spec.name and decl.properties[spec.name[1]] == nil
    or (options.protect or false) ~= (record.protect or false) or (options.retain or false) ~= (record.retain or false)
    or work.unfinished[node.address] or read.failure(model)
end

local function is_same_place(a, b)
  return a.region == b.region and a.profile == b.profile and a.role == b.role
end

--- Whether a thing is surely what is declared. What it waits for is not looked at.
---@param work table   with `unfinished`
---@param node table   with its record
---@param model table  what is there
---@return boolean
return function(work, node, model)
  if is_special(work, node, model) then return false end
  local record, properties, K = node.record, node.decl.properties, node.kind
  local was, hidden, own = record.declared, K.hidden, K.spec.same
  for property, want in next, properties do
    if hidden[property] or own and own[property] or was[property] == nil then return false end
    local have = model[property]
    if not rawequal(want, have) and not alike(want, have) then return false end
  end
  for property in next, was do
    if properties[property] == nil then return false end
  end
  return is_same_place(record.target or NOWHERE, node.decl.target or NOWHERE)
end
