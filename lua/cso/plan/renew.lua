--- Old properties for a world in which what they name may have another name by now: what they took
--- from other things is taken from them anew, and secrets are fetched from where they are kept.
local packed = require "cso.std.packed"
local value = require "cso.std.value"

local renew = {}

--- The longest text first: an ARN holds the id that others name.
function renew.by_length(a, b)
  if #a.text ~= #b.text then return #a.text > #b.text end
  if a.text ~= b.text then return a.text < b.text end
  return a.address < b.address or a.address == b.address and a.path < b.path
end

--- A text in which the names of other things stand, as one that is known when they are.
local function spliced(text, refs, from)
  from = from or 1
  local ref = refs[from]
  if not ref then return text end
  local first, last = text:find(ref.text, 1, true)
  if not first then return spliced(text, refs, from + 1) end
  local middle = value.ref(ref.address, ref.path)
  if first == 1 and last == #text then return middle end
  local parts = { spliced(text:sub(1, first - 1), refs, from + 1), middle, spliced(text:sub(last + 1), refs, from) }
  return value.defer(parts, function(list) return table.concat(list) end)
end

--- Properties as they were, with what they took from other things taken from them anew.
---@param tree any
---@param refs { text: string, address: string, path: string }[]   sorted by renew.by_length
---@param known table<string, any>   addresses that will be there
---@param rename (fun(address: string): string)?   what they will be called then
---@return any
local function renewed(tree, refs, known, rename)
  if value.is_secret(tree) then
    local origin = value.secret_info(tree).origin
    if origin and known[origin.address] then
      return value.ref(rename and rename(origin.address) or origin.address, origin.path)
    end
    return tree
  end
  if type(tree) == "string" and #refs > 0 then
    local inner = packed.open(tree)
    local text = spliced(inner or tree, refs)
    if not inner then return text end
    return value.is_ref(text) and value.defer({ text }, function(list) return packed.close(list[1]) end) or tree
  end
  if type(tree) ~= "table" then return tree end
  local out = {}
  for k, v in next, tree do out[k] = renewed(v, refs, known, rename) end
  return setmetatable(out, getmetatable(tree))
end

--- Puts refs back where they stood.
---@param tree table   changed
---@param places { at: (string|integer)[], address: string, path: string }[]?
---@param known table<string, any>   addresses that will be there
---@param rename fun(address: string): string
function renew.places(tree, places, known, rename)
  for _, one in ipairs(places or {}) do
    local t, last = tree, #one.at
    for i = 1, last - 1 do t = type(t) == "table" and rawget(t, one.at[i]) end
    if known[one.address] and type(t) == "table" then t[one.at[last]] = value.ref(rename(one.address), one.path) end
  end
end

--- A secret that has to be set again is at hand, or it is left as it is now.
---@param tree any
---@param now any        what stands there at present
---@param fetch fun(secret: any): any   the secret with its content, or nil when nothing keeps it
---@param path string
---@param lost string[]  gets what can't be had
---@return any
local function settle_secrets(tree, now, fetch, path, lost)
  if value.is_secret(tree) then
    local found = fetch(tree)
    if found then return found end
    if now ~= nil and value.same_secret(tree, now) then return tree end
    lost[#lost + 1] = ("the earlier value of %s is kept nowhere: %s"):format(path,
      now ~= nil and "it stays as it is" or "it is left out")
    return now
  end
  if type(tree) ~= "table" or value.is_ref(tree) then return tree end
  local out = {}
  for k, v in next, tree do
    local have = type(now) == "table" and not value.is_secret(now) and rawget(now, k) or nil
    out[k] = settle_secrets(v, have, fetch, path == "" and tostring(k) or path .. "." .. tostring(k), lost)
  end
  return setmetatable(out, getmetatable(tree))
end

renew.tree, renew.secrets = renewed, settle_secrets

return renew
