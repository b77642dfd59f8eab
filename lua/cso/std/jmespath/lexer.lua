--- Cuts a JMESPath expression into tokens { kind, value, at }.
local json = require "cso.std.json"

local simple = {
  ["."] = "dot", ["*"] = "star", ["]"] = "rbracket", [","] = "comma", [":"] = "colon",
  ["@"] = "current", ["("] = "lparen", [")"] = "rparen", ["{"] = "lbrace", ["}"] = "rbrace",
}

local LARGEST = 2 ^ 53

local function fail(at, text)
  error({ kind = "syntax", message = ("%s at column %d"):format(text, at) }, 0)
end

local function quoted(text, at, mark)
  local i = at + 1
  while true do
    local c = text:sub(i, i)
    if c == "" then fail(at, "unclosed " .. mark) end
    if c == "\\" then i = i + 1 elseif c == mark then return text:sub(at + 1, i - 1), i + 1 end
    i = i + 1
  end
end

local function decode(source, at)
  -- The document is wrapped so that scalars decode too, whatever the codec allows on top.
  local v, why = json.decode("[" .. source .. "]")
  if not v then fail(at, "bad literal: " .. tostring(why and why.message)) end
  if #v ~= 1 then fail(at, "bad literal") end
  return v[1]
end

local function literal(source, at)
  source = source:gsub("\\`", "`")
  local bare = source:match("^%s*(.-)%s*$")
  local ok, v = pcall(decode, bare, at)
  if ok then return v end
  -- Old JMESPath let an unquoted word stand for a string.
  if bare:match('^[^%[{"%d%-][^"]*$') then return decode('"' .. bare .. '"', at) end
  error(v, 0)
end

local two = {
  ["||"] = "or", ["&&"] = "and", ["=="] = "eq", ["!="] = "ne", ["<="] = "lte", [">="] = "gte",
  ["[]"] = "flatten", ["[?"] = "filter",
}
local one = { ["["] = "lbracket", ["<"] = "lt", [">"] = "gt", ["!"] = "not", ["&"] = "expref",
  ["|"] = "pipe" }

--- @param text string
--- @return table[] tokens, the last of kind "eof"
return function(text)
  local out, at = {}, 1
  local function put(kind, value, from) out[#out + 1] = { kind = kind, value = value, at = from } end
  while at <= #text do
    local c = text:sub(at, at)
    local pair = text:sub(at, at + 1)
    local start = at
    if c:match("%s") then
      at = at + 1
    elseif c:match("[%a_]") then
      local word = text:match("^[%w_]+", at)
      at = at + #word
      put("name", word, start)
    elseif c:match("%d") or (c == "-" and text:match("^%-%d", at)) then
      local number = text:match("^%-?%d+", at)
      at = at + #number
      -- No list is so long that a larger number would mean something else.
      put("number", math.tointeger(math.max(-LARGEST, math.min(LARGEST, tonumber(number)))), start)
    elseif two[pair] then
      at = at + 2
      put(two[pair], pair, start)
    elseif simple[c] or one[c] then
      at = at + 1
      put(simple[c] or one[c], c, start)
    elseif c == '"' then
      local source
      source, at = quoted(text, at, '"')
      put("quoted", decode('"' .. source .. '"', start), start)
    elseif c == "'" then
      local source
      source, at = quoted(text, at, "'")
      put("literal", (source:gsub("\\'", "'")), start)
    elseif c == "`" then
      local source
      source, at = quoted(text, at, "`")
      put("literal", literal(source, start), start)
    else
      fail(at, ("unexpected %q"):format(c))
    end
  end
  put("eof", "", #text + 1)
  return out
end
