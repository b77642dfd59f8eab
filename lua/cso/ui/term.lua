--- Colours, widths and symbols. Pure: what kind of terminal it is comes in as arguments.
local term = {}

local codes = {
  bold = "1", dim = "2", italic = "3", red = "31", green = "32", yellow = "33", blue = "34",
  magenta = "35", cyan = "36", grey = "90",
}

---@class cso.ui.Paint: table<string, fun(text: string): string>
---@field on boolean
---@field signs table<string, string>

local fancy = {
  arrow = "→", ellipsis = "…", done = "✓", failed = "✗", skipped = "∅", bullet = "•", times = "×",
  spinner = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" }, rule = "─", bar = "█", rest = "░",
  pipe = "│", corner = "╵", caret = "^", waits = "⧗",
}
local plain = {
  arrow = "->", ellipsis = "...", done = "ok", failed = "x", skipped = "-", bullet = "*", times = "x",
  spinner = { "-", "\\", "|", "/" }, rule = "-", bar = "#", rest = ".",
  pipe = "|", corner = "'", caret = "^", waits = "...",
}

--- Whether to colour: the option, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then
--- whether a person looks at it.
---@param when "auto"|"always"|"never"|nil
---@param environ table<string, string>
---@param tty boolean
---@return boolean
function term.wants_color(when, environ, tty)
  if when == "always" then return true end
  if when == "never" then return false end
  if (environ.NO_COLOR or "") ~= "" then return false end
  for _, name in ipairs { "FORCE_COLOR", "CLICOLOR_FORCE" } do
    local value = environ[name]
    if value and value ~= "" and value ~= "0" then return true end
  end
  return tty and environ.TERM ~= "dumb"
end

--- Whether the terminal shows more than ASCII. No locale at all (a bare container) counts as
--- UTF-8; an explicit C or Latin locale does not.
---@param environ table<string, string>
---@return boolean
function term.is_utf8(environ)
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = environ[name]
    if value and value ~= "" then
      return value:lower():gsub("%-", ""):find("utf8", 1, true) ~= nil
    end
  end
  return true
end

--- A set of painting functions; without colour they return their text.
---@param on boolean
---@param utf8_ok boolean?
---@return cso.ui.Paint
function term.paint(on, utf8_ok)
  local paint = { on = on, signs = utf8_ok == false and plain or fancy }
  for name, code in pairs(codes) do
    local head = "\27[" .. code .. "m"
    paint[name] = on and function(text) return head .. text .. "\27[0m" end
      or function(text) return text end
  end
  paint.plain = function(text) return text end
  return paint
end

-- Ranges of characters that take two cells, and of those that take none.
local wide = { { 0x1100, 0x115f }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
  { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
  { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } }
local none = { { 0x300, 0x36f }, { 0x200b, 0x200f }, { 0xfe00, 0xfe0f } }

local function within(ranges, code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then return true end
  end
  return false
end

local function cells(code)
  if code < 0x300 then return 1 end
  if within(none, code) then return 0 end
  return within(wide, code) and 2 or 1
end

--- How many cells a text takes (escape sequences take none).
---@param text string
---@return integer
function term.width(text)
  if text:find("\27", 1, true) then text = text:gsub("\27%[[%d;]*%a", "") end
  if not text:find("[\128-\255]") then return #text end
  if not utf8.len(text) then return #text end
  local n = 0
  for _, code in utf8.codes(text) do n = n + cells(code) end
  return n
end

--- Cuts a text without escape sequences to a width; what is cut is marked.
---@param text string
---@param width integer
---@param mark string?   default "…"
---@return string
function term.cut(text, width, mark)
  if term.width(text) <= width then return text end
  mark = mark or "…"
  local room = width - term.width(mark)
  if room < 0 then return "" end
  if not utf8.len(text) then return text:sub(1, room) .. mark end
  local n, stop = 0, 1
  for at, code in utf8.codes(text) do
    n = n + cells(code)
    if n > room then break end
    stop = at + #utf8.char(code)
  end
  return text:sub(1, stop - 1) .. mark
end

--- Fills a text with blanks to a width.
---@param text string
---@param width integer
---@return string
function term.pad(text, width)
  return text .. (" "):rep(width - term.width(text))
end

-- One line that is too wide, in pieces: each goes on deeper than the line began.
local function folded(line, width)
  local lead = line:match "^ *"
  local hang = lead .. "  "
  local room = width - #hang
  if room < width // 2 then return nil end
  local out, current = {}, lead
  for gap, word in line:sub(#lead + 1):gmatch "(%s*)(%S+)" do
    -- A word that is wider than a line is no better off on one of its own.
    if current ~= lead and term.width(current .. gap .. word) > width and term.width(word) <= room then
      out[#out + 1], current = current, hang .. word
    else
      current = current .. gap .. word
    end
  end
  out[#out + 1] = current
  return table.concat(out, "\n")
end

--- A text whose lines keep to a width, broken at blanks. What has none is left to the terminal.
---@param text string
---@param width integer
---@return string
function term.wrap(text, width)
  return (text:gsub("[^\n]+", function(line)
    return #line > width and term.width(line) > width and folded(line, width) or nil
  end))
end

--- A text in which nothing can steer the terminal: control characters become visible.
---@param text string
---@return string
function term.clean(text)
  if not text:find("[%c\127]") then return text end
  return (text:gsub("[%c\127]", function(c)
    if c == "\n" or c == "\t" then return c end
    return ("\\x%02x"):format(c:byte())
  end))
end

--- Seconds as people read them: 12ms, 0.4s, 12s, 1m 05s, 2h 03m.
---@param seconds number
---@return string
function term.seconds(seconds)
  if seconds < 0 then seconds = 0 end
  if seconds < 0.0995 then return ("%dms"):format(math.floor(seconds * 1000 + 0.5)) end
  if seconds < 9.95 then return ("%.1fs"):format(seconds) end
  local whole = math.floor(seconds + 0.5)
  if whole < 60 then return ("%ds"):format(whole) end
  if whole < 3600 then return ("%dm %02ds"):format(whole // 60, whole % 60) end
  return ("%dh %02dm"):format(whole // 3600, whole % 3600 // 60)
end

return term
