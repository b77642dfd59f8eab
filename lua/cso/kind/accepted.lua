--- Accepted deviations: where somebody found a thing changed by other hands and said that it may stay so.
--- The declaration stays the truth: an acceptance holds as long as what is declared is what was declared when
--- it was given, and says what counts instead. Changing the declaration ends it.
local deep = require "cso.std.deep"
local value = require "cso.std.value"

local accepted = {}

--- One accepted deviation, by its path ("InstanceType", "Tags.Owner").
---@class cso.Accepted
---@field was any?   what was declared then; nil: nothing
---@field now any?   what counts instead; nil: nothing

--- The entries of a record that still hold for a declaration, sorted by path.
---@param record cso.Record?
---@param tree table   resolved declared properties
---@return { path: string, was: any, now: any }[]
function accepted.held(record, tree)
  local out = {}
  for path, one in deep.sorted_pairs(record and record.accepted or {}) do
    local v = deep.get(tree, path)
    if not value.has_unknown(v) and not value.is_secret(v) and deep.equal(v, one.was) then
      out[#out + 1] = { path = path, was = one.was, now = one.now }
    end
  end
  return out
end

--- The declared properties with what was accepted in their place.
---@param record cso.Record?
---@param tree table   resolved declared properties; not changed
---@return table tree
---@return { path: string, was: any, now: any }[]? held
function accepted.apply(record, tree)
  if not (record and record.accepted) then return tree end
  local held = accepted.held(record, tree)
  if #held == 0 then return tree end
  local out = {}
  for k, v in pairs(tree) do out[k] = v end
  for _, one in ipairs(held) do
    local head = one.path:match("^[^.]+")
    if head ~= one.path then out[head] = deep.copy(out[head] or {}) end
    deep.set(out, one.path, deep.copy(one.now))
  end
  return out, held
end

--- What a record keeps of its acceptances: those that still hold.
---@param held { path: string, was: any, now: any }[]?
---@return table<string, cso.Accepted>?
function accepted.kept(held)
  local out = {}
  for _, one in ipairs(held or {}) do out[one.path] = { was = one.was, now = one.now } end
  return next(out) and out or nil
end

return accepted
