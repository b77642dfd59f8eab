--- The few regular expressions of the partitions file as Lua patterns: literals, \w, \d, \-,
--- "+", anchors and one level of (a|b|c).
local regex = {}

local function convert(text)
  local out, i = {}, 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == "\\" then
      local e = text:sub(i + 1, i + 1)
      out[#out + 1] = (e == "w" and "[%w_]") or (e == "d" and "%d") or "%" .. e
      i = i + 1
    elseif c == "+" or c == "^" or c == "$" or c == "*" or c == "." then
      out[#out + 1] = c
    elseif c:match("%W") then
      out[#out + 1] = "%" .. c
    else
      out[#out + 1] = c
    end
    i = i + 1
  end
  return table.concat(out)
end

--- Lua patterns of which one must match.
---@param text string
---@return string[]
function regex.patterns(text)
  local before, group, after = text:match("^(.-)%((.-)%)(.*)$")
  if not before then return { convert(text) } end
  local out = {}
  for choice in (group .. "|"):gmatch("(.-)|") do
    for _, p in ipairs(regex.patterns(before .. choice .. after)) do out[#out + 1] = p end
  end
  return out
end

---@param text string regular expression
---@param s string
---@return boolean
function regex.matches(text, s)
  for _, p in ipairs(regex.patterns(text)) do
    if s:match(p) then return true end
  end
  return false
end

return regex
