--- What a command gets: writers, colours, events, session, state. Everything is made when it is
--- first asked for, so that --version pays for nothing.
local exit = require "cso.cmd.exit"

---@class cso.cmd.Context
---@field opts table
---@field rest string[]     words behind "--"
---@field out fun(text: string)   writes to standard output
---@field note fun(text: string)  writes to standard error
local Context = {}
Context.__index = function(ctx, key)
  local make = Context[key]
  if make ~= nil then return make end
  local lazy = Context.lazy[key]
  if not lazy then return nil end
  local value = lazy(ctx)
  rawset(ctx, key, value)
  return value
end

Context.lazy = {}

function Context.lazy.environ()
  return require("cso.std.proc").environ()
end

local function paint_for(ctx, fd)
  local term = require "cso.ui.term"
  local tty = require("cso.std.term").isatty(fd)
  return term.paint(term.wants_color(ctx.opts.color, ctx.environ, tty), term.is_utf8(ctx.environ))
end

function Context.lazy.paint(ctx) return paint_for(ctx, 1) end
function Context.lazy.paint_err(ctx) return paint_for(ctx, 2) end

local function writer(file)
  return function(text)
    file:write(text)
    file:flush()
  end
end

local function read_source(file)
  local handle = io.open(file, "rb")
  if not handle then return nil end
  local text = handle:read("a")
  handle:close()
  return text
end

--- Prints an error and gives its exit code.
---@param e cso.Err
---@return integer
function Context:fail(e)
  local render = require "cso.ui.error"
  self.note(render.error(e, { paint = self.paint_err, trace = self.opts.trace,
    read = read_source }))
  return exit.of(e)
end

--- Ends what was started: the simulator, the state, the live view.
function Context:close()
  local closers = rawget(self, "closers") or {}
  for i = #closers, 1, -1 do closers[i]() end
  self.closers = nil
end

--- Remembers something to be ended at the end of the command; last in, first out.
---@param fn fun()
function Context:defer(fn)
  self.closers = rawget(self, "closers") or {}
  table.insert(self.closers, fn)
end

local context = {}

--- A context for a parsed command line.
---@param line { opts: table, args: string[], rest: string[] }
---@return cso.cmd.Context
function context.new(line)
  return setmetatable({ opts = line.opts, args = line.args, rest = line.rest,
    out = writer(io.stdout), note = writer(io.stderr) }, Context)
end

return context
