--- What a service tells in clear of what was declared as a secret: it is found by its place and by its
--- content, and made a secret again. A part of cso.std.value, which requires it once.

local json = require "cso.std.json"
local redact = require "cso.std.redact"

---@param value table  the module under construction
return function(value)

local is_deferred, is_secret = value.is_ref, value.is_secret

local function is_special(v) return is_deferred(v) or is_secret(v) or value.is_unknown(v) end

-- Items of a list may come back in another order: each is known by its content.
local function cover_items(tree, secrets)
  if type(tree) ~= "table" then
    for _, one in ipairs(secrets) do
      if value.same_secret(one, tree) then return one end
    end
    return tree
  end
  if is_special(tree) then return tree end
  local copy = {}
  for k, item in next, tree do copy[k] = cover_items(item, secrets) end
  return setmetatable(copy, getmetatable(tree))
end

local function secrets_in(tree, out)
  if is_secret(tree) then
    out[#out + 1] = tree
  elseif type(tree) == "table" and not is_special(tree) then
    for _, item in next, tree do secrets_in(item, out) end
  end
  return out
end

--- A copy of `tree` in which whatever is a secret in `like` is that secret. A service tells in clear
--- what was declared as a secret (a parameter, an environment); that must not be kept in clear.
---@param tree any
---@param like any
---@return any
function value.cover(tree, like)
  if not value.any then return tree end
  if is_secret(like) then
    if is_secret(tree) then return tree end
    return tree ~= nil and like or nil
  end
  if type(tree) == "table" and type(like) == "table" and rawlen(like) > 0 and not is_special(like) then
    local secrets = secrets_in(like, {})
    if #secrets > 0 then tree = cover_items(tree, secrets) end
  end
  if type(tree) ~= "table" or type(like) ~= "table" or is_secret(tree) or is_deferred(like) then return tree end
  local copy
  for k, v in next, like do
    local have = rawget(tree, k)
    local covered = value.cover(have, v)
    if not rawequal(covered, have) then
      if not copy then
        copy = {}
        for key, item in next, tree do copy[key] = item end
        setmetatable(copy, getmetatable(tree))
      end
      copy[k] = covered
    end
  end
  return copy or tree
end

-- A tree without secrets in it: contents where they are known, else a text that stands for the digest.
local function opened(tree, sealed)
  if is_secret(tree) then
    local info = value.secret_info(tree)
    if not info.known then return "secret " .. tostring(info.digest) end
    tree = value.reveal(tree)
  end
  if type(tree) == "string" then
    for _, info in ipairs(sealed) do
      if value.digest(info.salt, tree) == info.digest then return "secret " .. info.digest end
    end
    return tree
  end
  if type(tree) ~= "table" or is_special(tree) then return tree end
  local copy = {}
  for k, item in next, tree do copy[k] = opened(item, sealed) end
  return setmetatable(copy, getmetatable(tree))
end

--- Two trees as ones that hold no secrets and are equal exactly where those two mean the same: for those who
--- compare in their own way. What comes out must never be printed or stored.
---@param a any
---@param b any
---@return any a, any b
function value.comparable(a, b)
  if not value.any then return a, b end
  local secrets = secrets_in(b, secrets_in(a, {}))
  if #secrets == 0 then return a, b end
  local sealed = {}
  for _, one in ipairs(secrets) do
    local info = value.secret_info(one)
    if not info.known and info.salt then sealed[#sealed + 1] = info end
  end
  return opened(a, sealed), opened(b, sealed)
end

-- What stands beside secrets in one of `like`'s lists may be at any place in the other list.
local function veil_items(tree, like)
  local copy = {}
  for k, item in next, tree do
    for _, one in next, like do item = value.veil(item, one) end
    copy[k] = item
  end
  return setmetatable(copy, getmetatable(tree))
end

--- A copy of `tree` in which each text that holds a known secret is a secret: what a step makes of secrets
--- that it opened.
---@param tree any
---@return any
function value.hide(tree)
  if type(tree) == "string" then
    return redact.text(tree) ~= tree and value.secret(tree) or tree
  end
  if not value.any or type(tree) ~= "table" or is_special(tree) then return tree end
  local copy = {}
  for k, item in next, tree do copy[type(k) == "string" and redact.text(k) or k] = value.hide(item) end
  return setmetatable(copy, getmetatable(tree))
end

-- As deep as JSON is written; a table that holds itself is deeper.
local DEEPEST = 500

local function unfit_table(t, depth)
  if depth > DEEPEST then return "it is nested too deep: does a table hold itself?" end
  local names, items = 0, 0
  for k, item in next, t do
    if type(k) == "string" then names = names + 1 elseif math.type(k) == "integer" then items = items + 1 end
    if type(k) ~= "string" and math.type(k) ~= "integer" then return "a table has a " .. type(k) .. " as a key" end
    local why = value.unfit(item, depth + 1)
    if why then return why end
  end
  if items > 0 and (names > 0 or items ~= rawlen(t)) then return "a list has holes, or names as keys" end
end

--- Why a value can't be written down as data, in words; nil when it can.
---@param v any
---@param depth integer?
---@return string?
function value.unfit(v, depth)
  local kind = type(v)
  if kind == "table" then
    if is_special(v) then return nil end
    return unfit_table(v, depth or 1)
  elseif kind == "string" then
    return not utf8.len(v) and "a text is no UTF-8" or nil
  elseif kind == "number" then
    return (v ~= v or v == math.huge or v == -math.huge) and "a number is not finite" or nil
  end
  return (kind == "function" or kind == "thread" or kind == "userdata" and v ~= json.null) and "it holds a " .. kind or nil
end

--- A copy of `tree` in which whatever stands where `like` has a secret is a secret of its own: what was
--- there before a secret was changed is one, too.
---@param tree any
---@param like any
---@return any
function value.veil(tree, like)
  if not value.any then return tree end
  if tree == nil or is_special(tree) then return tree end
  if is_secret(like) then return value.secret(tree) end
  if type(tree) ~= "table" or type(like) ~= "table" or is_special(like) or #secrets_in(like, {}) == 0 then return tree end
  if rawlen(like) > 0 then return veil_items(tree, like) end
  local copy = {}
  for k, item in next, tree do copy[k] = value.veil(item, rawget(like, k)) end
  return setmetatable(copy, getmetatable(tree))
end

end
