--- The difference of one resource, seen from three sides: what is declared, what was declared when
--- it was last applied, and what is really there.
local compare = require "cso.kind.compare"
local deep = require "cso.std.deep"
local entries = require "cso.kind.entries"
local ignore = require "cso.kind.ignore"
local value = require "cso.std.value"

local diff = {}

local function is_sensitive(node, property, v)
  local P = node.kind.schema.properties[property]
  return P and P.sensitive or value.is_secret(v) or false
end

local function is_tree(v)
  return type(v) == "table" and not value.is_secret(v) and not value.is_unknown(v)
end

--- What is there, cut down to what is declared, or was when it was applied last: the rest is the
--- service's own and no change.
local function comparable(before, after, applied)
  if not is_tree(before) or not is_tree(after) then return before end
  local out, was = {}, is_tree(applied) and applied or {}
  if #after > 0 and #before ~= #after then return before end
  for k, v in pairs(after) do
    if before[k] ~= nil then out[k] = comparable(before[k], v, was[k]) end
  end
  for k in pairs(was) do
    if after[k] == nil then out[k] = before[k] end
  end
  return setmetatable(out, getmetatable(before))
end

local function change(node, property, before, after, replaces, applied)
  before = value.veil(value.veil(before, after), applied)
  if property ~= node.kind.tag_property then before = comparable(before, after, applied) end
  return {
    path = property, before = before, after = after, replaces = replaces,
    unknown = value.has_unknown(after), sensitive = is_sensitive(node, property, after),
  }
end

--- Whether something that was declared inside a property, and is there, is declared no longer.
local function dropped(was, want, have)
  if type(was) ~= "table" or type(want) ~= "table" or type(have) ~= "table" then return false end
  for k, v in pairs(was) do
    if want[k] == nil then
      if have[k] ~= nil then return true end
    elseif dropped(v, want[k], have[k]) then
      return true
    end
  end
  return false
end

local nested = { object = true, list = true }

--- A part of a property that is left out means "as before I said anything": worth an update, but
--- never a new resource.
local function partly_removed(node, property, want, have, record)
  local K = node.kind
  local P = K.schema.properties[property]
  if type(want) ~= "table" or not P or not nested[P.type.kind] or property == K.tag_property
    or K:replaces(property, want, have, node) then
    return false
  end
  if value.has_unknown(want) then return false end
  return dropped(record.declared[property], want, have)
end

--- Nothing there is what "nothing" in its many spellings asks for.
local function is_nothing(v)
  return v == nil or v == "" or v == false or type(v) == "table" and next(v) == nil
end

--- What a property goes back to when it is no longer declared, or nil when it stays.
local function fallback(node, property)
  local K = node.kind
  if property == K.tag_property then return {} end
  return K:default_of(property)
end

-- Only what differs is put into an order: mostly nothing does.
local NONE = {}

local function sorted(list)
  if not list then return NONE end
  table.sort(list)
  return list
end

-- The declared properties that are not what is there, sorted.
local function changed(node, desired, model, record)
  local K, paths, list = node.kind, node.options.ignore, nil
  for property, want in next, desired do
    if not paths or ignore.is_unset(record, property) or not ignore.whole(paths, property) then
      local same
      if K.hidden[property] then
        same = K.flags and K.flags[property] or compare.property(K, property, want, record.declared[property])
      else
        local have = model[property]
        same = compare.property(K, property, want, have, node)
        if same and entries.are(K, property) then
          local back, left = entries.dropped(K, property, desired, have, record.declared[property])
          same = #back + #left == 0
        elseif same then
          same = not partly_removed(node, property, want, have, record)
        end
      end
      if not same then
        list = list or {}
        list[#list + 1] = property
      end
    end
  end
  return sorted(list)
end

-- What was declared and is no longer, sorted.
local function undeclared(desired, record)
  local list
  for property in next, record.declared do
    if desired[property] == nil then
      list = list or {}
      list[#list + 1] = property
    end
  end
  return sorted(list)
end

--- Compares an existing resource. What is ignored inside of properties is in `desired` as it is in
--- `model` already (ignore.apply).
---@param node table
---@param desired table
---@param model table          what is there
---@param record cso.Record    what was applied
---@return table[] changes, string[] updates, string[] reasons  why it must be replaced
---@return { path: string, now: any, fixed: boolean }[]? stays  what is declared no longer and stays all the same:
---  nobody knows what it would go back to
function diff.changes(node, desired, model, record)
  local K, paths = node.kind, node.options.ignore
  local changes, updates, reasons = {}, {}, {}
  local other, left = changed(node, desired, model, record), undeclared(desired, record)
  if #other + #left == 0 then return changes, updates, reasons end
  local function differs(property, want, have)
    local why = K:replaces(property, want, have, node)
    local have_shown = K.hidden[property] and record.declared[property] or have
    if entries.are(K, property) then have_shown = entries.of(have, want) end
    changes[#changes + 1] = change(node, property, have_shown, want, why ~= nil, record.declared[property])
    if why then
      reasons[#reasons + 1] = property .. " " .. why
    else
      updates[#updates + 1] = property
    end
  end
  local stays
  -- Of a list of keys and values: what goes back, and word of what stays.
  local function taken_out(property)
    local back, rest = entries.dropped(K, property, desired, model[property], record.declared[property])
    for _, one in ipairs(rest) do
      stays = stays or {}
      stays[#stays + 1] = { path = ("%s[%q]"):format(property, one.key), now = one.now, fixed = false }
    end
    return back
  end
  for _, property in ipairs(other) do
    local want = desired[property]
    if entries.are(K, property) then want = entries.with(want, taken_out(property)) end
    differs(property, want, model[property])
  end
  for _, property in ipairs(left) do
    if ignore.whole(paths, property) then
      goto next
    elseif entries.are(K, property) then
      local back = taken_out(property)
      if #back > 0 then differs(property, back, model[property]) end
    else
      local back, have = fallback(node, property), model[property]
      if back == nil and K:removes(property) and not is_nothing(have) then
        differs(property, nil, have)
      elseif back ~= nil and not (is_nothing(back) and is_nothing(have))
        and not compare.property(K, property, back, have, node) then
        differs(property, back, model[property])
        desired[property] = property == K.tag_property and {} or nil
      elseif back == nil and not K.hidden[property] and not is_nothing(have) then
        stays = stays or {}
        -- Of a list that its service fills up, what was said is what anybody knows.
        local was = record.declared[property]
        stays[#stays + 1] = { path = property, now = is_tree(have) and was or value.veil(have, was),
          fixed = K:replaces(property, nil, have, node) ~= nil }
      end
    end
    ::next::
  end
  return changes, updates, reasons, stays
end

--- The changes that a creation amounts to.
function diff.created(node, desired)
  local changes = {}
  for _, property in ipairs(deep.keys(desired)) do
    changes[#changes + 1] = change(node, property, nil, desired[property], false)
  end
  return changes
end

return diff
