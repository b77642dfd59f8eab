--- Draws the text under editing: prompt, lines, cursor. Gives the bytes to be written and
--- remembers how far the cursor is below the first row.
local term = require "cso.ui.term"

local draw = {}

---@class cso.cmd.Drawing
---@field row integer   rows between the first one and the cursor
local Drawing = {}
Drawing.__index = Drawing

--- @return cso.cmd.Drawing
function draw.new()
  return setmetatable({ row = 0 }, Drawing)
end

-- Control characters that got into the text are shown, so that the widths hold.
local function visible(text)
  return (text:gsub("[%z\1-\9\11-\31\127]", function(c)
    return c == "\t" and "  " or "^" .. string.char(c:byte() ~ 64)
  end))
end

local function rows_of(width, cols)
  return width == 0 and 1 or (width + cols - 1) // cols
end

--- The bytes that show an editor's state in place of what was shown before.
---@param ed cso.cmd.Editor
---@param opts { prompt: string, more: string, cols: integer, paint: cso.ui.Paint }
---@return string
function Drawing:frame(ed, opts)
  local out = { "\r" }
  if self.row > 0 then out[#out + 1] = ("\27[%dA"):format(self.row) end
  out[#out + 1] = "\27[J"
  local prompt, more = opts.prompt, opts.more
  if ed.search then
    prompt = ("(%ssearch)`%s': "):format(ed.search.failed and "failing " or "", ed.search.query)
  end
  local text, head = visible(ed.text), visible(ed.text:sub(1, ed.cursor))
  local rows, cursor_row, cursor_col, n = 0, 0, 0, 0
  local cursor_line = select(2, head:gsub("\n", "\n"))
  local cursor_width = term.width(head:match("[^\n]*$"))
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local lead = n == 0 and prompt or more
    local width = term.width(lead) + term.width(line)
    if n > 0 then out[#out + 1] = "\r\n" end
    out[#out + 1] = opts.paint.bold(lead) .. line
    if n == cursor_line then
      local w = term.width(lead) + cursor_width
      cursor_row, cursor_col = rows + w // opts.cols, w % opts.cols
    end
    rows = rows + rows_of(width, opts.cols)
    -- A line that ends at the edge leaves the cursor there: a blank moves it to the next row.
    if width > 0 and width % opts.cols == 0 then
      out[#out + 1] = " \r"
      rows = rows + 1
    end
    n = n + 1
  end
  local up = rows - 1 - cursor_row
  if up > 0 then out[#out + 1] = ("\27[%dA"):format(up) end
  out[#out + 1] = "\r"
  if cursor_col > 0 then out[#out + 1] = ("\27[%dC"):format(cursor_col) end
  self.row, self.rows = cursor_row, rows
  return table.concat(out)
end

--- The bytes that leave the drawing behind: the cursor goes below it.
---@return string
function Drawing:leave()
  local down = (self.rows or 1) - 1 - self.row
  self.row, self.rows = 0, 1
  return (down > 0 and ("\27[%dB"):format(down) or "") .. "\r\n"
end

return draw
