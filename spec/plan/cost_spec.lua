-- What a thing that stays as it is may cost, from its declaration to its place in the plan, in instructions of Lua's
-- machine: they are the same wherever this runs. A look that everything pays for is easily added and hard to find.
local instructions = require "spec.support.instructions"
local playbook = require "cso.playbook"
local state = require "cso.state"
local task = require "cso.task"

local DECLARED, PLANNED = 270, 440 -- instructions for each

local function evaluated(n)
  local file = os.tmpname()
  local out = assert(io.open(file, "w"))
  out:write(('local cso = require "cso"\nfor i = 1, %d do cso.random.password("p" .. i) { length = 8 } end\n'):format(n))
  out:close()
  local cost, program = instructions(function()
    return task.run(playbook.load, file, { environ = {}, print = function() end })
  end)
  os.remove(file)
  return cost, assert(program)
end

-- What it costs to declare n things that are there, and to plan.
local function costs(n)
  local store = state.memory(os.time)
  local opts = { sleep = task.sleep, now = task.now, session = { region = function() return "eu-west-2" end }, state = store,
    who = "spec" }
  local function plan(program)
    opts.program, opts.stack = program, program.stack.name
    return instructions(function() return task.run(require("cso.plan").make, opts) end)
  end
  local _, program = evaluated(n)
  _, opts.plan = plan(program)
  assert(task.run(require("cso.apply").run, opts))
  local declared, again = evaluated(n)
  local planned, made = plan(again)
  assert.equal(n, made.counts.noop)
  store:close()
  return declared, planned
end

describe("one thing more that stays as it is", function()
  it("costs little", function()
    costs(5) -- what is loaded and compiled once is not counted
    local few, few_planned = costs(50)
    local many, many_planned = costs(250)
    local each, each_planned = (many - few) / 200, (many_planned - few_planned) / 200
    assert.is_true(each < DECLARED, ("%.0f instructions to declare it"):format(each))
    assert.is_true(each_planned < PLANNED, ("%.0f instructions to plan it"):format(each_planned))
  end)
end)
