--- Plain data as the Lua that makes it: for declarations that people paste into a playbook.
local deep = require "cso.std.deep"
local json = require "cso.std.json"

local literal = {}

local WIDTH = 98
local words = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch "%a+" do
  words[word] = true
end

local Code = {}

--- Lua that stands in a tree as it is.
---@param text string
---@return table
function literal.code(text) return setmetatable({ text = text }, Code) end

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

--- A string as Lua source, whatever bytes it holds.
---@param text string
---@return string
function literal.string(text)
  return '"' .. text:gsub('[%c"\\\127]', function(c)
    return escapes[c] or ("\\x%02x"):format(c:byte())
  end) .. '"'
end

--- Text of several lines as people write it, where that gives the same bytes back.
local function long_string(text)
  if not text:find("\n.") or text:find("[%c\127]", 1) and text:find("[^%C\n\t]") or text:find("]]", 1, true)
    or text:sub(-1) == "]" then
    return nil
  end
  return "[[\n" .. text .. "]]"
end

local function key_text(k)
  if type(k) == "string" and k:match "^[%a_][%w_]*$" and not words[k] then return k end
  return "[" .. (type(k) == "string" and literal.string(k) or tostring(k)) .. "]"
end

local function scalar(v)
  if type(v) == "string" then return long_string(v) or literal.string(v) end
  if type(v) == "number" then return tostring(math.tointeger(v) or v) end
  if v == json.null then return "nil" end
  return tostring(v)
end

--- A value as Lua source; tables that fit stand on one line.
---@param v any
---@param pad string?   indentation of the line on which it begins
---@param before integer?  characters that stand on that line before it
---@return string
function literal.of(v, pad, before)
  if getmetatable(v) == Code then return v.text end
  if type(v) ~= "table" then return scalar(v) end
  pad = pad or ""
  local inner, parts = pad .. "  ", {}
  local is_list = rawlen(v) > 0 or getmetatable(v) == json.array_mt
  if is_list then
    for i = 1, rawlen(v) do parts[i] = literal.of(v[i], inner) end
  else
    for k, item in deep.sorted_pairs(v) do
      local key = key_text(k) .. " = "
      parts[#parts + 1] = key .. literal.of(item, inner, #key)
    end
  end
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + #pad + (before or 0) <= WIDTH and not line:find "\n" then return line end
  return "{\n" .. inner .. table.concat(parts, ",\n" .. inner) .. ",\n" .. pad .. "}"
end

return literal
