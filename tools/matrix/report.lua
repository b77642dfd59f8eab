--- What a matrix says while it runs: a line that moves where somebody looks, a line now and then
--- where nobody does, each failure at once, and a summary.
local loop = require "host.loop"
local uv = require "luv"

local report = {}
report.__index = report

local SELDOM = 30 -- seconds between lines of progress in a file

--- Makes a report.
---@param name string
function report.new(name)
  return setmetatable({ name = name, done = 0, failed = 0, started = loop.now(), told = 0,
    live = uv.guess_handle(1) == "tty" }, report)
end

--- Tells of one run.
---@param label string
---@param failure string?
---@param again string?    how to see it again
function report:one(label, failure, again)
  self.done = self.done + 1
  if failure then
    self.failed = self.failed + 1
    self:clear()
    print(("FAIL   %s\n         %s\n         again: %s"):format(label, failure:gsub("\n", "\n         "), again))
  end
  local now = loop.now()
  if self.live then
    io.write(("\r\27[K%s: %d%s done, %d failed · %s"):format(self.name, self.done,
      self.total and "/" .. self.total or "", self.failed, label))
    io.flush()
  elseif now - self.told > SELDOM then
    self.told = now
    print(("%s: %d%s done, %d failed, %.0f s"):format(self.name, self.done, self.total and "/" .. self.total or "",
      self.failed, now - self.started))
    io.flush()
  end
end

function report:clear()
  if self.live then io.write("\r\27[K") end
end

--- Says something beside the progress.
function report:say(text, ...)
  self:clear()
  print(text:format(...))
  io.flush()
end

--- The last line.
---@return integer failed
function report:close()
  self:say("%s took %.0f s", self.name, loop.now() - self.started)
  self:say("%d passed, %d failed", self.done - self.failed, self.failed)
  return self.failed
end

return report
