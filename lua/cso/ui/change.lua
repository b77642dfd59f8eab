--- One changed property as lines: "before → after", or a unified diff where the values are
--- texts of several lines, policies or trees.
local diff = require "cso.std.diff"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local show = require "cso.ui.show"
local value = require "cso.std.value"

local change = {}

-- The text inside of base64, when it is one: a script of several lines.
local function decoded(v)
  if #v < 16 or #v % 4 ~= 0 or not v:match("^[%w+/]+=?=?$") then return nil end
  local text = hash.base64_decode(v)
  if not text or not text:find("\n", 1, true) or text:find("[%z\1-\8\14-\31]") then return nil end
  return utf8.len(text) and text or nil
end

local function is_plain_table(v)
  return type(v) == "table" and not show.scalar(v)
end

local MAX_DEPTH = 40

-- Policies travel as JSON strings and scripts as base64, also inside of trees; what a person wants to
-- compare is what is inside.
local function opened(v, depth)
  depth = depth or 0
  if type(v) == "string" then
    local text = decoded(v)
    if text then return text end
    local tree = v:match("^%s*[%[{]") and json.decode(v)
    if type(tree) == "table" then return tree end
  elseif depth < MAX_DEPTH and is_plain_table(v) then
    local out = {}
    for k, item in next, v do out[k] = opened(item, depth + 1) end
    return setmetatable(out, getmetatable(v))
  end
  return v
end

local function text_of(v)
  if is_plain_table(v) then return table.concat(show.block(v, nil, true), "\n") end
  return v
end

local function is_long(v)
  if type(v) == "string" then return v:find("\n", 1, true) ~= nil end
  return is_plain_table(v) and (show.inline(v) == nil or show.has_lines(v))
end

local function diff_lines(before, after, pad, paint, out)
  for _, line in ipairs(diff.unified(text_of(before), text_of(after), 3)) do
    local op = line:sub(1, 1)
    local color = op == "+" and paint.green or op == "-" and paint.red
      or op == "@" and paint.cyan or paint.dim
    -- A text may hold anything: what could steer the terminal is made visible.
    local clean = line:gsub("[%c\127]", function(c)
      return c == "\t" and c or ("\\x%02x"):format(c:byte())
    end)
    out[#out + 1] = pad .. color(clean)
  end
end

local function comparable(v)
  return v ~= nil and (type(v) == "string" or is_plain_table(v))
end

local function after_text(c)
  if c.sensitive or value.is_secret(c.after) then return "(sensitive)" end
  -- A tree of which parts are unknown is shown with those parts marked.
  if c.unknown and not value.is_unknown(c.after) and not is_plain_table(c.after) then return "(known after apply)" end
  return nil
end

local function marks(c, paint)
  return c.replaces and paint.red("  # forces replacement") or ""
end

local function added(c, name, pad, paint, out)
  local after = opened(c.after)
  local text = after_text(c) or show.inline(after)
  if c.sensitive then text = "(sensitive)" end
  if text and (c.sensitive or not is_long(after)) then
    out[#out + 1] = ("%s%s: %s%s"):format(pad, name, text, marks(c, paint))
    return
  end
  out[#out + 1] = ("%s%s:%s"):format(pad, name, marks(c, paint))
  if type(after) == "string" then
    for _, line in ipairs(show.lines(after)) do out[#out + 1] = pad .. "  " .. paint.dim("| ") .. line end
  else
    local lines = show.block(after, pad .. "  ", true)
    table.move(lines, 1, #lines, #out + 1, out)
  end
end

--- Appends the lines of a property that comes into being.
---@param c table  { path, after, unknown, sensitive }
---@param pad string
---@param paint cso.ui.Paint
---@param out string[]
function change.added(c, pad, paint, out)
  added(c, paint.plain(c.path), pad, paint, out)
end

--- Appends the lines of a property that changes.
---@param c table  { path, before, after, unknown, sensitive, replaces }
---@param pad string
---@param paint cso.ui.Paint
---@param out string[]
function change.lines(c, pad, paint, out)
  local arrow = " " .. paint.dim(paint.signs.arrow) .. " "
  local hidden = c.sensitive or value.is_secret(c.before) or value.is_secret(c.after)
  if hidden then
    if c.before == nil then return added(c, paint.green("+ ") .. c.path, pad, paint, out) end
    if c.after == nil and not c.unknown then
      out[#out + 1] = ("%s%s%s: (sensitive)%s(gone)"):format(pad, paint.red("- "), c.path, arrow)
      return
    end
    out[#out + 1] = ("%s%s: (sensitive)%s(sensitive, changed)%s"):format(
      pad, c.path, arrow, marks(c, paint))
    return
  end
  local before, after = opened(c.before), opened(c.after)
  if before == nil then
    added(c, paint.green("+ ") .. c.path, pad, paint, out)
    return
  end
  -- A tree of which parts are unknown is compared like any other; a text of which some is unknown is not known.
  local known = not c.unknown or is_plain_table(after)
  if known and comparable(before) and comparable(after) and (is_long(before) or is_long(after)) then
    out[#out + 1] = ("%s%s:%s"):format(pad, c.path, marks(c, paint))
    diff_lines(before, after, pad .. "  ", paint, out)
    return
  end
  local old = show.inline(before, 300) or "(…)"
  if after == nil and not c.unknown then
    out[#out + 1] = ("%s%s%s: %s%s%s%s"):format(pad, paint.red("- "), c.path, old, arrow,
      c.gone and "(gone)" or "(default)", marks(c, paint))
    return
  end
  local new = after_text(c) or show.inline(after, 300) or "(…)"
  out[#out + 1] = ("%s%s: %s%s%s%s"):format(pad, c.path, paint.red(old), arrow,
    paint.green(new), marks(c, paint))
end

return change
