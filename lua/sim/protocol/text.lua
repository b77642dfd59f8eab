--- Small text work shared by the protocols: percent encoding, query strings, times.
local escape = require("cso.std.xml").escape

local text = {}

local function unhex(h) return string.char(tonumber(h, 16)) end

--- Percent-decodes; in form bodies `+` is a space.
---@param s string
---@param form boolean?
---@return string
function text.decode(s, form)
  if form and s:find("+", 1, true) then s = s:gsub("+", " ") end
  if s:find("%", 1, true) then s = s:gsub("%%(%x%x)", unhex) end
  return s
end

--- Percent-encodes everything but unreserved characters.
---@param s string
---@return string
function text.encode(s)
  return (s:gsub("[^%w%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- Splits a query string or form body into decoded pairs, in order.
---@param s string
---@param form boolean?
---@return {[1]:string,[2]:string}[]
function text.pairs(s, form)
  local list, n = {}, 0
  for item in s:gmatch("[^&]+") do
    local k, v = item:match("^([^=]*)=(.*)$")
    n = n + 1
    list[n] = { text.decode(k or item, form), v and text.decode(v, form) or "" }
  end
  return list
end

-- Ids, states and names come by again and again: escaping remembers a bounded number of them.
local REMEMBERED = 8192
local known, count = {}, 0

--- Escapes for XML text and attributes; control characters that XML 1.0 cannot hold are dropped.
---@param s string
---@return string
function text.xml(s)
  local out = known[s]
  if out then return out end
  out = escape(s) or escape((s:gsub("[%z\1-\8\11\12\14-\31]", ""))) or ""
  if #s < 128 then
    if count >= REMEMBERED then known, count = {}, 0 end
    known[s], count = out, count + 1
  end
  return out
end

-- Days since 1970-01-01 of a civil date (proleptic Gregorian), so that no time zone is involved.
local function days(y, m, d)
  if m <= 2 then y = y - 1 end
  local era = y // 400
  local yoe = y - era * 400
  local doy = (153 * (m + (m > 2 and -3 or 9)) + 2) // 5 + d - 1
  return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
end

--- Parses "20260102T030405Z", "2026-01-02T03:04:05.678Z", RFC 822 dates and epoch seconds.
---@param s string|number
---@return number? epoch
function text.time(s)
  if type(s) == "number" then return s end
  if s:match("^%-?%d+%.?%d*$") and #s ~= 8 then return tonumber(s) end
  local y, m, d, rest = s:match("^(%d%d%d%d)%-?(%d%d)%-?(%d%d)(.*)$")
  if not y then
    local mon
    d, mon, y, rest = s:match("^%a+, (%d+)[ -](%a+)[ -](%d%d%d%d) (.*)$")
    if not y then return nil end
    local at = ("janfebmaraprmayjunjulaugsepoctnovdec"):find(mon:lower(), 1, true)
    if not at then return nil end
    m = (at + 2) // 3
  end
  local t = days(tonumber(y), tonumber(m), tonumber(d)) * 86400
  local hh, mm, ss = rest:match("(%d%d):?(%d%d):?(%d%d%.?%d*)")
  if hh then t = t + tonumber(hh) * 3600 + tonumber(mm) * 60 + tonumber(ss) end
  local sign, oh, om = rest:match("([+-])(%d%d):?(%d%d)$")
  if sign then t = t - (sign == "+" and 1 or -1) * (tonumber(oh) * 3600 + tonumber(om) * 60) end
  return t
end

--- Formats epoch seconds as one of the model's timestamp formats.
---@param t number
---@param format "iso8601"|"rfc822"|"unixTimestamp"
---@return string|number
function text.stamp(t, format)
  if format == "unixTimestamp" then return t == t // 1 and t // 1 | 0 or t end
  local whole = math.floor(t)
  if format == "rfc822" then return os.date("!%a, %d %b %Y %H:%M:%S GMT", whole) end
  return ("%s.%03dZ"):format(os.date("!%Y-%m-%dT%H:%M:%S", whole), math.floor((t - whole) * 1000))
end

return text
