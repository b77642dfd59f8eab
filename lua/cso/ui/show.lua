--- Values as people read them: one line where it is short, YAML-like blocks where it is not.
--- Secrets and unknowns never show more than that they are one.
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local term = require "cso.ui.term"
local value = require "cso.std.value"

local show = {}

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

--- A string in double quotes in which nothing can steer the terminal.
---@param text string
---@return string
function show.quoted(text)
  if not utf8.len(text) then return ("(%d bytes of binary data)"):format(#text) end
  return '"' .. text:gsub('[%c"\\\127]', function(c)
    return escapes[c] or ("\\x%02x"):format(c:byte())
  end) .. '"'
end

local function unknown_text(v)
  local from = v.from
  if type(from) ~= "string" then return "(known after apply)" end
  local path = v.path
  if type(path) == "table" then path = table.concat(path, ".") end
  return ("(known after apply: %s%s)"):format(from, path and path ~= "" and "." .. path or "")
end

local function number_text(v)
  if math.type(v) == "float" and v == math.floor(v) and math.abs(v) < 1e15 then
    return ("%d"):format(v)
  end
  return tostring(v)
end

local scalars = {
  ["nil"] = function() return "(none)" end,
  boolean = tostring,
  number = number_text,
  string = show.quoted,
  userdata = function() return "null" end,
  ["function"] = function() return "(function)" end,
}

local function special(v)
  if type(v) ~= "table" then return nil end
  if value.is_secret(v) then return "(sensitive)" end
  if value.is_unknown(v) then return unknown_text(v) end
  if value.is_ref(v) then return value.describe(v) end
  local mt = getmetatable(v)
  if type(mt) == "table" and mt.__tostring then return term.clean(tostring(v)) end
end

--- A scalar, a secret or an unknown as text; nil for a plain table.
---@param v any
---@return string?
function show.scalar(v)
  local text = special(v)
  if text then return text end
  local make = scalars[type(v)]
  return make and make(v)
end

local function is_list(t)
  return rawlen(t) > 0 or getmetatable(t) == json.array_mt
end

--- The value on one line when that takes at most `width` cells, or nil.
---@param v any
---@param width integer?  default 72
---@return string?
function show.inline(v, width)
  width = width or 72
  local text = show.scalar(v)
  if text then return text end
  if width <= 0 then return nil end
  local parts, n = {}, 0
  if is_list(v) then
    for i = 1, rawlen(v) do
      local part = show.inline(rawget(v, i), width - n - 2)
      if not part then return nil end
      parts[i], n = part, n + #part + 2
      if n > width then return nil end
    end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  for key, item in deep.sorted_pairs(v) do
    local part = show.inline(item, width - n - 4)
    if not part then return nil end
    part = term.clean(tostring(key)) .. " = " .. part
    parts[#parts + 1], n = part, n + #part + 2
    if n > width then return nil end
  end
  if #parts == 0 then return "{}" end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local MAX_LINES, MAX_DEPTH = 5000, 40

--- Whether a text of several lines stands somewhere in a value.
---@param v any
---@param depth integer?
---@return boolean
function show.has_lines(v, depth)
  if type(v) == "string" then return v:find("\n.", 1) ~= nil end
  depth = depth or 0
  if type(v) ~= "table" or depth >= MAX_DEPTH or special(v) then return false end
  for _, item in next, v do
    if show.has_lines(item, depth + 1) then return true end
  end
  return false
end

--- The lines of a text, with what could steer the terminal made visible.
---@param text string
---@return string[]
function show.lines(text)
  local out = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("([^\n]*)\n") do
    out[#out + 1] = line:gsub("[%c\127]", function(c)
      return c == "\t" and c or ("\\x%02x"):format(c:byte())
    end)
  end
  return out
end

local block

-- One item behind its lead ("- " or "key:"): on the same line when it fits, below otherwise.
local function item_lines(item, lead, pad, inner, out, above)
  local text = not (above.texts and show.has_lines(item)) and show.inline(item) or nil
  if type(item) == "string" and not text then
    out[#out + 1] = pad .. lead
    for _, line in ipairs(show.lines(item)) do out[#out + 1] = inner .. "| " .. line end
    return
  end
  if not text and (above[item] or above.depth >= MAX_DEPTH) then text = "(…)" end
  if text then
    out[#out + 1] = pad .. lead .. " " .. text
    return
  end
  if lead ~= "-" then
    out[#out + 1] = pad .. lead
    return block(item, inner, out, above)
  end
  local first = #out + 1
  block(item, inner, out, above)
  if out[first] then out[first] = pad .. "- " .. out[first]:sub(#inner + 1) end
end

block = function(v, pad, out, above)
  above[v] = true
  above.depth = above.depth + 1
  if is_list(v) then
    for i = 1, rawlen(v) do
      if #out > MAX_LINES then break end
      item_lines(rawget(v, i), "-", pad, pad .. "  ", out, above)
    end
  else
    for key, item in deep.sorted_pairs(v) do
      if #out > MAX_LINES then break end
      item_lines(item, term.clean(tostring(key)) .. ":", pad, pad .. "  ", out, above)
    end
  end
  above[v] = nil
  above.depth = above.depth - 1
end

--- The value as lines: keys sorted, lists with dashes. What holds itself, is very deep or very
--- long is cut.
---@param v any
---@param pad string?  put before each line
---@param texts boolean?  texts of several lines are shown in their lines
---@return string[]
function show.block(v, pad, texts)
  local text = show.scalar(v)
  if text then return { (pad or "") .. text } end
  local out = {}
  block(v, pad or "", out, { depth = 0, texts = texts })
  if #out == 0 then out[1] = (pad or "") .. (is_list(v) and "[]" or "{}") end
  if #out > MAX_LINES then out[#out + 1] = (pad or "") .. "(cut here)" end
  return out
end

return show
