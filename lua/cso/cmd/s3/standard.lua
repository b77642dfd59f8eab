--- Standard input and output as the content of objects. Neither side is ever waited for inside of a system
--- call: while nothing comes, or nobody reads, everything else goes on, and Ctrl-C arrives.
local err = require "cso.std.err"
local task = require "cso.task"

local standard = {}

local READ, WRITE, NONBLOCK = 0, 1, 2048  -- of open(2)
local PIECE = 256 * 1024

local function fault(what, why)
  error(err.new { code = "file", class = "config",
    message = ("can't %s: %s"):format(what, (tostring(why):gsub("^%u+: ", ""))) }, 0)
end

-- A descriptor that may be read or written without waiting. The one that was inherited is shared with other
-- programs, which would be surprised: pipes and terminals are opened once more. Files never make one wait.
---@return integer fd
---@return userdata? poll  tells when it is ready
---@return fun() close
local function open(number, mode, what)
  local uv = require "luv"
  local about, why = uv.fs_fstat(number)
  if not about then fault(what, why) end
  local kind = uv.guess_handle(number)
  if about.type == "file" or (kind ~= "pipe" and kind ~= "tty" and kind ~= "tcp") then
    return number, nil, function() end
  end
  local fd = uv.fs_open("/proc/self/fd/" .. number, mode | NONBLOCK, 0)
  local own = fd ~= nil
  fd = fd or number
  local poll
  poll, why = uv.new_poll(fd)
  if not poll then fault(what, why) end
  return fd, poll, function()
    if not poll:is_closing() then poll:close() end
    if own then uv.fs_close(fd) end
  end
end

-- Waits until there is something to do.
local function ready(poll, events)
  local done = task.future()
  poll:start(events, function() done:complete(true) end) -- of a failure the next call knows more
  local ok, why = pcall(task.await, done)
  if not poll:is_closing() then poll:stop() end
  if not ok then error(why, 0) end
end

--- Reads standard input; within a task.
---@return fun(n: integer): string?  so many bytes, fewer only at the end, then nil
function standard.reader()
  local what = "read standard input"
  local uv, fd, poll, close
  local ended = false
  local function piece(n)
    while true do
      local data, why, name = uv.fs_read(fd, n, -1)
      if data then return data end
      if name ~= "EAGAIN" or not poll then fault(what, why) end
      ready(poll, "rd")
    end
  end
  return function(n)
    if ended then return nil end
    if not fd then
      uv = require "luv"
      fd, poll, close = open(0, READ, what)
      task.defer(close)
    end
    local pieces, got = {}, 0
    while got < n do
      local data = piece(math.min(PIECE, n - got))
      if data == "" then
        ended = true
        break
      end
      pieces[#pieces + 1], got = data, got + #data
    end
    return got > 0 and table.concat(pieces) or nil
  end
end

--- Reads a line of standard input; within a task.
---@return string? line  nil at its end
function standard.line()
  local what = "read standard input"
  local uv = require "luv"
  local fd, poll, close = open(0, READ, what)
  local scope <close> = setmetatable({}, { __close = close })
  local text = ""
  while scope and not text:find("\n", 1, true) do
    local data, why, name = uv.fs_read(fd, PIECE, -1)
    if data == "" then break end
    if data then
      text = text .. data
    elseif name == "EAGAIN" and poll then
      ready(poll, "rd")
    elseif name == "EIO" then
      break -- the terminal is gone
    else
      fault(what, why)
    end
  end
  return text:match "^[^\n]*\n" and text:match "^[^\n]*" or text ~= "" and text or nil
end

--- Writes to standard output; within a task. Waits for who reads it.
---@return fun(bytes: string)
function standard.writer()
  local what = "write to standard output"
  local uv, fd, poll, close
  return function(bytes)
    if not fd then
      uv = require "luv"
      io.stdout:flush()
      fd, poll, close = open(1, WRITE, what)
      task.defer(close)
    end
    local at = 1
    while at <= #bytes do
      local n, why, name = uv.fs_write(fd, bytes:sub(at, at + PIECE - 1), -1)
      if n then
        at = at + n
      elseif name == "EAGAIN" and poll then
        ready(poll, "w")
      else
        fault(what, why)
      end
    end
  end
end

return standard
