--- What a command gets: writers, colours, events, session, clock. Everything is made when it is
--- first asked for, so that --version pays for nothing.
local exit = require "cso.cmd.exit"

---@class cso.cmd.Context
---@field opts table
---@field rest string[]     words behind "--"
---@field out fun(text: string)   writes to standard output
---@field note fun(text: string)  writes to standard error
---@field dir string        where state lives: ".cso"
---@field environ table<string, string>
---@field paint cso.ui.Paint      for standard output
---@field paint_err cso.ui.Paint  for standard error
---@field bus cso.Bus
---@field emit fun(name: string, data: table?)
---@field session table     the AWS session; raises an error of class config or credentials
---@field pace cso.cmd.Pace      how time passes for what waits on the account; raises an error of class config
---@field sleep fun(seconds: number)  its own
---@field now fun(): number           likewise
local Context = {}
Context.__index = function(ctx, key)
  local found = Context[key]
  if found ~= nil then return found end
  local make = Context.lazy[key]
  if not make then return nil end
  local value = make(ctx)
  rawset(ctx, key, value)
  return value
end

Context.dir = ".cso"

local EPIPE = 32

local function paint_for(ctx, fd)
  local term = require "cso.ui.term"
  local tty = ctx.is_terminal(fd)
  return term.paint(term.wants_color(ctx.opts.color, ctx.environ, tty), term.is_utf8(ctx.environ))
end

Context.lazy = {
  environ = function() return require("cso.std.proc").environ() end,
  is_terminal = function() return require("cso.std.term").isatty end,
  paint = function(ctx) return paint_for(ctx, 1) end,
  paint_err = function(ctx) return paint_for(ctx, 2) end,
  bus = function(ctx)
    local bus = require("cso.std.events").new()
    -- While a view is on the screen, it tells the calls itself.
    if ctx.opts.trace and ctx.opts.json then
      local json, object = require "cso.std.json", require("cso.ui.json").object
      bus.listen(function(name, data)
        if name == "api_call" and not rawget(ctx, "watched") then
          ctx.note(json.encode(object(name, data, os.time())) .. "\n")
        end
      end)
    elseif ctx.opts.trace then
      local line = require("cso.ui.human").lines.api_call
      local out = { trace = true, paint = ctx.paint_err,
        line = function(_, ...) ctx.note(string.format(...) .. "\n") end }
      bus.listen(function(name, data)
        if name == "api_call" and not rawget(ctx, "watched") then line(out, data) end
      end)
    end
    return bus
  end,
  emit = function(ctx) return ctx.bus.emit end,
  session = function(ctx)
    local session, e = require("cso.cmd.account").session(ctx)
    if not session then error(e, 0) end
    return session
  end,
  pace = function(ctx)
    local pace, e = require("cso.cmd.account").pace(ctx)
    if not pace then error(e, 0) end
    return pace
  end,
  now = function(ctx) return ctx.pace.now end,
  sleep = function(ctx) return ctx.pace.sleep end,
}

-- A reader that went away is no failure; a disk that is full is one, but not before the work is done.
local function writer(file, ctx)
  return function(text)
    local ok, why, number = file:write(text)
    if ok then ok, why, number = file:flush() end
    if not ok and number ~= EPIPE then ctx.unwritten = why end
  end
end

local SHOWN = 1 << 20 -- bytes of a file from which lines are shown beside an error

local function read_source(file)
  local handle = io.open(file, "rb")
  if not handle then return nil end
  local text = handle:read(SHOWN)
  handle:close()
  return text
end

Context.read_source = read_source

local NARROWEST = 40 -- columns

--- A text for people, in lines that the terminal needn't break in the middle of words.
---@param text string
---@param fd integer  where it goes: 1 or 2
---@return string
function Context:fitted(text, fd)
  local columns = self.is_terminal(fd) and require("cso.std.term").size()
  return columns and columns >= NARROWEST and require("cso.ui.term").wrap(text, columns) or text
end

-- Tells an error or a warning, as text or as an event.
local function tell(ctx, e, severity)
  if ctx.opts.json then
    local json = require "cso.std.json"
    ctx.out(json.encode(require("cso.ui.json").object("diagnostic",
      { severity = severity, err = e }, os.time())) .. "\n")
    return
  end
  local render = require "cso.ui.error"
  ctx.note(ctx:fitted(render.error(e, { paint = ctx.paint_err, trace = ctx.opts.trace, read = read_source }), 2))
end

--- Tells an error and gives its exit code.
---@param e cso.Err
---@return integer
function Context:fail(e)
  tell(self, e, "error")
  return exit.of(e)
end

--- Tells a warning.
---@param e cso.Err
function Context:warn(e) tell(self, e, "warning") end

--- The account's name where no variable tells it (cron, systemd).
local function account_name()
  local ok, pwd = pcall(require, "posix.pwd")
  local entry = ok and pwd.getpwuid(require("posix.unistd").getuid())
  return entry and entry.pw_name
end

--- Who runs this, for locks and the history.
---@return string
function Context:who()
  local environ = self.environ
  local name = environ.SUDO_USER or environ.USER or environ.LOGNAME or account_name() or "somebody"
  local host = environ.HOSTNAME or (read_source("/etc/hostname") or ""):match("%S+")
  return host and name .. "@" .. host or name
end

--- Remembers something to be ended at the end of the command; last in, first out.
---@param fn fun()
function Context:defer(fn)
  self.closers = rawget(self, "closers") or {}
  table.insert(self.closers, fn)
end

--- Remembers something to be done when the command has done its work, well or not, and that may
--- fail: then the command has failed.
---@param fn fun(): boolean?, cso.Err?
function Context:at_end(fn)
  self.endings = rawget(self, "endings") or {}
  table.insert(self.endings, fn)
end

--- Does it, last in, first out.
---@return cso.Err?  the first failure
function Context:finish()
  local endings, failure = rawget(self, "endings") or {}, nil
  self.endings = nil
  for i = #endings, 1, -1 do
    local ran, ok, e = pcall(endings[i])
    if not ran then failure = failure or ok elseif not ok then failure = failure or e end
  end
  return failure
end

--- Ends what was started. One that fails does not keep the others from ending.
function Context:close()
  local closers = rawget(self, "closers") or {}
  self.closers, self.closed = nil, true
  for i = #closers, 1, -1 do pcall(closers[i]) end
end

local context = {}

--- A context for a parsed command line.
---@param line { opts: table, args: string[], rest: string[] }
---@return cso.cmd.Context
function context.new(line)
  local ctx = { opts = line.opts, args = line.args, rest = line.rest }
  ctx.out, ctx.note = writer(io.stdout, ctx), writer(io.stderr, {})
  return setmetatable(ctx, Context)
end

return context
