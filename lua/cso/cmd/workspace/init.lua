--- csorun plan|apply|destroy|drift|output --all: one run over all stacks of a workspace.
local lazy = require "cso.std.lazy"
local account = require "cso.cmd.account"
local child = lazy "cso.cmd.workspace.child"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local exit = require "cso.cmd.exit"
local file = lazy "cso.cmd.workspace.file"
local json = require "cso.std.json"
local suggest = require "cso.std.suggest"
local walk = lazy "cso.cmd.workspace.walk"

local workspace = {}

local function usage(code, message, hint)
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

local function chosen(made, only)
  local names, all = {}, deep.keys(made.stacks)
  for _, name in ipairs(only or all) do
    if not made.stacks[name] then
      local near = suggest(name, all)
      return usage("unknown_stack", ("there is no stack %s in %s"):format(name, made.path),
        near and ("did you mean %s?"):format(near) or "there are " .. table.concat(all, ", "))
    end
    names[name] = true
  end
  return names
end

local function open(ctx, path)
  local opts = ctx.opts
  local unfit = child.unfit(opts)
  if unfit then
    return usage("bad_option", unfit .. " is for one stack and can't be said with --all",
      "run csorun on that stack's playbook, or leave it out")
  end
  local variable = not account.is_simulated(opts) and ctx.environ.CSORUN_STATE
  for option, place in pairs { ["--state"] = opts.state, CSORUN_STATE = variable } do
    if place and place ~= "" and not place:match "/$" then
      return usage("one_state", ("%s names one state, %s, for all stacks"):format(option, place),
        "end it with a slash, and each stack has its own there")
    end
  end
  local made, e = file.read(path or file.DEFAULT, ctx.environ)
  if not made then return nil, e end
  local names
  names, e = chosen(made, opts.only)
  if not names then return nil, e end
  local run = { workspace = made, names = names, running = {}, width = 0 }
  for name in pairs(names) do run.width = math.max(run.width, #name) end
  if account.is_simulated(opts) then
    local sim
    sim, e = account.start_simulator(ctx)
    if not sim then return nil, e end
    run.url = sim.url
  end
  return run
end

local shown = { done = "done", pending = "changes", failed = "failed", skipped = "skipped", stopped = "not started",
  declined = "not applied: no was the answer" }

local function summary(ctx, run, outcomes, words)
  local rows = {}
  for _, name in ipairs(run.workspace.graph.order) do
    local o = outcomes[name]
    if o and ctx.opts.json then
      ctx.out(json.encode({ type = "stack_summary", stack = name, result = o.status, exit_code = o.code,
        because = o.because }, { sort = true }) .. "\n")
    elseif o then
      local text = words and words[o.status] or shown[o.status]
      if o.because then
        text = ("%s: %s %s"):format(text, o.because, outcomes[o.because].status == "declined" and "was not applied" or "failed")
      end
      if o.status == "failed" then text = ("%s (exit code %d)"):format(text, o.code) end
      rows[#rows + 1] = { name, text, ("%.1f s"):format(o.seconds) }
    end
  end
  if ctx.opts.json then return end
  ctx.out("\n" .. require("cso.std.text").table({ "STACK", "RESULT", "TIME" }, rows, ctx.paint.bold))
end

-- One code for all. `changed` tells whose success changed something.
local function code_of(outcomes, stopped, changed)
  local codes, some, first = {}, false, nil
  for _, name in ipairs(deep.keys(outcomes)) do
    local o = outcomes[name]
    if o.status == "failed" then
      first = first or o.code
      codes[o.code] = true
      some = some or o.code == exit.codes.partial
    elseif o.status == "declined" then
      first = first or exit.codes.failed
      codes[exit.codes.failed] = true
    elseif o.status == "done" and changed and changed(name) then
      some = true
    end
  end
  if stopped then return exit.codes.interrupted end
  if not first then return exit.codes.ok end
  if some then return exit.codes.partial end
  return next(codes, next(codes)) == nil and first or exit.codes.failed
end

local function any(outcomes, status)
  for _, o in pairs(outcomes) do
    if o.status == status then return true end
  end
  return false
end

-- What a stack lacks while those before it have changes to come is known when those are made.
local function while_planning(need, outcomes)
  return outcomes[need] ~= nil and outcomes[need].status == "pending"
end

local function always() return true end
local function never() return false end

local function plan_all(ctx, run, destroy, seen)
  local more = { "--detailed-exitcode" }
  if destroy then more[2] = "--destroy" end
  return walk.run(ctx, run, { command = "plan", more = more, names = run.names, reverse = destroy,
    pending = destroy and always or while_planning, seen = seen, tells = not destroy })
end

-- A folder for what the processes of this run tell each other.
local function with_folder(ctx, run)
  local path, e = require("cso.state.file").private()
  if not path then return nil, e end
  ctx:defer(function() require("cso.state.file").discard(path) end)
  run.dir = path:match "^(.*)/"
  return true
end

local PLANNED = { done = "no changes", pending = "changes" }

local commands = {}

function commands.plan(ctx, run)
  local ok, e = with_folder(ctx, run)
  if not ok then return nil, e end
  local outcomes, stopped = plan_all(ctx, run, ctx.opts.destroy)
  summary(ctx, run, outcomes, PLANNED)
  local code = code_of(outcomes, stopped)
  if code == exit.codes.ok and ctx.opts.detailed_exitcode and any(outcomes, "pending") then return exit.codes.changes end
  return code
end

-- Whether states are to be given another key, or to be sealed at all, as far as can be told without opening
-- them: whoever writes a state does that, also where nothing else is to be done.
local function has_to_reseal(ctx, run)
  local function is_set(name) return (ctx.environ[name] or "") ~= "" end
  if is_set "CSORUN_ENCRYPT_OLD" then return true end
  if not is_set "CSORUN_ENCRYPT" then return false end
  local cover, stack = require "cso.state.cover", require "cso.cmd.stack"
  for name in pairs(run.names) do
    local place = stack.path(ctx, name, run.workspace.stacks[name].state)
    if require("lfs").attributes(place, "mode") == "file" and not cover.is_sealed(place) then return true end
  end
  return false
end

local function carry_out(ctx, run, command)
  local destroy = command == "destroy"
  local ok, e = with_folder(ctx, run)
  if not ok then return nil, e end
  local planned, stopped = plan_all(ctx, run, destroy, "keep")
  summary(ctx, run, planned, PLANNED)
  local code = code_of(planned, stopped)
  local pending = any(planned, "pending")
  if code ~= exit.codes.ok or not pending and (destroy or not has_to_reseal(ctx, run)) then return code end
  local work = require "cso.cmd.work"
  if pending then
    local question = ("%s %s of %s?"):format(destroy and "Destroy everything in" or "Apply this to",
      ctx.opts.only and "these stacks" or "the stacks", run.workspace.path)
    local yes
    yes, e = work.confirmed(ctx, { command = command .. " --all", question = question })
    if not yes then return e == nil and exit.codes.failed or nil, e end
  end
  local outcomes
  outcomes, stopped = walk.run(ctx, run, { command = command, more = { "--auto-approve" }, names = run.names,
    reverse = destroy, pending = destroy and always or never, seen = ctx.opts.auto_approve and "tell" or "ask",
    again = function(name)
      return work.confirmed(ctx, { command = command .. " --all",
        question = ("Stack %s has another plan now. %s"):format(name, destroy and "Destroy this?" or "Apply this?") })
    end })
  summary(ctx, run, outcomes, { done = destroy and "destroyed" or "applied" })
  return code_of(outcomes, stopped, function(name) return planned[name].status == "pending" end)
end

function commands.apply(ctx, run) return carry_out(ctx, run, "apply") end
function commands.destroy(ctx, run) return carry_out(ctx, run, "destroy") end

function commands.drift(ctx, run)
  local outcomes, stopped = walk.run(ctx, run, { command = "drift", names = run.names, pending = always })
  summary(ctx, run, outcomes, { done = "no drift", pending = "drift" })
  local code = code_of(outcomes, stopped)
  return code == exit.codes.ok and any(outcomes, "pending") and exit.codes.changes or code
end

function commands.output(ctx, run)
  local outcomes, stopped = walk.run(ctx, run, { command = "output", names = run.names, pending = always,
    whole = ctx.opts.json })
  if ctx.opts.json then
    for _, name in ipairs(run.workspace.graph.order) do
      local values = outcomes[name] and outcomes[name].status == "done" and json.decode(outcomes[name].out)
      if values then ctx.out(json.encode({ stack = name, outputs = values }, { sort = true }) .. "\n") end
    end
  end
  return code_of(outcomes, stopped)
end

--- Runs a command over the stacks of a workspace.
---@param ctx cso.cmd.Context
---@param command "plan"|"apply"|"destroy"|"drift"|"output"
---@param path string?   the workspace file
---@return integer? exit_code
---@return cso.Err?
function workspace.run(ctx, command, path)
  local run, e = open(ctx, path)
  if not run then return nil, e end
  return commands[command](ctx, run)
end

return workspace
