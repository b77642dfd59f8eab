--- Versions of engines, as 8.0.42, 15.4 or 8.0.mysql_aurora.3.05.2: compared by their numbers.
local version = {}

local function numbers(text)
  local out = {}
  for n in text:gmatch "%d+" do out[#out + 1] = math.tointeger(tonumber(n)) end
  return out
end

--- Whether a comes before b. A shorter one comes before what goes on from it.
---@param a string
---@param b string
---@return boolean
function version.older(a, b)
  local x, y = numbers(a), numbers(b)
  for i = 1, math.max(#x, #y) do
    local m, n = x[i] or -1, y[i] or -1
    if m ~= n then return m < n end
  end
  return false
end

--- All but the last number: what stays when a service raises a minor version by itself.
---@param text string
---@return string
function version.line(text)
  return (text:gsub("%d+%D*$", ""))
end

return version
