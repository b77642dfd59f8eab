--- One stack of a workspace: a csorun of its own, whose lines are passed on under the stack's name.
local account = require "cso.cmd.account"
local json = require "cso.std.json"
local outputs = require "cso.cmd.workspace.outputs"
local parse = require "cso.cmd.parse"
local term = require "cso.ui.term"

local child = {}

-- What is said once for all stacks goes to each of them. The simulated account is begun anew once only.
local PASSED = { "env", "overlay", "set", "region", "profile", "endpoint_url", "state", "sim", "sim_latency", "sim_speed",
  "json", "quiet", "trace", "refresh", "full", "short", "rehearse", "policy", "calls", "orphans", "accept_loss",
  "rollback_on_error" }

-- And these are for the run over all of them.
local OWN = { all = true, only = true, auto_approve = true, color = true, sim_fresh = true, detailed_exitcode = true,
  destroy = true }

local passed = require("cso.std.deep").index(PASSED)

--- The name of an option that makes no sense for many stacks, if there is one.
---@param opts table
---@return string?
function child.unfit(opts)
  for _, key in ipairs(require("cso.std.deep").keys(opts)) do
    if not passed[key] and not OWN[key] then return "--" .. key:gsub("_", "-") end
  end
end

local function add(args, key, v)
  local name = "--" .. key:gsub("_", "-")
  if type(v) == "boolean" then
    args[#args + 1] = ("%s=%s"):format(name, tostring(v))
  else
    args[#args + 1] = name .. "=" .. tostring(v)
  end
end

local function known_keys(command)
  local keys = {}
  for _, list in ipairs { require "cso.cmd.globals", require("cso.cmd.registry").find(command).options or {} } do
    for _, option in ipairs(list) do keys[parse.key(option)] = true end
  end
  return keys
end

--- The words of the child's command line.
---@param ctx cso.cmd.Context
---@param stack cso.cmd.workspace.Stack
---@param command string
---@param more string[]
---@return string[]
function child.arguments(ctx, stack, command, more)
  local opts, args, takes = ctx.opts, { command, stack.playbook }, known_keys(command)
  for _, over in ipairs(stack.overlay) do add(args, "overlay", over) end
  for _, key in ipairs { "env", "region", "profile" } do
    if opts[key] == nil and stack[key] then add(args, key, stack[key]) end
  end
  for _, key in ipairs(PASSED) do
    local v = opts[key]
    if v ~= nil and takes[key] then
      for _, one in ipairs(type(v) == "table" and v or { v }) do add(args, key, one) end
    end
  end
  if account.is_simulated(opts) and not opts.sim then add(args, "sim", true) end
  add(args, "color", term.wants_color(opts.color, ctx.environ, ctx.is_terminal(1)) and "always" or "never")
  table.move(more, 1, #more, #args + 1, args)
  if #ctx.rest > 0 then
    args[#args + 1] = "--"
    table.move(ctx.rest, 1, #ctx.rest, #args + 1, args)
  end
  return args
end

local function environment(workspace, stack, pending, url, seen, to_come)
  local needs = {}
  for _, name in ipairs(stack.needs) do
    local open = pending(name) or nil
    needs[name] = { state = workspace.stacks[name].state, pending = open, to_come = open and to_come(name) }
  end
  return {
    [outputs.VARIABLE] = json.encode { file = workspace.path, stack = stack.name, state = stack.state, needs = needs,
      set = json.array(stack.set), seen = seen, to_come = to_come(stack.name) },
    [account.SHARED] = url or false,
  }
end

-- An object of JSON with the stack's name as its first member.
local function named(line, name)
  local rest = line:match "^{(.*)$"
  if not rest then return line end
  return ('{"stack":%s%s%s'):format(json.encode(name), rest:match "^%s*}" and "" or ",", rest)
end

---@class cso.cmd.workspace.Run
---@field workspace cso.cmd.Workspace
---@field width integer                      of the longest name
---@field dir string?                      of its own, for what was shown
---@field url string?                        the simulated account's
---@field running table<string, integer>     stack -> process

--- Runs a command for a stack and waits for it.
---@param ctx cso.cmd.Context
---@param run cso.cmd.workspace.Run
---@param stack cso.cmd.workspace.Stack
---@param how { command: string, more: string[]?, pending: (fun(need: string): boolean?), whole: boolean?, seen: "keep"|"ask"|"tell"|nil, tells: boolean? }
---  whole: its output is kept and not shown; seen: what is to be done with its plan (cmd/workspace/seen.lua); tells: what
---  the outputs are going to be (cmd/workspace/to_come.lua)
---@return { code: integer, out: string }? result
---@return cso.Err?
function child.run(ctx, run, stack, how)
  local process, uv = require "cso.task.process", require "luv"
  local prefix = ctx.paint.bold(stack.name .. (" "):rep(run.width - #stack.name)) .. " │ "
  if not require("cso.ui.term").is_utf8(ctx.environ) then prefix = prefix:gsub("│", "|") end
  local kept = {}
  local result, e = process.run(uv.exepath(), {
    args = child.arguments(ctx, stack, how.command, how.more or {}), apart = true,
    env = environment(run.workspace, stack, how.pending, run.url,
      how.seen and { file = ("%s/%s.plan"):format(run.dir, stack.name), how = how.seen } or nil,
      function(name) return how.tells and ("%s/%s.outputs"):format(run.dir, name) or nil end),
    started = function(pid) run.running[stack.name] = pid end,
    on_line = function(line, stream)
      if stream == "out" and how.whole then
        kept[#kept + 1] = line
      elseif ctx.opts.json then
        local write = stream == "out" and ctx.out or ctx.note
        write(named(line, stack.name) .. "\n")
      else
        local write = stream == "out" and ctx.out or ctx.note
        write((line == "" and prefix:gsub("%s+$", "") or prefix .. line) .. "\n")
      end
    end,
  })
  run.running[stack.name] = nil
  if not result then return nil, e end
  return { code = result.code, out = table.concat(kept, "\n") }
end

return child
