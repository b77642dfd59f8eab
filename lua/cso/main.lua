--- From the words of the command line to an exit code. Loads only what the command needs.
local context = require "cso.cmd.context"
local err = require "cso.std.err"
local exit = require "cso.cmd.exit"
local globals = require "cso.cmd.globals"
local parse = require "cso.cmd.parse"
local registry = require "cso.cmd.registry"

local function is_playbook(word)
  if word:match("%.lua$") or word:find("/", 1, true) then return true end
  local file = io.open(word, "r")
  if file then file:close() end
  return file ~= nil
end

local function help_text(path)
  local help = require "cso.cmd.help"
  return #path > 0 and help.command(path) or help.program()
end

-- A Lua error that is no error value is a fault of csorun or of the playbook's own code; the
-- traceback tells which, so it is kept for --trace.
local function failure(e)
  if type(e) == "table" then return err.wrap(e) end
  return err.new { code = "internal", class = "internal", message = tostring(e),
    traceback = debug.traceback(nil, 2),
    hint = "this is not supposed to happen: run again with --trace and report it" }
end

-- The context is closed inside of the task: what it started may have to be awaited.
local function call(command, line, ctx)
  local function ended()
    local unfinished = ctx:finish()
    ctx:close()
    return unfinished
  end
  local function body()
    if command.waits then rawset(ctx, "root", require("cso.task").current()) end
    local ok, code, e = xpcall(command.run, failure, line.opts, line.args, ctx)
    -- What was interrupted gives back what it holds all the same.
    local unfinished
    if command.waits then unfinished = require("cso.task").shield(ended) else unfinished = ended() end
    if not ok then code, e = nil, code end
    if rawget(ctx, "interrupted") and e and e.code == "cancelled" then
      e = err.new { code = "interrupted", class = "interrupted", message = "interrupted; what was locked is given back" }
    end
    if not unfinished then return code, e end
    -- Both are worth knowing; what is returned decides the exit code. A run that did a part has said
    -- so by its code, and that stays true.
    if code and code ~= 0 then
      ctx:fail(unfinished)
      return code
    end
    if e then ctx:fail(failure(e)) end
    return nil, unfinished
  end
  if not command.waits then return body() end
  local limited, fault = pcall(require("cso.std.limits").start, os.getenv)
  if not limited then return nil, fault end
  local ok, code, e = xpcall(require("cso.task").run, failure, body)
  if not ok then return nil, code end
  return code, e
end

--- Runs csorun.
---@param ... string  the words behind the program's name
---@return integer exit_code
return function(...)
  local line, e = parse.run({ ... }, { globals = globals, find = registry.find,
    names = registry.names, default = "apply", bare = "repl", is_playbook = is_playbook,
    elsewhere = function() return require "cso.cmd.elsewhere" end })
  local ctx = context.new(line or { opts = {}, args = {}, rest = {} })
  if not line then return ctx:fail(e) end
  if line.help then
    ctx.out(help_text(line.path))
    return exit.codes.ok
  end
  local code, problem = call(line.command, line, ctx)
  if problem or type(code) ~= "number" then
    code = ctx:fail(failure(problem or code or "the command gave no exit code"))
  end
  local unwritten = rawget(ctx, "unwritten")
  if unwritten then
    ctx.note(("error: can't write the output: %s\n"):format(unwritten))
    if code == exit.codes.ok then code = exit.codes.failed end
  end
  return code
end
