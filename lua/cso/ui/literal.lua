--- Plain data as the Lua that makes it: for declarations that people paste into a playbook.
local deep = require "cso.std.deep"
local json = require "cso.std.json"

local literal = {}

local WIDTH = 90
local words = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch "%a+" do
  words[word] = true
end

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

--- A string as Lua source, whatever bytes it holds.
---@param text string
---@return string
function literal.string(text)
  return '"' .. text:gsub('[%c"\\\127]', function(c)
    return escapes[c] or ("\\x%02x"):format(c:byte())
  end) .. '"'
end

local function key_text(k)
  if type(k) == "string" and k:match "^[%a_][%w_]*$" and not words[k] then return k end
  return "[" .. (type(k) == "string" and literal.string(k) or tostring(k)) .. "]"
end

local function scalar(v)
  if type(v) == "string" then return literal.string(v) end
  if type(v) == "number" then return tostring(math.tointeger(v) or v) end
  if v == json.null then return "nil" end
  return tostring(v)
end

--- A value as Lua source; tables that fit stand on one line.
---@param v any
---@param pad string?   indentation of the line on which it begins
---@return string
function literal.of(v, pad)
  if type(v) ~= "table" then return scalar(v) end
  pad = pad or ""
  local inner, parts = pad .. "  ", {}
  local is_list = rawlen(v) > 0 or getmetatable(v) == json.array_mt
  if is_list then
    for i = 1, rawlen(v) do parts[i] = literal.of(v[i], inner) end
  else
    for k, item in deep.sorted_pairs(v) do
      parts[#parts + 1] = key_text(k) .. " = " .. literal.of(item, inner)
    end
  end
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + #pad <= WIDTH and not line:find "\n" then return line end
  return "{\n" .. inner .. table.concat(parts, ",\n" .. inner) .. ",\n" .. pad .. "}"
end

return literal
