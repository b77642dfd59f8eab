-- The flow of plan, apply and destroy, with hand-made rooms below it.
local err = require "cso.std.err"
local json = require "cso.std.json"
local task = require "cso.task"
local term = require "cso.ui.term"
local value = require "cso.std.value"

local rooms = { "cso.playbook", "cso.plan", "cso.apply", "cso.state" }

describe("cso.cmd.work", function()
  local context, work, saved, world

  local function noop() end

  before_each(function()
    saved = {}
    for _, name in ipairs(rooms) do saved[name] = package.loaded[name] end
    world = { locked = {}, closed = 0, actions = { { address = "a", action = "create", type = "T", changes = {} } },
      program = { stack = { name = "demo" }, declarations = { {} }, evaluated = "stack", outputs = {} },
      result = { counts = { create = 1 }, failed = {}, skipped = {}, seconds = 1, outputs = { url = "http://x" } } }
    package.loaded["cso.playbook"] = { load = function(file, opts)
      world.loaded, world.load_opts = file, opts
      return world.program, world.load_error
    end }
    package.loaded["cso.state"] = {
      open = function(opts)
        world.opened = opts
        if world.no_state and not opts.create then
          return nil, err.new { code = "no_state", class = "config", message = "no state" }
        end
        return { serial = 0, lineage = "l", outputs = function() return {} end,
          close = function() world.closed = world.closed + 1 end,
          guard = noop, leaving = noop, finish = function() return true end, lock = function(_, run)
            if world.holder then return nil, err.new { class = "locked", message = "locked by x" } end
            world.locked[#world.locked + 1] = run.command
            return { close = function() world.unlocked = true end }
          end }
      end,
      memory = function() return { outputs = function() return {} end, close = noop } end,
    }
    package.loaded["cso.plan"] = { make = function(opts)
      world.plan_opts = opts
      opts.emit("plan_start", { stack = opts.stack })
      local counts = {}
      for _, a in ipairs(world.actions) do
        opts.emit("planned", a)
        counts[a.action] = (counts[a.action] or 0) + 1
      end
      opts.emit("plan_done", { counts = counts })
      return { actions = world.actions, counts = counts, checks_failed = world.checks, outputs = world.outputs,
        changed_outputs = world.outputs ~= nil }
    end }
    package.loaded["cso.apply"] = { run = function(opts)
      world.applied = opts
      opts.emit("apply_start", { total = 1 })
      opts.emit("step_start", { address = "a", action = "create" })
      opts.emit("step_done", { address = "a", action = "create", seconds = 1 })
      opts.emit("apply_done", world.result)
      return world.result
    end }
    context = require "cso.cmd.context"
    work = require "cso.cmd.work"
  end)

  after_each(function()
    for _, name in ipairs(rooms) do package.loaded[name] = saved[name] end
  end)

  -- Runs a command the way main does; gives its code, its error and what it wrote.
  local function run(name, opts, args)
    local out, ctx = {}, nil
    local code, e = task.run(function()
      ctx = context.new { opts = opts or {}, args = args or { "p.lua" }, rest = { "x" } }
      rawset(ctx, "out", function(text) out[#out + 1] = text end)
      rawset(ctx, "note", function(text) out[#out + 1] = text end)
      rawset(ctx, "environ", { USER = "ann", HOSTNAME = "box" })
      rawset(ctx, "is_terminal", function() return world.terminal or false end)
      rawset(ctx, "paint", term.paint(false))
      rawset(ctx, "session", { region = function() return "eu-west-2" end })
      local c, problem = require("cso.cmd." .. name).run(ctx.opts, args or { "p.lua" }, ctx)
      ctx:close()
      return c, problem
    end)
    return code, e, table.concat(out)
  end

  it("plans without touching anything", function()
    world.no_state = true
    local code, e, text = run("plan")
    assert.is_nil(e)
    assert.equal(0, code)
    assert.match("%+ a  create", text)
    assert.is_nil(world.applied)
    assert.same({}, world.locked)
    assert.same({ "x" }, world.load_opts.args)
  end)

  it("exits with 2 when asked and changes are pending", function()
    assert.equal(2, (run("plan", { detailed_exitcode = true })))
    world.actions = { { address = "a", action = "noop" } }
    assert.equal(0, (run("plan", { detailed_exitcode = true })))
  end)

  it("exits with 6 when a check fails, and applies nothing", function()
    world.checks = { { text = "must be odd", hint = "add one" } }
    local _, e, text = run("plan")
    assert.equal("policy", e.class)
    assert.match("must be odd", text)
    _, e = run("apply", { auto_approve = true })
    assert.equal("policy", e.class)
    assert.is_nil(world.applied)
  end)

  it("refuses to apply when nobody can be asked", function()
    local _, e = run("apply")
    assert.equal("usage", e.class)
    assert.match("auto%-approve", e.hint)
    assert.is_nil(world.applied)
  end)

  it("applies under the lock, frees it, tells the outputs", function()
    local code, e, text = run("apply", { auto_approve = true })
    assert.is_nil(e)
    assert.equal(0, code)
    assert.same({ "apply" }, world.locked)
    assert.is_true(world.unlocked)
    assert.equal(1, world.closed)
    assert.equal("ann@box", world.applied.who)
    assert.match("✓ a created", text)
    assert.match("Applied: 1 created", text)
    assert.match('url = "http://x"', text)
  end)

  it("says who holds the lock", function()
    world.holder = true
    local _, e = run("apply", { auto_approve = true })
    assert.equal("locked", e.class)
    assert.equal(1, world.closed)
  end)

  it("tells a partly applied run from a failed one", function()
    world.result = { counts = { create = 1 }, failed = { { address = "b", err = err.new { message = "no",
      class = "service" } } }, skipped = {}, seconds = 1, outputs = {} }
    assert.equal(7, (run("apply", { auto_approve = true })))
    world.result.counts = {}
    assert.equal(1, (run("apply", { auto_approve = true })))
    world.result.failed[1].err.class = "credentials"
    assert.equal(4, (run("apply", { auto_approve = true })))
    world.result.interrupted = true
    assert.equal(130, (run("apply", { auto_approve = true })))
  end)

  it("does nothing more for a plain script", function()
    world.program = { stack = { name = "s" }, declarations = {}, evaluated = "script" }
    assert.equal(0, (run("apply")))
    assert.is_nil(world.opened)
  end)

  it("destroys by the playbook's state", function()
    local code, _, text = run("destroy", { auto_approve = true })
    assert.equal(0, code)
    assert.is_true(world.plan_opts.destroy)
    assert.is_falsy(world.opened.create)
    assert.match("Destroyed:", text)
  end)

  it("keeps the simulated account's state apart", function()
    local stack = require "cso.cmd.stack"
    local function path(opts) return stack.path({ opts = opts, dir = ".cso", environ = {} }, "my stack") end
    assert.equal(".cso/my_stack.db", path {})
    assert.equal(".cso/sim-my_stack.db", path { sim = true })
    assert.equal(".cso/sim-my_stack.db", path { sim_speed = 10 })
    assert.equal("f.db", path { sim = true, state = "f.db" })
  end)

  it("writes events and nothing else with --json", function()
    world.outputs = { secret = value.secret "hunter2" }
    local _, _, text = run("apply", { auto_approve = true, json = true })
    local types = {}
    for line in text:gmatch("[^\n]+") do types[#types + 1] = assert(json.decode(line)).type end
    assert.same({ "plan_start", "planned", "plan_done", "apply_start", "step_start", "step_done", "apply_done",
      "outputs" }, types)
    assert.is_nil(text:find("hunter2", 1, true))
  end)

  it("shows outputs that change", function()
    world.actions = {}
    world.outputs = { url = "http://new", later = value.unknown {} }
    local _, _, text = run("plan")
    assert.match('%+ url: "http://new"', text)
    assert.match("%+ later: %(known after apply%)", text)
    assert.is_false(work.is_empty { actions = {}, changed_outputs = true })
  end)
end)
