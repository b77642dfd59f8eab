--- Tags as most services keep them: a list of pairs in the order of their making. Services differ
--- in the names of the pair's members and in what they call a bad tag.
local tags = {}

local RESERVED = { "aws:" }

---@class sim.TagRule
---@field code string      error code for a broken tag
---@field too_many string? code when there are more than `max`
---@field max integer?     default 50
---@field key string?      member that holds the key, default Key
---@field value string?    member that holds the value, default Value
---@field reserved string[]? what no key may start with, default aws:

local function limited(ctx, list, rule)
  local max = rule.max or 50
  if #list > max then ctx:fail(rule.too_many or rule.code, ("A resource can have %d tags."):format(max)) end
  return list
end

--- Refuses reserved and repeated keys.
---@param ctx sim.Context
---@param list table[]|nil
---@param rule sim.TagRule
---@return table[] list a fresh one
function tags.check(ctx, list, rule)
  local key, value, seen, out = rule.key or "Key", rule.value or "Value", {}, {}
  for i, t in ipairs(list or {}) do
    local k = t[key]
    if k == nil then ctx:fail(rule.code, "A tag needs a key.") end
    for _, prefix in ipairs(rule.reserved or RESERVED) do
      if k:lower():sub(1, #prefix) == prefix then
        ctx:fail(rule.code, ("Tag keys that start with '%s' are reserved for internal use."):format(prefix))
      end
    end
    if seen[k] then ctx:fail(rule.code, ("Tag key '%s' appears twice."):format(k)) end
    seen[k] = true
    out[i] = { [key] = k, [value] = t[value] or "" }
  end
  return limited(ctx, out, rule)
end

--- The list with others laid over it.
---@param have table[]|nil
---@param more table[]
---@param key string? member that holds the key
---@return table[]
function tags.merge(have, more, key)
  key = key or "Key"
  local out, at = {}, {}
  for i, t in ipairs(have or {}) do
    out[i] = t
    if t[key] then at[t[key]] = i end -- some services take tags without a key at creation
  end
  for _, t in ipairs(more) do
    local i = at[t[key]] or #out + 1
    out[i], at[t[key]] = t, i
  end
  return out
end

--- The list with others laid over it, those checked.
---@param ctx sim.Context
---@param have table[]|nil
---@param more table[]|nil
---@param rule sim.TagRule
---@return table[]
function tags.lay(ctx, have, more, rule)
  return limited(ctx, tags.merge(have, tags.check(ctx, more, rule), rule.key), rule)
end

--- The list without some keys.
---@param have table[]|nil
---@param keys string[]
---@param key string?
---@return table[]
function tags.drop(have, keys, key)
  key = key or "Key"
  local gone, out = {}, {}
  for _, k in ipairs(keys) do gone[k] = true end
  for _, t in ipairs(have or {}) do
    if not gone[t[key]] then out[#out + 1] = t end
  end
  return out
end

--- A map of tags with others laid over it, reserved keys refused.
---@param ctx sim.Context
---@param have table|nil
---@param more table|nil
---@param code string
---@return table
function tags.merge_map(ctx, have, more, code)
  local out, n = {}, 0
  for k, v in next, have or {} do out[k] = v end
  for k, v in next, more or {} do
    if k:lower():sub(1, 4) == "aws:" then
      ctx:fail(code, "Tag keys that start with 'aws:' are reserved for internal use.")
    end
    out[k] = v
  end
  for _ in next, out do n = n + 1 end
  if n > 50 then ctx:fail(code, "A resource can have 50 tags.") end
  return out
end

--- A map of tags without some keys.
---@param have table|nil
---@param keys string[]
---@return table
function tags.drop_map(have, keys)
  local out = {}
  for k, v in next, have or {} do out[k] = v end
  for _, k in ipairs(keys) do out[k] = nil end
  return out
end

return tags
