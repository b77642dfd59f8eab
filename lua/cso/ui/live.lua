--- The live view of a terminal: what ended scrolls away above, what runs is redrawn in place
--- below. It writes at most ten times a second and never more than a screen.
local human = require "cso.ui.human"
local progress = require "cso.ui.progress"
local term = require "cso.ui.term"

local live = {}

local FRAME = 0.1        -- seconds between two frames that show something new
local IDLE_FRAME = 0.25  -- and between two that only show that time passes
local MAX_ROWS = 12      -- lines for what runs
local MAX_LINES = 8      -- finished things told one by one per frame; more are summed up
local NARROW = 40        -- a terminal narrower than this gets plain lines

---@class cso.ui.Live: cso.ui.View
local Live = {}
Live.__index = Live

--- A live view.
---@param opts { write: fun(text: string), now: (fun(): number), paint: cso.ui.Paint, size: function }
---  size() -> columns, rows; clock() -> wall seconds, where `now` runs faster; trace = boolean: API calls are told too
---@return cso.ui.View
function live.new(opts)
  return setmetatable({ write = opts.write, now = opts.now,
    clock = opts.clock or opts.now, paint = opts.paint, size = opts.size,
    trace = opts.trace, progress = progress.new(), pending = {}, summed = 0, drawn = {}, frame = 0,
    last = -1, dirty = false, phase = nil }, Live)
end

-- Lines that stay: the same that the plain view writes, collected until the next frame.
local collector = {}
collector.__index = collector
function collector:line(format, ...)
  table.insert(self.pending, (format:format(...)))
end

local phases = {
  plan_start = "planning",
  refresh_start = "reading what is there",
  refresh_done = "planning",
  plan_done = false,
  apply_start = "applying",
  apply_done = false,
}

function Live:event(name, data)
  local now = self.now()
  self.progress:take(name, data, now)
  if phases[name] ~= nil then
    self.phase = phases[name] or nil
    self.phase_since = now
    self.phase_note = name == "refresh_start" and data.total and ("%d resources"):format(data.total)
  end
  if name == "apply_start" then self.running = true end
  if name == "apply_done" then self.running = false end
  local line = name ~= "refresh_start" and human.lines[name]
  if line then
    local quiet = name == "step_done" and #self.pending >= MAX_LINES
    if quiet then
      self.summed = self.summed + 1
    else
      line(setmetatable({ pending = self.pending, paint = self.paint, trace = self.trace,
        cols = self.size() or 80 }, collector), data)
    end
  end
  self.dirty = true
  self:tick()
end

local function columns(self)
  local cols, rows = self.size()
  return cols or 80, rows or 24
end

local function bar(self, width)
  local p = self.progress
  local total = math.max(p.total, p.done + p.failed, 1)
  local full = math.floor(width * math.min(1, (p.done + p.failed + p.skipped) / total))
  local signs = self.paint.signs
  return self.paint.green(signs.bar:rep(full)) .. self.paint.dim(signs.rest:rep(width - full))
end

