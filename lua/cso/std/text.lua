--- Text helpers: tables for the screen.
local text = {}

--- A text that other programs read as UTF-8: each byte that belongs to no character becomes U+FFFD.
---@param s string
---@return string
function text.valid(s)
  local parts, from = {}, 1
  while true do
    local _, bad = utf8.len(s, from)
    if not bad then break end
    parts[#parts + 1] = s:sub(from, bad - 1)
    from = bad + 1
  end
  if from == 1 then return s end
  return table.concat(parts, "\u{fffd}") .. "\u{fffd}" .. s:sub(from)
end

local function cells(s)
  return utf8.len(s) or #s
end

--- A table as aligned text: headers, then rows. Columns in which every value is a number are
--- aligned to the right. Missing values print as blanks.
---@param headers string[]|nil
---@param rows any[][]
---@param paint_header (fun(s: string): string)?
---@return string  ends with a newline unless there is nothing to show
function text.table(headers, rows, paint_header)
  local columns = headers and #headers or 0
  for _, row in ipairs(rows) do
    for i in pairs(row) do
      if type(i) == "number" and i > columns then columns = i end
    end
  end
  local width, numeric, shown = {}, {}, {}
  for i = 1, columns do
    width[i] = headers and cells(tostring(headers[i] or "")) or 0
    numeric[i] = #rows > 0
  end
  for r, row in ipairs(rows) do
    shown[r] = {}
    for i = 1, columns do
      local value = row[i]
      local s = value == nil and "" or tostring(value):gsub("%c", " ")
      shown[r][i] = s
      width[i] = math.max(width[i], cells(s))
      if value ~= nil and type(value) ~= "number" then numeric[i] = false end
    end
  end
  local out = {}
  local function line(values, paint)
    local parts = {}
    for i = 1, columns do
      local s = tostring(values[i] or "")
      local fill = (" "):rep(width[i] - cells(s))
      parts[i] = numeric[i] and fill .. s or s .. fill
    end
    local joined = table.concat(parts, "  "):gsub("%s+$", "")
    out[#out + 1] = paint and paint(joined) or joined
  end
  if headers then line(headers, paint_header) end
  for _, row in ipairs(shown) do line(row) end
  return #out > 0 and table.concat(out, "\n") .. "\n" or ""
end

return text
