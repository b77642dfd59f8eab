-- What a run holds of a thing must not depend on how many there are, and most of it goes with the thing's
-- turn. Bytes of Lua's own after a full collection: they are the same whatever else the computer does.
local playbook = require "cso.playbook"
local task = require "cso.task"

local KIB = 1024

local SHAPES = {
  { "independent", "", plan = 2.3, walk = 0.5 },
  { "chains of ten", "{ after = i % 10 > 0 and { p[i - 1] } or {} }", plan = 2.7, walk = 1.2 },
  { "layers, each wholly on the last", [[{ after = (i - 1) // 10 > 0
    and table.move(p, (i - 1) // 10 * 10 - 9, (i - 1) // 10 * 10, 1, {}) or {} }]], plan = 3.2, walk = 1 },
}

local function held()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count" * 1024
end

-- Bytes: what declarations and plan take, and the most that the walk takes besides.
local function measure(options, n)
  local file = os.tmpname()
  local out = assert(io.open(file, "w"))
  out:write(([[local cso = require "cso"
    local p = {}
    for i = 1, %d do p[i] = cso.random.password("p" .. i%s) { length = 8 } end]]):format(n,
    options ~= "" and ", " .. options or ""))
  out:close()
  local store = require("cso.state").memory(os.time)
  local session = { region = function() return "eu-west-2" end }
  local before = held()
  local planned, most, told = 0, 0, 0
  local _, failure = task.run(function()
    local program = assert(playbook.load(file, { environ = {}, session = session, print = function() end }))
    local opts = { sleep = task.sleep, now = task.now, session = session, state = store, who = "spec",
      program = program, stack = program.stack.name }
    opts.plan = assert(require("cso.plan").make(opts))
    opts.spends = true
    planned = held() - before
    opts.emit = function(name)
      if name ~= "step_done" then return end
      told = told + 1
      if told % (n // 4) == 1 then most = math.max(most, held() - before - planned) end
    end
    assert.same({ create = n }, assert(require("cso.apply").run(opts)).counts)
  end)
  store:close()
  os.remove(file)
  if failure then error(failure, 0) end
  return planned, most
end

-- The first time modules are loaded, and Lua's table of strings may double.
local function least(options, n)
  local plan, walk = measure(options, n)
  local plan_again, walk_again = measure(options, n)
  return math.min(plan, plan_again), math.min(walk, walk_again)
end

describe("memory", function()
  for _, shape in ipairs(SHAPES) do
    it("grows with the things, not faster: " .. shape[1], function()
      local plan_one, walk_one = least(shape[2], 400)
      local plan_two, walk_two = least(shape[2], 800)
      local plan, walk = (plan_two - plan_one) / 400 / KIB, (walk_two - walk_one) / 400 / KIB
      local said = ("%.2f KiB in the plan, %.2f KiB in the walk"):format(plan, walk)
      assert(plan > 0 and plan <= shape.plan, said)
      assert(walk <= shape.walk, said)
      assert(walk_two <= 2.4 * walk_one, said)
    end)
  end
end)
