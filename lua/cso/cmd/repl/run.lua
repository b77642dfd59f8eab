--- Runs what was typed: a command behind ":", or Lua in a task of its own. Failures are told, they
--- never end the REPL.
local chunk = require "cso.cmd.repl.chunk"
local err = require "cso.std.err"
local error_text = require "cso.ui.error"
local show = require "cso.ui.show"
local task = require "cso.task"

local run = {}

local HELP = [[
Type Lua. An expression shows its value; calls to AWS are awaited.
  ec2 = cso.api.ec2 { region = "eu-west-2" }
  ec2:DescribeVpcs { Filters = { { Name = "state", Values = { "available" } } } }
  for v in ec2:each("DescribeVolumes", {}) do print(v.VolumeId, v.Size) end
TAB completes services, operations, members of their input, resource types.
  :doc NAME   what the catalogue knows: :doc ec2.RunInstances, :doc AWS::EC2::Subnet
  :help       this
  :quit       leave (Ctrl-D)
A line that begins with a blank is not kept in the history. Ctrl-R searches the history,
Ctrl-C gives up a line or stops what runs, an unfinished text goes on in the next line.
]]

local commands = {}

function commands.help(_, ctx) ctx.out(HELP) end

function commands.quit() return "quit" end
commands.exit, commands.q = commands.quit, commands.quit

function commands.doc(about, ctx)
  local doc = require("cso.cmd.registry").find("doc")
  if not doc or about == "" then
    ctx.out("Write :doc ec2.RunInstances or :doc AWS::EC2::Subnet.\n")
    return
  end
  local code, e = doc.run(ctx.opts, { about }, ctx)
  if not code then error(e, 0) end
end

--- Names of the commands, for completion.
run.commands = { "doc", "help", "quit" }

-- What goes wrong in typed Lua is no fault of csorun: the message alone says it.
local function tell(ctx, e)
  local message = type(e) == "table" and e.message or tostring(e)
  local own = type(message) == "string" and message:match("^typed:%d+: (.*)")
  if own or type(e) ~= "table" then
    e = err.new { class = "usage", message = (own or message):gsub("\nstack traceback:.*", "") }
  end
  ctx.note(error_text.error(err.wrap(e), { paint = ctx.paint_err, read = ctx.read_source,
    trace = ctx.opts.trace }))
end

local function print_values(ctx, values)
  for i = 2, values.n do
    local v = values[i]
    local lines = v == nil and { "nil" } or show.block(v)
    ctx.out(table.concat(lines, "\n") .. "\n")
  end
end

-- Ctrl-C cancels the task of the line: a scope of its own takes its children along.
local function in_task(fn)
  return task.try(function()
    return task.scope(function(s)
      local t = s:spawn(fn)
      local close = task.on_signal("SIGINT", function() t:cancel("interrupted") end)
      local values = table.pack(task.try(task.await, t))
      close()
      if not values[1] then error(values[2], 0) end
      return table.unpack(values, 2, values.n)
    end)
  end)
end

--- Runs one entry.
---@param text string
---@param env table
---@param ctx cso.cmd.Context
---@return boolean ok, "quit"|nil
function run.entry(text, env, ctx)
  if text:match("^%s*$") then return true end
  local name, about = text:match("^%s*:(%a+)%s*(.-)%s*$")
  if name then
    local command = commands[name]
    if not command then
      tell(ctx, err.new { class = "usage", message = ("there is no :%s"):format(name), hint = ":help tells what there is" })
      return false
    end
    local ok, result = task.try(command, about, ctx)
    if not ok then tell(ctx, result) end
    return ok, result == "quit" and "quit" or nil
  end
  local fn, message = chunk.load(chunk.keep_locals(text), env)
  if not fn then
    tell(ctx, err.new { class = "usage", message = message })
    return false
  end
  local values = table.pack(in_task(fn))
  if values[1] then
    local ok, e = pcall(print_values, ctx, values)
    if not ok then tell(ctx, e) end
    return ok
  end
  tell(ctx, values[2])
  return false
end

return run
