--- csorun repl, which is also what csorun alone does

-- The history is the user's own: nobody else reads it.
local function history_files()
  local lfs = require "lfs"
  local uv = require "luv"
  local function make(dir)
    if dir == "" or lfs.attributes(dir) then return end
    make(dir:match("^(.*)/[^/]*$") or "")
    uv.fs_mkdir(dir, tonumber("700", 8))
  end
  return {
    read = function(path)
      local file = io.open(path, "rb")
      if not file then return nil end
      local text = file:read("a")
      file:close()
      return text
    end,
    append = function(path, text)
      make(path:match("^(.*)/[^/]*$"))
      local fd = uv.fs_open(path, "a", tonumber("600", 8))
      if not fd then return end
      uv.fs_write(fd, text, -1)
      uv.fs_close(fd)
    end,
  }
end

local function begin(ctx)
  local playbook = require "cso.playbook"
  local evaluation = playbook.begin("repl", {
    session = ctx.session, environ = ctx.environ, env_file = ctx.opts.env, overlays = ctx.opts.overlay,
    sets = ctx.opts.set, sim = require("cso.cmd.account").is_simulated(ctx.opts), unguarded = true,
    print = ctx.out, args = ctx.rest,
    identity = function(target) return ctx.session:identity(target) end,
  })
  local env = evaluation.globals
  env.cso = require "cso"
  return env
end

-- Standard input is a file or a pipe: no prompt, no editing; entries may span lines.
local function piped(ctx, env)
  local chunk = require "cso.cmd.repl.chunk"
  local run = require "cso.cmd.repl.run"
  local text, failed = nil, false
  local function entry()
    local ok, what = run.entry(text, env, ctx)
    failed = failed or not ok
    text = nil
    return what
  end
  local line, why = io.read "l"
  while line do
    text = text and text .. "\n" .. line or line
    local complete = line ~= "" and chunk.is_complete(text)
    if complete and entry() == "quit" then return failed and 1 or 0 end
    line, why = io.read "l"
  end
  if why then
    return nil, require("cso.std.err").new { code = "no_input", class = "usage",
      message = "can't read the standard input: " .. why }
  end
  if text then entry() end
  return failed and 1 or 0
end

local function interactive(ctx, env)
  local account = require "cso.cmd.account"
  local chunk = require "cso.cmd.repl.chunk"
  local history = require "cso.cmd.repl.history"
  local run = require "cso.cmd.repl.run"
  local task = require "cso.task"
  local terminal, why = require("cso.cmd.repl.terminal").open(ctx.out)
  if not terminal then
    return nil, require("cso.std.err").new { class = "internal", message = "no terminal: " .. tostring(why) }
  end
  ctx:defer(function() terminal:close() end)
  local _, path = history.place(ctx.environ)
  local past = history.open(path, history_files())
  local reader = require("cso.cmd.repl.reader").new {
    terminal = terminal, write = ctx.out, size = require("cso.std.term").size, paint = ctx.paint,
    history = past, is_complete = chunk.is_complete,
    world = require("cso.cmd.repl.world").new(env, run.commands),
    prompt = account.is_simulated(ctx.opts) and "csorun (sim)> " or "csorun> ",
  }
  ctx:defer(task.on_signal("SIGWINCH", function() terminal:wake() end))
  ctx.out(("csorun %s, %s. :help helps, Ctrl-D leaves.\n"):format(
    require("cso.std.proc").version, account.place(ctx)))
  while true do
    local text, given_up = reader:read()
    if not text then return 0 end
    if not given_up then
      past:add(text)
      local _, what = run.entry(text, env, ctx)
      if what == "quit" then return 0 end
    end
  end
end

return {
  name = "repl",
  help = "Talk to AWS in Lua, line by line",
  rest = true,
  text = "Reads standard input when that is no terminal: echo 'cso.api.sts {}:GetCallerIdentity {}' | csorun",
  waits = true,
  run = function(_, _, ctx)
    local env = begin(ctx)
    if ctx.is_terminal(0) and ctx.is_terminal(1) then return interactive(ctx, env) end
    return piped(ctx, env)
  end,
}
