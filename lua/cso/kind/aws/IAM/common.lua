--- What IAM's kinds share.
local shape = require "cso.kind.shape"
local tags = require "cso.kind.tags"

local common = {}

--- A policy as text.
function common.text(policy)
  return shape.document(policy)
end

--- All items of a paginated IAM list.
function common.all(r, operation, params, list)
  local out, marker = {}, nil
  repeat
    params.Marker = marker
    local page = r:call(operation, params)
    for _, item in ipairs(page[list] or {}) do out[#out + 1] = item end
    marker = page.IsTruncated and page.Marker or nil
  until not marker
  return out
end

--- What is in one list and not in the other, both ways.
function common.difference(want, have)
  local a, b, add, remove = {}, {}, {}, {}
  for _, v in ipairs(want or {}) do a[v] = true end
  for _, v in ipairs(have or {}) do b[v] = true end
  for _, v in ipairs(want or {}) do if not b[v] then add[#add + 1] = v end end
  for _, v in ipairs(have or {}) do if not a[v] then remove[#remove + 1] = v end end
  return add, remove
end

--- Tag changes through the operations of one sort of entity.
function common.set_tags(add, remove, by)
  return function(r, current, wanted)
    local set, removed = tags.changes(current, wanted)
    if next(set) then r:call(add, { [by] = r.id, Tags = tags.to_api(r:model(), "tagListType", set) }) end
    if #removed > 0 then r:call(remove, { [by] = r.id, TagKeys = removed }) end
  end
end

--- Forgives that a thing is not there (any more).
function common.unless_gone(r, operation, params)
  local out, e = r:try(operation, params)
  if not out and e.code ~= "NoSuchEntity" then error(e, 0) end
  return out
end

return common
