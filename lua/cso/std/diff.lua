--- Line differences (Myers' greedy algorithm) and their unified form.
local diff = {}

---@param text string
---@return string[]
local function lines_of(text)
  local list = {}
  if text == "" then return list end
  if text:sub(-1) ~= "\n" then text = text .. "\n" end
  for line in text:gmatch("([^\n]*)\n") do list[#list + 1] = line end
  return list
end

-- Remembers the furthest reach of each diagonal per round, so that the path can be walked back.
local function search(a, b)
  local n, m = #a, #b
  local reach, rounds = { [1] = 0 }, {}
  for d = 0, n + m do
    local saved = {}
    for k = -d, d, 2 do
      local x
      if k == -d or (k ~= d and reach[k - 1] < reach[k + 1]) then
        x = reach[k + 1]
      else
        x = reach[k - 1] + 1
      end
      local y = x - k
      while x < n and y < m and a[x + 1] == b[y + 1] do
        x, y = x + 1, y + 1
      end
      reach[k] = x
      saved[k] = x
      if x >= n and y >= m then
        rounds[d] = saved
        return rounds, d
      end
    end
    rounds[d] = saved
  end
end

-- A few thousand changed lines cost quadratic memory; beyond that a diff helps nobody.
local LIMIT = 4000

--- The edits that lead from one list of lines to another.
---@param a string[]
---@param b string[]
---@return table[] edits  { op = " " | "-" | "+", text = line }
function diff.lines(a, b)
  local first = 0
  while first < #a and first < #b and a[first + 1] == b[first + 1] do first = first + 1 end
  local last = 0
  while last < #a - first and last < #b - first and a[#a - last] == b[#b - last] do
    last = last + 1
  end
  local mid_a = table.move(a, first + 1, #a - last, 1, {})
  local mid_b = table.move(b, first + 1, #b - last, 1, {})
  local edits = {}
  for i = 1, first do edits[#edits + 1] = { op = " ", text = a[i] } end
  if #mid_a + #mid_b > LIMIT then
    for _, text in ipairs(mid_a) do edits[#edits + 1] = { op = "-", text = text } end
    for _, text in ipairs(mid_b) do edits[#edits + 1] = { op = "+", text = text } end
  else
    local back = {}
    local rounds, d = search(mid_a, mid_b)
    local x, y = #mid_a, #mid_b
    while d > 0 do
      local k, before = x - y, rounds[d - 1]
      local down = k == -d or (k ~= d and (before[k - 1] or -1) < (before[k + 1] or -1))
      local from = down and k + 1 or k - 1
      local px = before[from]
      local py = px - from
      local edge = down and px or px + 1
      while x > edge do
        back[#back + 1] = { op = " ", text = mid_a[x] }
        x, y = x - 1, y - 1
      end
      back[#back + 1] = down and { op = "+", text = mid_b[y] } or { op = "-", text = mid_a[x] }
      x, y, d = px, py, d - 1
    end
    while x > 0 do
      back[#back + 1] = { op = " ", text = mid_a[x] }
      x = x - 1
    end
    for i = #back, 1, -1 do edits[#edits + 1] = back[i] end
  end
  for i = #a - last + 1, #a do edits[#edits + 1] = { op = " ", text = a[i] } end
  return edits
end

--- A unified diff without file headers: hunks with `context` unchanged lines around changes.
---@param before string
---@param after string
---@param context integer?  default 3
---@return string[] lines   "@@ -1,3 +1,4 @@", " same", "-old", "+new"
function diff.unified(before, after, context)
  context = context or 3
  local edits = diff.lines(lines_of(before), lines_of(after))
  local keep = {}
  for i, edit in ipairs(edits) do
    if edit.op ~= " " then
      for j = math.max(1, i - context), math.min(#edits, i + context) do keep[j] = true end
    end
  end
  local out, from, to, i = {}, 1, 1, 1
  while i <= #edits do
    if keep[i] then
      local head, old, new = #out + 1, 0, 0
      local old_from, new_from = from, to
      out[head] = ""
      while i <= #edits and keep[i] do
        local edit = edits[i]
        out[#out + 1] = edit.op .. edit.text
        if edit.op ~= "+" then old, from = old + 1, from + 1 end
        if edit.op ~= "-" then new, to = new + 1, to + 1 end
        i = i + 1
      end
      out[head] = ("@@ -%d,%d +%d,%d @@"):format(old_from, old, new_from, new)
    else
      from, to, i = from + 1, to + 1, i + 1
    end
  end
  return out
end

return diff
