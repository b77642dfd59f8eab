--- What the load balancing kinds share: attributes are lists of keys and texts, names find ARNs,
--- tags are read by a call of their own.
local entries = require "cso.kind.entries"
local find = require "cso.kind.find"
local tags = require "cso.kind.tags"

local common = {}

--- Every declared attribute has its value; attributes that are not declared keep the service's.
function common.same_attributes(want, have)
  local index = {}
  for _, a in ipairs(have or {}) do index[a.Key] = a.Value end
  for _, a in ipairs(want or {}) do
    if index[a.Key] ~= tostring(a.Value) then return false end
  end
  return true
end

--- An update through Modify…Attributes. What is declared no longer goes back to what it was at first.
function common.set_attributes(operation, by, property)
  return function(r, want, have)
    local was, list = r.record and r.record.declared[property], {}
    local back = entries.dropped(r.kind, property, r.desired, have, was)
    for i, a in ipairs(entries.with(want or {}, back)) do list[i] = { Key = a.Key, Value = tostring(a.Value) } end
    if #list > 0 then r:call(operation, { [by] = r.id, Attributes = list }) end
  end
end

--- The id of the first thing of ours among `list`, by its ownership tags.
function common.ours(r, list, arn_member)
  for _, item in ipairs(list or {}) do
    local map = tags.to_map(tags.read(r, item[arn_member]), true)
    if find.owned(r, map) then return item[arn_member] end
  end
end

--- Looks for a thing by name; not being there is no failure.
function common.by_name(operation, list, arn_member)
  return function(r)
    local out, e = r:try(operation, { Names = { r.desired.Name } })
    if not out then
      if e.code:match("NotFound") then return nil end
      error(e, 0)
    end
    return common.ours(r, out[list], arn_member)
  end
end

return common