local function head(self, now, cols)
  local p, paint = self.progress, self.paint
  local running = self.progress:list()
  local words = { ("%d/%d"):format(p.done, math.max(p.total, p.done)) }
  words[#words + 1] = ("%d running"):format(#running)
  if p.failed > 0 then words[#words + 1] = paint.red(("%d failed"):format(p.failed)) end
  if p.skipped > 0 then words[#words + 1] = ("%d not tried"):format(p.skipped) end
  words[#words + 1] = term.seconds(now - (p.started or now))
  local text = table.concat(words, ", ")
  local room = cols - term.width(text) - 4
  if room >= 10 then return " " .. bar(self, math.min(30, room)) .. "  " .. text end
  return term.width(text) < cols and text or (text:gsub("\27%[[%d;]*m", ""):sub(1, cols - 1))
end

local function rows_of_running(self, now, cols, limit)
  local paint = self.paint
  local list, out = self.progress:list(), {}
  local spinner = paint.signs.spinner
  local sign = spinner[self.frame % #spinner + 1]
  local shown = #list > limit and limit - 1 or #list
  local widest = 0
  for i = 1, shown do widest = math.max(widest, term.width(list[i].address)) end
  widest = math.min(widest, math.max(16, cols * 55 // 100))
  for i = 1, shown do
    local item = list[i]
    local verb = term.pad(progress.present(item.action), 9)
    local time = ("%7s"):format(term.seconds(now - item.since))
    local left = (" %s %s  "):format(sign,
      term.pad(term.cut(item.address, widest, paint.signs.ellipsis), widest))
    local rest = verb .. " " .. time
    local room = cols - 1 - term.width(left) - term.width(rest)
    local what = ""
    if item.what and room > 8 then
      what = "  " .. paint.dim(term.cut(term.clean(tostring(item.what)):gsub("[\n\t]", " "),
        room - 2, paint.signs.ellipsis))
    end
    if room < 0 then
      out[#out + 1] = term.cut(left .. rest, cols - 1, paint.signs.ellipsis)
    else
      out[#out + 1] = paint.cyan(left:sub(1, #sign + 2)) .. left:sub(#sign + 3)
        .. paint.dim(verb) .. " " .. time .. what
    end
  end
  if shown < #list then
    out[#out + 1] = paint.dim(("   %s and %d more"):format(paint.signs.ellipsis, #list - shown))
  end
  return out
end

local function scene(self, now)
  local cols, rows = columns(self)
  if self.running then
    local out = { head(self, now, cols) }
    local limit = math.max(1, math.min(MAX_ROWS, rows - 4))
    if self.stopping then
      out[2] = " " .. self.paint.yellow(term.cut(self.stopping, cols - 2, self.paint.signs.ellipsis))
    end
    local list = rows_of_running(self, now, cols, limit)
    return table.move(list, 1, #list, #out + 1, out)
  end
  if self.phase and now - (self.phase_since or now) > 0.3 then
    local spinner = self.paint.signs.spinner
    return { term.cut((" %s %s%s  %s"):format(spinner[self.frame % #spinner + 1], self.phase,
      self.phase_note and " (" .. self.phase_note .. ")" or "",
      term.seconds(now - self.phase_since)), cols - 1) }
  end
  return {}
end

-- How many rows the last frame takes now: a narrower window has wrapped its lines.
local function drawn_rows(self, cols)
  local n = 0
  for _, line in ipairs(self.drawn) do
    n = n + math.max(1, (term.width(line) + cols - 1) // cols)
  end
  return n
end

local function flush_lines(self, out)
  for _, line in ipairs(self.pending) do out[#out + 1] = line .. "\n" end
  self.pending = {}
  if self.summed > 0 then
    out[#out + 1] = self.paint.dim(("%s %d more done\n"):format(self.paint.signs.done, self.summed))
    self.summed = 0
  end
end

local function draw(self, lines, cols)
  local out = {}
  local up = drawn_rows(self, cols)
  if up > 0 then out[#out + 1] = ("\r\27[%dA\27[J"):format(up) end
  flush_lines(self, out)
  for _, line in ipairs(lines) do out[#out + 1] = line .. "\n" end
  self.drawn = lines
  local text = table.concat(out)
  if text ~= "" then self.write(text) end
end

--- Draws a frame when it is time for one.
function Live:tick()
  local now, clock = self.now(), self.clock()
  local pause = self.dirty and FRAME or IDLE_FRAME
  if clock - self.last < pause then return end
  self.last, self.dirty = clock, false
  self.frame = self.frame + 1
  local cols = columns(self)
  if cols < NARROW then
    draw(self, {}, cols)
    return
  end
  draw(self, scene(self, now), cols)
end

--- Says below the head that the run ends early ("stopping: …").
---@param text string
function Live:note(text)
  self.stopping = text
  self.dirty = true
end

--- Takes the live lines away, tells what is left to tell.
function Live:close()
  self.running, self.phase = false, nil
  draw(self, {}, (columns(self)))
end

return live
