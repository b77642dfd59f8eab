--- The filters of templates: `${value | filter | filter(argument)}`. Each gets a plain value; what
--- is known later goes through them later.
local filters = {}

local function text(v, name)
  local kind = type(v)
  if kind == "string" then return v end
  if kind == "number" or kind == "boolean" then return tostring(v) end
  error(("filter %s needs a text, not a %s; try json"):format(name, kind), 0)
end

local function shell_word(s)
  if s ~= "" and not s:find("[^%w_@%%+=:,./-]") then return s end
  return "'" .. s:gsub("'", "'\\''") .. "'"
end

--- One word for a POSIX shell; a list becomes words.
function filters.shell(v)
  if type(v) ~= "table" then return shell_word(text(v, "shell")) end
  local words = {}
  for i, item in ipairs(v) do words[i] = shell_word(text(item, "shell")) end
  return table.concat(words, " ")
end

--- JSON; with an argument, indented by so many spaces.
function filters.json(v, indent)
  return require("cso.std.json").encode(v, indent and { indent = indent } or nil)
end

--- A YAML value in flow form. JSON is YAML, and its strings are quoted surely.
function filters.yaml(v)
  return require("cso.std.json").encode(v)
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&apos;" }

--- Text or an attribute's value in XML and HTML.
function filters.xml(v)
  return (text(v, "xml"):gsub("[&<>\"']", entities))
end

--- All lines but the first moved right, so that a block stands under the place where it begins.
function filters.indent(v, n)
  return (text(v, "indent"):gsub("\n([^\n])", "\n" .. (" "):rep(n or 2) .. "%1"))
end

function filters.base64(v)
  return require("cso.std.hash").base64_encode(text(v, "base64"))
end

function filters.upper(v) return text(v, "upper"):upper() end
function filters.lower(v) return text(v, "lower"):lower() end
function filters.trim(v) return (text(v, "trim"):match("^%s*(.-)%s*$")) end

--- A list as one text.
function filters.join(v, separator)
  local parts = {}
  for i, item in ipairs(v) do parts[i] = text(item, "join") end
  return table.concat(parts, separator or ", ")
end

--- Percent-encoded for a URL.
function filters.url(v)
  return (text(v, "url"):gsub("[^%w_.~-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- A string literal of Lua, Python, C and their like.
function filters.quote(v)
  return '"' .. text(v, "quote"):gsub('[\\"]', "\\%0"):gsub("\n", "\\n") .. '"'
end

return filters
