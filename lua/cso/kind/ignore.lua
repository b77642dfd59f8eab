--- What a declaration leaves to others: whole properties, parts of them, globs of either. Wherever such a part
--- stands, what is really there counts as declared, in the comparison and in every call that writes the thing.
local deep = require "cso.std.deep"
local value = require "cso.std.value"

local ignore = {}

local function pattern_of(glob)
  return "^" .. glob:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

--- Whether a whole property is left to others.
---@param paths string[]?
---@param property string
---@return boolean
function ignore.whole(paths, property)
  for _, path in ipairs(paths or {}) do
    if path == property then return true end
    if path:find("*", 1, true) and not path:find(".", 1, true) and property:match(pattern_of(path)) then return true end
  end
  return false
end

--- Paths inside a property, without it.
local function inside(paths, property)
  local out = {}
  for _, path in ipairs(paths or {}) do
    local head, rest = path:match("^([^.]+)%.(.+)$")
    if head and property:match(pattern_of(head)) then out[#out + 1] = rest end
  end
  return out
end

local function keys_matching(key, ...)
  local out, pattern = {}, pattern_of(key)
  for _, t in ipairs { ... } do
    for k in next, t do
      if tostring(k):match(pattern) then out[k] = true end
    end
  end
  return out
end

local function is_tree(v)
  return type(v) == "table" and not value.is_secret(v) and not value.is_unknown(v) and not value.is_ref(v)
end

--- A copy of `want` in which what a path means is as in `have`. The keys of a map may hold dots, so the whole
--- rest of a path is tried as one key first.
local function leave(want, have, path, is_map)
  if not is_tree(want) or not is_tree(have) then return want end
  local out = setmetatable({}, getmetatable(want))
  for k, v in next, want do out[k] = v end
  local key, rest = path:match("^([^.]+)%.(.+)$")
  if is_map or not key then
    for k in pairs(keys_matching(path, want, have)) do
      -- A list keeps its length: an item more or less is no part of an item.
      if type(k) ~= "number" or want[k] ~= nil and have[k] ~= nil then out[k] = deep.copy(have[k]) end
    end
    return out
  end
  for k in pairs(keys_matching(key, want, have)) do
    if want[k] ~= nil then out[k] = leave(want[k], have[k], rest, false) end
  end
  return out
end

--- Whether an interrupted creation did not come to set a property. Making a thing as it is declared comes before
--- leaving it to others.
---@param record cso.Record?
---@param property string
---@return boolean
function ignore.is_unset(record, property)
  return record ~= nil and record.status == "partial" and record.declared[property] == nil
end

--- Declared properties with what is ignored as it is there.
---@param K cso.Kind
---@param paths string[]?
---@param tree table    resolved declared properties; not changed
---@param model table?  what is there
---@param record cso.Record?
---@return table
function ignore.apply(K, paths, tree, model, record)
  if not paths or #paths == 0 or not model then return tree end
  local hidden = deep.index(K.spec.write_only)
  local out = {}
  for property, want in pairs(tree) do
    local have = model[property]
    if hidden[property] or ignore.is_unset(record, property) then
      out[property] = want
    elseif ignore.whole(paths, property) then
      out[property] = have
    else
      for _, path in ipairs(inside(paths, property)) do
        want = leave(want, have == nil and {} or have, path, property == K.tag_property)
      end
      out[property] = want
    end
  end
  return out
end

return ignore
