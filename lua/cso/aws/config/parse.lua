--- Reads one shared configuration file by the rules that all AWS SDKs share. Pure.
local parse = {}

local function trim(s) return s:match("^%s*(.-)%s*$") end

-- In a value a comment needs a blank before it; after a section's name it does not.
local function without_comment(line, needs_blank)
  local pattern = needs_blank and "%s[#;]" or "[#;]"
  local at = line:find(pattern)
  return at and line:sub(1, at - 1) or line
end

local function property(text)
  local k, v = text:match("^(.-)=(.*)$")
  if not k then return nil, "expected name = value" end
  k = trim(k)
  if k == "" then return nil, "a property has no name" end
  return k:lower(), trim(v)
end

local function continue(sections, state, line)
  local name = state.property
  if not name then return "an indented line must follow a property" end
  local values = sections[state.section]
  local text = trim(line)
  if state.nested then
    local k, v = property(trim(without_comment(line, true)))
    if not k then return v .. " in the indented lines under " .. name end
    values[name][k] = v
  else
    values[name] = values[name] .. "\n" .. text
  end
end

--- Splits a file into sections.
---@param text string
---@return table<string, table>? sections by raw header, e.g. "profile dev"
---@return { line: integer, message: string }? fault
function parse.sections(text)
  local sections, state, number = {}, {}, 0
  text = text:gsub("^\xef\xbb\xbf", "") -- what some editors begin UTF-8 with
  for line in (text:gsub("\r\n", "\n") .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    local first = line:sub(1, 1)
    local fault
    if line:match("^%s*$") or first == "#" or first == ";" then
      goto continue
    elseif first == "[" then
      local head = trim(without_comment(line, false))
      local name = head:match("^%[(.*)%]$")
      if not name then
        fault = "a section's header must end with ]"
      else
        name = trim(name):gsub("%s+", " ")
        sections[name] = sections[name] or {}
        state = { section = name }
      end
    elseif not state.section then
      fault = "expected a section such as [default]"
    elseif first:match("%s") then
      fault = continue(sections, state, line)
    else
      local k, v = property(trim(without_comment(line, true)))
      if not k then
        fault = v
      else
        state.property, state.nested = k, v == ""
        -- Indented lines under an empty value make it a block of its own.
        sections[state.section][k] = v == "" and {} or v
      end
    end
    if fault then return nil, { line = number, message = fault } end
    ::continue::
  end
  -- A value that stayed empty is empty text, not an empty block.
  for _, values in next, sections do
    for k, v in next, values do
      if type(v) == "table" then values[k] = next(v) and v or "" end
    end
  end
  return sections, nil
end

local function valid(name) return name:match("^[%w_%-/%.%%@:%+]+$") ~= nil end

local function merge(into, name, values)
  local target = into[name] or {}
  into[name] = target
  for k, v in next, values do
    if valid(k) then target[k] = v end
  end
end

-- AWS's own tool takes names in quotes, and then with blanks in them.
local function unquoted(name) return name:match('^"([^"]+)"$') or name:match("^'([^']+)'$") end

--- Sorts a config file's sections by what they are.
---@param sections table
---@return table { profiles, sso_sessions, services }
function parse.config(sections)
  local out = { profiles = {}, sso_sessions = {}, services = {} }
  local groups = { profile = out.profiles, ["sso-session"] = out.sso_sessions,
    services = out.services }
  for head, values in next, sections do
    local kind, name = head:match("^(%S+) (.+)$")
    local group = kind and groups[kind]
    local quoted = group and unquoted(name)
    if quoted or group and valid(name) then
      merge(group, quoted or name, values)
    elseif head == "default" and not sections["profile default"] then
      merge(out.profiles, "default", values)
    end
  end
  return out
end

--- A credentials file's profiles.
---@param sections table
---@return table<string, table>
function parse.credentials(sections)
  local out = {}
  for head, values in next, sections do
    if valid(head) then merge(out, head, values) end
  end
  return out
end

return parse
