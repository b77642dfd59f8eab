--- Text forms of single values on the wire: percent encoding, numbers, timestamps.
local hash = require "cso.std.hash"

local scalar = {}

local floor, tointeger = math.floor, math.tointeger
local format = string.format
local percent = hash.percent_encode

--- Percent-encodes everything but RFC 3986's unreserved characters.
---@param s any
---@return string
function scalar.encode(s)
  return percent(type(s) == "string" and s or tostring(s))
end

--- The same for a greedy label: slashes stay.
---@param s any
---@return string
function scalar.encode_path(s)
  return percent(tostring(s), true)
end

--- A number as text: integers without a fraction, floats in the shortest form that reads back.
---@param v number
---@return string
function scalar.number(v)
  if v ~= v then return "NaN" end
  if v == math.huge then return "Infinity" end
  if v == -math.huge then return "-Infinity" end
  local whole = tointeger(v)
  if whole then return format("%d", whole) end
  for digits = 15, 17 do
    local text = format("%." .. digits .. "g", v)
    if tonumber(text) == v then return text end
  end
end

--- NaN and the infinities travel as strings in text protocols; all else stays a number.
---@param v number|string
---@return number|string
function scalar.float(v)
  if type(v) == "number" and (v ~= v or v == math.huge or v == -math.huge) then
    return scalar.number(v)
  end
  return v
end

local words = { NaN = 0 / 0, Infinity = math.huge, ["-Infinity"] = -math.huge }

--- Reads a float that came as text or as a number.
---@param v string|number
---@return number?
function scalar.read_float(v)
  if type(v) == "number" then return v end
  return words[v] or tonumber(v)
end

-- Days since 1970-01-01 of a proleptic Gregorian date, and back: os.time would bring in the
-- machine's own time zone.
local function days(y, m, d)
  if m <= 2 then y = y - 1 end
  local era = y // 400
  local yoe = y - era * 400
  local doy = (153 * (m + (m > 2 and -3 or 9)) + 2) // 5 + d - 1
  return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
end

local function civil(z)
  z = z + 719468
  local era = z // 146097
  local doe = z - era * 146097
  local yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
  local doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
  local mp = (5 * doy + 2) // 153
  local m = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (m <= 2 and 1 or 0), m, doy - (153 * mp + 2) // 5 + 1
end

local month_names = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
  "Nov", "Dec" }
local day_names = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }
local months = {}
for i, name in ipairs(month_names) do months[name] = i end

local function fraction(seconds)
  local ms = floor((seconds - floor(seconds)) * 1000 + 0.5)
  if ms <= 0 then return "" end
  return (format(".%03d", math.min(ms, 999)):gsub("0+$", ""))
end

local formats = {}

function formats.iso8601(t)
  local whole = floor(t)
  local y, m, d = civil(whole // 86400)
  local s = whole % 86400
  return format("%04d-%02d-%02dT%02d:%02d:%02d%sZ", y, m, d, s // 3600, s // 60 % 60, s % 60,
    fraction(t))
end

function formats.rfc822(t)
  local whole = floor(t)
  local day = whole // 86400
  local y, m, d = civil(day)
  local s = whole % 86400
  return format("%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[day % 7 + 1], d, month_names[m],
    y, s // 3600, s // 60 % 60, s % 60)
end

function formats.unixtimestamp(t)
  local ms = floor(t * 1000 + 0.5)
  if ms % 1000 == 0 then return tointeger(ms // 1000) end
  return ms / 1000
end

--- Reads a timestamp: epoch number, numeric text, ISO 8601 or an HTTP date.
---@param v string|number
---@return number? epoch seconds, integer when there is no fraction
function scalar.read_time(v)
  if type(v) == "number" then return tointeger(v) or v end
  if type(v) ~= "string" then return nil end
  local y, m, d, rest = v:match("^%s*(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if y then
    local t = days(tointeger(y), tointeger(m), tointeger(d)) * 86400
    local h, min, s, tail = rest:match("^[Tt ](%d%d):(%d%d):(%d%d)(.*)$")
    if not h then
      h, min, tail = rest:match("^[Tt ](%d%d):(%d%d)(.*)$")
      s = "00"
      if not h then return rest == "" and t or nil end
    end
    t = t + tointeger(h) * 3600 + tointeger(min) * 60 + tointeger(s)
    local frac, zone = tail:match("^[.,](%d+)(.*)$")
    zone = zone or tail
    local sign, zh, zm = zone:match("^%s*([+-])(%d%d):?(%d%d)$")
    if sign then
      local offset = tointeger(zh) * 3600 + tointeger(zm) * 60
      t = sign == "+" and t - offset or t + offset
    elseif zone ~= "Z" and zone ~= "z" and zone ~= "" then
      return nil
    end
    if frac and frac:find("[1-9]") then return t + tonumber("0." .. frac) end
    return t
  end
  local n = tonumber(v)
  if n then return tointeger(n) or n end
  local day, name, year, hh, mm, ss, zone =
    v:match("^%a+,%s+(%d+)[%s-](%a%a%a)[%s-](%d+)%s+(%d%d):(%d%d):([%d.]+)%s*(.*)$")
  local month, second = name and months[name], tonumber(ss)
  if not (month and second) or #day > 2 or #year > 4 then return nil end
  local t = days(tointeger(year), month, tointeger(day)) * 86400
    + tointeger(hh) * 3600 + tointeger(mm) * 60 + second
  local sign, zh, zm = zone:match("^([+-])(%d%d)(%d%d)$")
  if sign then
    local offset = tointeger(zh) * 3600 + tointeger(zm) * 60
    t = sign == "+" and t - offset or t + offset
  end
  return tointeger(t) or t
end

--- Writes a timestamp in one of the models' formats.
---@param v number|string epoch seconds or text that `read_time` understands
---@param how string "iso8601", "rfc822" or "unixTimestamp"
---@return string|number
function scalar.time(v, how)
  local write = formats[how:lower()]
  if not write then error({ fault = { code = "MalformedModel", class = "config",
    message = ("there is no timestampFormat %s"):format(how) } }, 0) end
  return write(scalar.read_time(v) or 0)
end

return scalar
