--- Progress as plain lines: for logs, pipes and terminals that can't redraw.
local progress = require "cso.ui.progress"
local term = require "cso.ui.term"

local human = {}

-- A log must show that a long step is alive, and must not be filled by it: the pauses grow.
local FIRST_SIGN, LAST_SIGN = 20, 300

---@class cso.ui.View
---@field event fun(self, name: string, data: table)
---@field tick fun(self)      called a few times a second
---@field close fun(self)
local Human = {}
Human.__index = Human

--- A view that writes a line for each thing that ends.
---@param opts { write: fun(text: string), now: fun(): number, paint: cso.ui.Paint, trace: boolean? }
---@return cso.ui.View
function human.new(opts)
  return setmetatable({ write = opts.write, now = opts.now, paint = opts.paint,
    trace = opts.trace, progress = progress.new() }, Human)
end

function Human:line(format, ...)
  self.write(format:format(...) .. "\n")
end

local lines = {}

function lines.refresh_start(self, e)
  if e.total and e.total > 0 then
    self:line("%s", self.paint.dim(("reading %d resource%s"):format(e.total, e.total == 1 and "" or "s")))
  end
end

-- `self.cols`, where there is one, is the width that a line should keep to.
function lines.step_done(self, e)
  local paint = self.paint
  local head = ("%s %s %s"):format(paint.signs.done, e.address, progress.past(e.action))
  local tail = "in " .. term.seconds(e.seconds)
  local id = e.id and "  " .. term.clean(tostring(e.id)) or ""
  if self.cols and term.width(head) + #tail + term.width(id) + 1 > self.cols then id = "" end
  self:line("%s%s %s%s", paint.green(paint.signs.done), head:sub(#paint.signs.done + 1), paint.dim(tail),
    paint.dim(id))
end

function lines.step_failed(self, e)
  local paint = self.paint
  local message = term.clean(e.err and e.err.message or "failed"):gsub("\n.*", "")
  if self.cols then
    message = term.cut(message, math.max(20, self.cols - term.width(e.address) - 4), paint.signs.ellipsis)
  end
  self:line("%s %s %s", paint.red(paint.signs.failed), e.address, paint.red(message))
end

function lines.diagnostic(self, e)
  local paint = self.paint
  local message = term.clean(e.err and e.err.message or e.message or "")
  self:line("%s %s", paint.yellow((e.severity or "note") .. ":"), message)
end

function lines.outage(self, e)
  local why = e.err and e.err.class == "network" and ("no answer (%s)"):format(e.err.detail or e.err.code)
    or "the service lets nobody in for the moment"
  self:line("%s %s.%s: %s; tried again for up to %s", self.paint.yellow("note:"), e.service, e.operation, term.clean(why),
    term.seconds(e.seconds))
end

function lines.api_call(self, e)
  if not self.trace then return end
  self:line("%s", self.paint.dim(("  %s.%s %s %s%s%s%s"):format(e.service or "?", e.operation or "?",
    tostring(e.status or e.err and e.err.code or "?"),
    e.ms and ("%.0f ms"):format(e.ms) or "",
    e.bytes_in and (", %d B out, %d B in"):format(e.bytes_out or 0, e.bytes_in) or "",
    e.attempt and e.attempt > 1 and (", attempt %d"):format(e.attempt) or "",
    e.request_id and (", request %s"):format(e.request_id) or "")))
end

function Human:event(name, data)
  self.progress:take(name, data, self.now())
  local line = lines[name]
  if line then line(self, data) end
end

--- Says which long steps still run.
function Human:tick()
  local now = self.now()
  local function is_due(item)
    return now - item.told >= (item.pause or FIRST_SIGN)
  end
  for _, item in ipairs(self.progress:list(is_due)) do
    item.told = now
    item.pause = math.min((item.pause or FIRST_SIGN) * 2, LAST_SIGN)
    self:line("%s", self.paint.dim(("  %s still %s after %s%s"):format(item.address,
      progress.present(item.action), term.seconds(now - item.since),
      item.what and ": " .. term.clean(item.what) or "")))
  end
end

--- Nothing is left to tell: every line was written at once.
function Human.close() end

human.lines = lines

return human
