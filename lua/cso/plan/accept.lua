--- Accepting drift: what others changed counts from now on, and is remembered as a deviation from what is
--- declared. Nothing is changed in the account.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local value = require "cso.std.value"

local accept = {}

local function refuse(code, message, hint)
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

--- The drifted thing and the part of it that words like "EC2.VPC.main" or "EC2.VPC.main.Tags.Owner" mean.
---@param found cso.Drift[]
---@param words string
---@return cso.Drift? drift, string|cso.Err|nil path
function accept.find(found, words)
  for _, one in ipairs(found) do
    if words == one.address then return one, nil end
  end
  local best
  for _, one in ipairs(found) do
    -- Addresses hold dots, so the longest that fits is meant.
    if words:sub(1, #one.address + 1) == one.address .. "." and (not best or #one.address > #best.address) then best = one end
  end
  if best then return best, words:sub(#best.address + 2) end
  local names = {}
  for i, one in ipairs(found) do names[i] = one.address end
  local near = require "cso.std.suggest"(words, names)
  return refuse("no_drift", ("%s has not drifted"):format(words), near and ("did you mean %s?"):format(near) or nil)
end

--- The properties of a drifted thing that a path means.
---@param drift cso.Drift
---@param path string?
---@return string[]? paths, cso.Err?
function accept.paths(drift, path)
  local out, known = {}, {}
  for _, change in ipairs(drift.changes) do
    known[#known + 1] = change.path
    if not path or path == change.path then
      out[#out + 1] = change.path
    elseif path:sub(1, #change.path + 1) == change.path .. "." then
      out[#out + 1] = path
    end
  end
  if #out > 0 then return out end
  return refuse("no_drift", ("%s.%s has not drifted"):format(drift.address, path),
    "what has: " .. table.concat(known, ", "))
end

--- Tags are compared whole, so one tag that was accepted is a change of the tags.
local function remember(record, drift, path)
  local head = path:match("^[^.]+")
  local change
  for _, one in ipairs(drift.changes) do
    if one.path == head then change = one end
  end
  local there = drift.model[head]
  if change.sensitive or value.is_sensitive(there) or value.is_secret(record.declared[head]) then
    return refuse("sensitive", ("%s.%s is a secret: it can be repaired, but not accepted"):format(drift.address, head),
      "csorun drift --repair, or put the new one into the playbook")
  end
  record.accepted = record.accepted or {}
  local earlier = record.accepted[path]
  local now = deep.copy(deep.get(drift.model, path))
  record.accepted[path] = { was = earlier and earlier.was or deep.copy(deep.get(record.declared, path)), now = now }
  if earlier and earlier.was == nil then record.accepted[path].was = nil end
  if head ~= path then record.declared[head] = deep.copy(record.declared[head] or {}) end
  deep.set(record.declared, path, now)
  -- A plan that does not look asks what was seen last.
  record.attributes[head] = deep.copy(there)
  if deep.equal(record.accepted[path].was, now) then record.accepted[path] = nil end
  if next(record.accepted) == nil then record.accepted = nil end
  return true
end

--- Ends acceptances: what was declared counts again, and what is there is drift again.
---@param store cso.Store   locked
---@param words string      an address, or an address and a path
---@return string[] ended   paths
function accept.revoke(store, words)
  local ended = {}
  for _, record in ipairs(store:resources()) do
    local path = words == record.address and "" or words:sub(1, #record.address + 1) == record.address .. "."
      and words:sub(#record.address + 2)
    for known, one in deep.sorted_pairs(path and record.accepted or {}) do
      if path == "" or path == known then
        deep.set(record.declared, known, one.was)
        record.accepted[known] = nil
        ended[#ended + 1] = known
      end
    end
    if #ended > 0 then
      if next(record.accepted) == nil then record.accepted = nil end
      store:put(record)
      return ended
    end
  end
  return ended
end

--- Writes an acceptance into the state.
---@param store cso.Store   locked
---@param drift cso.Drift
---@param path string?      nil: all that changed
---@return string[]? paths  what is accepted now
---@return cso.Err?
function accept.take(store, drift, path)
  if drift.gone then
    return refuse("gone", drift.address .. " is gone, and what is gone can't be accepted",
      "take its declaration away, or let csorun apply make it anew")
  end
  local paths, e = accept.paths(drift, path)
  if not paths then return nil, e end
  local record = store:get(drift.address)
  for _, one in ipairs(paths) do
    local ok
    ok, e = remember(record, drift, one)
    if not ok then return nil, e end
  end
  store:put(record)
  return paths
end

return accept
