--- Durations as people write them: "40m", "1h30m", "500ms", 90 (seconds).
local duration = {}

local seconds = { ms = 0.001, s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

--- Seconds of a duration; nil and an explanation when the text is none.
---@param v string|number
---@return number?
---@return string? message
function duration.parse(v)
  if type(v) == "number" then
    if v < 0 or v ~= v then return nil, "a duration can't be negative" end
    return v
  end
  local fault = ('%s is no duration: write "90s", "40m" or "1h30m"'):format(
    type(v) == "string" and ("%q"):format(v) or "a " .. type(v))
  if type(v) ~= "string" or v == "" then return nil, fault end
  local total, rest = 0, v
  while rest ~= "" do
    local amount, unit, after = rest:match("^(%d+%.?%d*)(%a*)(.*)$")
    local factor = amount and (seconds[unit] or (unit == "" and total == 0 and after == "" and 1))
    if not factor then return nil, fault end
    total, rest = total + tonumber(amount) * factor, after
  end
  return total
end

--- A duration as short text: 5400 -> "1h30m", 4.25 -> "4.2s".
---@param s number  seconds
---@return string
function duration.format(s)
  if s < 60 then
    return s == math.floor(s) and ("%ds"):format(s) or ("%.1fs"):format(s)
  end
  s = math.floor(s + 0.5)
  local parts = {}
  for _, unit in ipairs { { "h", 3600 }, { "m", 60 }, { "s", 1 } } do
    local n = s // unit[2]
    if n > 0 then parts[#parts + 1] = ("%d%s"):format(n, unit[1]) end
    s = s % unit[2]
  end
  return table.concat(parts)
end

return duration
