--- A page of documentation as text: titles, paragraphs, and trees of members in columns.
local docs = require "cso.models.docs"

---@class cso.doc.Row
---@field level integer     how deep in the tree
---@field name string
---@field type string
---@field notes string[]    required, replaces …
---@field documentation string?

---@class cso.doc.Page
local Page = {}
Page.__index = Page

local page = {}

local WIDTH = 100
local NAME_MOST = 44 -- a longer name pushes its own type aside, not everyone's

--- A new page.
---@param paint cso.ui.Paint
---@param full boolean?  whole documentation instead of the first sentence
---@return cso.doc.Page
function page.new(paint, full)
  return setmetatable({ paint = paint, full = full, parts = {} }, Page)
end

function Page:add(text) self.parts[#self.parts + 1] = text end

function Page:title(text) self:add(self.paint.bold(text) .. "\n") end

--- A heading within the page.
function Page:section(text) self:add("\n" .. self.paint.bold(text) .. "\n") end

local function wrap(text, indent)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and #indent + #line + 1 + #word > WIDTH then
      lines[#lines + 1] = indent .. line
      line = word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  if line ~= "" then lines[#lines + 1] = indent .. line end
  return table.concat(lines, "\n") .. "\n"
end

-- The end of the first sentence: a stop, a blank and a capital, so that "e.g." does not end it.
local function first_sentence(text)
  local stop = text:find("[.:]%s+%u")
  return stop and text:sub(1, stop) or text
end

--- Documentation under an indentation; nothing when there is none.
function Page:text(html, indent, full)
  local paragraphs = docs.paragraphs(html)
  if #paragraphs == 0 then return end
  if not full and not self.full then paragraphs = { first_sentence(paragraphs[1]) } end
  for _, paragraph in ipairs(paragraphs) do self:add(self.paint.dim(wrap(paragraph, indent):gsub("\n$", "")) .. "\n") end
end

--- "name  value" lines.
function Page:facts(list)
  for _, fact in ipairs(list) do
    if fact[2] and fact[2] ~= "" then self:add(("  %-12s %s\n"):format(fact[1], fact[2])) end
  end
end

--- A tree of members.
---@param rows cso.doc.Row[]
function Page:rows(rows)
  local width = 0
  for _, row in ipairs(rows) do
    local n = #row.name + 2 * row.level
    if n <= NAME_MOST then width = math.max(width, n) end
  end
  for _, row in ipairs(rows) do
    local indent = ("  "):rep(row.level + 1)
    local fill = (" "):rep(math.max(0, width - #row.name - 2 * row.level))
    local line = indent .. row.name .. fill .. "  " .. self.paint.cyan(row.type)
    if #row.notes > 0 then line = line .. "  " .. self.paint.yellow(table.concat(row.notes, ", ")) end
    self:add(line .. "\n")
    self:text(row.documentation, indent .. "    ")
  end
end

--- Names in columns.
function Page:names(list)
  local width = 0
  for _, name in ipairs(list) do width = math.max(width, #name + 2) end
  local columns = math.max(1, (WIDTH - 2) // math.max(width, 1))
  local lines = math.ceil(#list / columns)
  for i = 1, lines do
    local cells = {}
    for c = 0, columns - 1 do
      local name = list[i + c * lines]
      if name then cells[#cells + 1] = name .. (" "):rep(width - #name) end
    end
    self:add(("  " .. table.concat(cells)):gsub("%s+$", "") .. "\n")
  end
end

---@return string
function Page:render() return table.concat(self.parts) end

return page
