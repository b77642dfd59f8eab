--- Reads one entry from a person: editor, keys, drawing and completion put together.
local complete = require "cso.cmd.repl.complete"
local draw = require "cso.cmd.repl.draw"
local editor = require "cso.cmd.repl.editor"
local keys = require "cso.cmd.repl.keys"
local term = require "cso.ui.term"

local reader = {}

local MANY = 120 -- candidates shown at once

---@class cso.cmd.Reader
local Reader = {}
Reader.__index = Reader

--- A reader.
---@param opts table  terminal, write(text), size() -> columns, paint, history (cso.cmd.History),
---  is_complete(text), world (cso.cmd.World), prompt, more (prompt of further lines)
---@return cso.cmd.Reader
function reader.new(opts)
  return setmetatable({ o = opts, decoder = keys.new(), queue = {} }, Reader)
end

local function columns_of(list, cols)
  local width = 0
  for _, item in ipairs(list) do width = math.max(width, term.width(item[1])) end
  width = width + 2
  local per_row = math.max(1, cols // width)
  local rows = (#list + per_row - 1) // per_row
  local out = {}
  for r = 1, rows do
    local line = {}
    for c = 0, per_row - 1 do
      local item = list[r + c * rows]
      if item then line[#line + 1] = term.pad(item[1], width) end
    end
    out[r] = table.concat(line):gsub("%s+$", "")
  end
  return out
end

local function show(self, ed, drawing)
  local o = self.o
  o.write(drawing:frame(ed, { prompt = o.prompt or "> ", more = o.more or "… ", cols = o.size() or 80,
    paint = o.paint }))
end

-- TAB: puts in what is certain; when nothing is, shows what is possible.
local function tab(self, ed, drawing)
  local o = self.o
  local list, start = complete.candidates(ed.text:sub(1, ed.cursor), o.world)
  if #list == 0 then return end
  local word = ed.text:sub(start + 1, ed.cursor)
  local text = #list == 1 and list[1][1] .. list[1][2] or complete.common(list)
  if #text > #word or (#list == 1 and text ~= word) then
    ed.text = ed.text:sub(1, start) .. text .. ed.text:sub(ed.cursor + 1)
    ed.cursor = start + #text
    return
  end
  if #list == 1 then return end
  local shown = table.move(list, 1, math.min(#list, MANY), 1, {})
  local lines = columns_of(shown, o.size() or 80)
  if #list > MANY then lines[#lines + 1] = ("… and %d more"):format(#list - MANY) end
  show(self, ed, drawing)
  o.write(drawing:leave() .. o.paint.dim(table.concat(lines, "\r\n")) .. "\r\n")
end

--- Reads an entry.
---@return string? text   nil at the end of input
---@return "cancel"|nil why
function Reader:read()
  local o = self.o
  local ed = editor.new { history = o.history.entries, is_complete = o.is_complete }
  local drawing = draw.new()
  o.terminal:begin()
  show(self, ed, drawing)
  local text, why
  while not text and not why do
    local key = table.remove(self.queue, 1)
    if key == nil then
      show(self, ed, drawing)
      local bytes = o.terminal:read()
      if not bytes then why = "eof" end
      self.queue = bytes and self.decoder:feed(bytes) or {}
    else
      local what = ed:key(key)
      if what == "submit" then
        text = ed.text
      elseif what == "complete" then
        tab(self, ed, drawing)
      elseif what == "clear" then
        o.write("\27[H\27[2J")
        drawing = draw.new()
      elseif what then
        why = what
      end
    end
  end
  ed.cursor = #ed.text
  if text then show(self, ed, drawing) end
  o.write(why == "cancel" and "^C" .. drawing:leave() or drawing:leave())
  o.terminal:rest()
  if why == "eof" then return nil end
  return text or "", why
end

return reader
