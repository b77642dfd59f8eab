--- Most things are what they were the last time: declared as they are remembered, and there as they are declared,
--- value by value. That is seen here at a glance. Whatever is not so plain (a ref, a secret, another spelling, a name
--- that was made up) is nothing that this could know: cso.plan.decide compares it in all detail.
local plain = require "cso.std.plain"
local read = require "cso.kind.read"

local NONE = {} -- nobody writes to it

-- What a kind looks at closer, asked of each once: the properties that no read shows or that it compares in its own
-- way; false where there are none.
local closer = setmetatable({}, { __mode = "k" })

local function closer_of(K)
  local set = {}
  for property in next, K.hidden do set[property] = true end
  for property in next, K.spec.same or NONE do set[property] = true end
  closer[K] = next(set) and set or false
  return closer[K]
end

local function any_of(set, properties)
  for property in next, set do
    if properties[property] ~= nil then return true end
  end
  return false
end

-- Whether something else than values has to be looked at. What a record seldom has is asked for without the detour
-- by which it reads its attributes.
local function is_special(work, node, model)
  local record, decl, spec, options = node.record, node.decl, node.kind.spec, node.options
  return record.status ~= "ready" or rawget(record, "accepted") or rawget(record, "restored") or node.lost
    or node.follows or node.asked or node.room or node.taken_back or decl.was or decl.anew or spec.prepare
    or spec.name and decl.properties[spec.name[1]] == nil
    or options.ignore or options.protect ~= rawget(record, "protect")
    or options.retain ~= rawget(record, "retain")
    or work.unfinished[node.address] or read.failure(model)
end

--- Whether a thing is surely what is declared. What it waits for is not looked at.
---@param work table   with `unfinished`
---@param node table   with its record
---@param model table  what is there
---@return boolean
return function(work, node, model)
  if is_special(work, node, model) then return false end
  local record, decl, K = node.record, node.decl, node.kind
  local properties, set = decl.properties, closer[K]
  if set == nil then set = closer_of(K) end
  return plain.stays(properties, record.declared, model) and not (set and any_of(set, properties))
    and plain.alike(record.target or NONE, decl.target or NONE)
end
