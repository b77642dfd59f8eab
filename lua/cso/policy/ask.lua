--- Questions that several rules of the pack ask.
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local view = require "cso.policy.view"

local ask = {}

--- A policy document, however it was written: a table, or JSON in a text.
---@param v any
---@return table?
function ask.document(v)
  if type(v) == "string" then
    local tree = json.decode(v)
    return type(tree) == "table" and tree or nil
  end
  return type(v) == "table" and v or nil
end

--- True for a table without anything in it. (A view has no keys of its own that `next` would find.)
---@param v table
---@return boolean
function ask.is_empty(v)
  local step, state, first = pairs(v)
  return step(state, first) == nil
end

--- One or many as a list.
---@param v any
---@return any[]
function ask.list(v)
  if v == nil then return {} end
  if type(v) ~= "table" then return { v } end
  local out = {}
  for i = 1, #v do out[i] = v[i] end
  if #out == 0 and not ask.is_empty(v) then return { v } end
  return out
end

-- Asks one thing: nothing, and true, when it can't be known yet.
local function try(fn, ...)
  local ok, answer = pcall(fn, ...)
  if ok then return answer end
  if rawequal(answer, view.UNKNOWN) then return nil, true end
  error(answer, 0)
end

local function item_of(v, i, fn) return fn(v[i]) end

--- Asks each of a list, or the one value, until one answers. What can't be known yet of one hides
--- nothing of the others: only when none of them answers, the answer can't be known.
---@generic T
---@param v any
---@param fn fun(item: any): T?
---@return T?  the first answer that is neither nil nor false
function ask.first(v, fn)
  if v == nil then return nil end
  local n = type(v) == "table" and #v or 0
  if n == 0 then
    if type(v) == "table" and ask.is_empty(v) then return nil end
    return fn(v) or nil
  end
  local unknown = false
  for i = 1, n do
    local answer, hidden = try(item_of, v, i, fn)
    if answer then return answer end
    unknown = unknown or hidden
  end
  if unknown then error(view.UNKNOWN, 0) end
  return nil
end

--- True when something surely is so; false also when it can't be known yet.
---@param fn fun(...): any
---@return boolean
function ask.sure(fn, ...)
  return (try(fn, ...)) and true or false
end

local function is_among(tree, key, fn) return ask.first(tree[key], fn) end

--- The same of one of a list, or the one value, that stands under a key.
---@param tree table
---@param key any
---@param fn fun(item: any): any
---@return boolean
function ask.surely_among(tree, key, fn)
  return ask.sure(is_among, tree, key, fn)
end

--- The names in a table, whether or not what they stand for is known.
---@param tree table?
---@return string[]  sorted
function ask.names(tree)
  local out = {}
  if type(tree) ~= "table" then return out end
  local keys = getmetatable(tree) and getmetatable(tree).__keys
  if keys then return keys() end
  for key in pairs(tree) do out[#out + 1] = tostring(key) end
  table.sort(out)
  return out
end

--- True when a list, or the one value, holds a value.
---@param v any
---@param wanted any
---@return boolean
function ask.has(v, wanted)
  return ask.first(v, function(item) return item == wanted end) == true
end

--- The text behind base64, or the text itself.
---@param v any
---@return string
function ask.plain_text(v)
  if type(v) ~= "string" then return "" end
  if #v % 4 == 0 and v:match("^[%w+/\r\n]+=*%s*$") and #v > 16 then
    local text = hash.base64_decode((v:gsub("%s", "")))
    if text and utf8.len(text) then return text end
  end
  return v
end

-- What looks like a secret in a text, by what it is.
local looks = {
  { "an access key", "%f[%w]AKIA%u%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w%f[%W]" },
  { "an access key", "%f[%w]ASIA%u%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w%f[%W]" },
  { "a private key", "%-%-%-%-%-BEGIN [%u ]*PRIVATE KEY%-%-%-%-%-" },
  { "a token of GitHub", "%f[%w]gh[pousr]_%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w" },
}

local NAMES = { "password", "passwd", "secret", "token", "apikey", "api_key", "private_key", "access_key" }

--- True when a name says that its value is a secret.
---@param name string
---@return boolean
function ask.names_secret(name)
  local low = name:lower()
  -- What only tells where a secret is kept is none.
  if low:find("arn") or low:find("_id$") or low:find("path") or low:find("file") or low:find("name$") then return false end
  for _, word in ipairs(NAMES) do
    if low:find(word, 1, true) then return true end
  end
  return false
end

-- A value that is spelt out, not one that is looked up where the text runs.
local function is_literal(v)
  return #v >= 6 and not v:find("^[%$`<{]") and not v:find("^/") and not v:find("^arn:") and not v:find("^%%")
end

--- What of a text looks like a secret: nil, or what it looks like. Never the secret.
---@param text string
---@return string?
function ask.secret_in(text)
  for _, look in ipairs(looks) do
    if text:find(look[2]) then return look[1] end
  end
  for name, v in text:gmatch("([%w_%-]+)%s*[=:]%s*[\"']?([^%s\"',;]+)") do
    if ask.names_secret(name) and is_literal(v) then return "the value of " .. name end
  end
end

return ask
