-- The portal's environments: nothing that works is said to fail, at any point of their lives.
local life = require "spec.life.harness"
local rehearsal = require "cso.cmd.rehearsal"

local function rehearsed(world, program, made)
  local result, e = rehearsal.of { plan = made, program = program, session = world.session, store = world.store }
  assert(result, e and tostring(e.message) .. tostring(e.traceback))
  local lines = {}
  for _, f in ipairs(result.failures) do
    lines[#lines + 1] = ("%s %s: %s: %s"):format(f.action, f.address, f.err.code, f.err.message)
  end
  for _, f in ipairs(result.left_out) do lines[#lines + 1] = ("%s not rehearsed: %s"):format(f.address, f.why) end
  assert.same({}, lines)
  return result
end

local CHANGES = { "rabbitmq_major=4", "database.backup_window=01:00-02:00", "vpc_name=other" }

local function judge(name)
  life.within({ sim = {}, file = ("playbooks/%s.lua"):format(name) }, function(world)
    local program = world:load()
    local made = world:plan(program)
    rehearsed(world, program, made)
    world:apply(program, made)
    local sets = {}
    for _, change in ipairs(CHANGES) do
      sets[#sets + 1] = change
      world.load_opts.sets = sets
      program = world:load()
      made = world:plan(program)
      rehearsed(world, program, made)
      world:apply(program, made)
    end
    made = world:plan(program, { destroy = true })
    rehearsed(world, program, made)
    world:apply(program, made)
    assert.same({}, world.store:resources())
  end)
end

describe("a rehearsal of the portal", function()
  for _, name in ipairs { "dev", "prod-ha" } do
    it("finds nothing wrong with " .. name, function() judge(name) end)
  end
end)
