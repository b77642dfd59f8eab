-- The whole deployment of production, killed before and after its changing calls, and smaller lives beside it: a
-- sample of the matrices that ./dev matrix kill goes through. CSORUN_MATRIX=all takes every point of them.
local account = require "spec.scenario.matrix.account"
local deep = require "cso.std.deep"
local kill = require "spec.scenario.matrix.kill"
local preload = require "spec.scenario.matrix.preload"
local snapshot = require "spec.scenario.matrix.snapshot"
local stories = require "spec.scenario.matrix.stories"
local uv = require "luv"

local ALL = os.getenv "CSORUN_MATRIX" == "all"
local EVERY, FIRST, SOME = 160, 60, 71
if ALL then EVERY, FIRST, SOME = 1, 0, 1 end
local BOOK = uv.cwd() .. "/playbooks/prod-ha.lua"

-- Goes on from a point in one way.
local function go_on(clean, point, variant)
  local failure, requests = kill.continue(clean, setmetatable({ variant = variant }, { __index = point }))
  assert.is_nil(failure, ("%s, killed %s call %d of %s, %s, %s: %s"):format(clean.story.name, point.moment, point.nth,
    point.phase, point.call, variant, failure))
  return requests
end

describe("the deployment of production, killed #processes", function()
  local clean, points, into

  setup(function()
    into = snapshot.folder()
    clean, points = kill.record({ name = "deployment", book = { BOOK } }, into, function(_, nth) return nth % EVERY == FIRST end)
  end)

  teardown(function()
    snapshot.drop(into)
    preload.drop()
  end)

  local function all(phase, variant)
    local seen = 0
    for _, point in ipairs(points) do
      if point.phase == phase and (ALL or variant == "once" or point.moment == "after") then
        assert.is_true(go_on(clean, point, variant) < 2 * clean.requests[phase])
        seen = seen + 1
      end
    end
    assert.is_true(seen > 1)
  end

  it("in the midst of an apply, is finished by the next", function() all("apply", "once") end)

  it("twice in a row, is finished by the third run", function() all("apply", "twice") end)

  it("in the midst of a destruction, is gone after the next", function() all("destroy", "once") end)

  it("twice in the midst of a destruction, is gone after the third run", function()
    if not ALL then return end -- the deaths of a destruction are all alike
    all("destroy", "twice")
  end)
end)

describe("a life that is killed #processes", function()
  teardown(preload.drop)

  for _, name in ipairs(deep.keys(stories.all())) do
    it(name .. ": goes on to the same end, in every way that there is", function()
      local into, turn = snapshot.folder(), 0
      local clean, points = kill.record({ name = name }, into, function() -- the order of calls is not always the same
        turn = turn + 1
        return turn % SOME == 0
      end)
      for _, point in ipairs(points) do
        for variant in deep.sorted_pairs(kill.variants(clean, point)) do go_on(clean, point, variant) end
      end
      snapshot.drop(into)
      assert.is_true(#points > 0)
    end)
  end
end)

describe("a copy of a moment", function()
  it("that lacks a thing or has one twice does not pass", function()
    local world = require "spec.scenario.world"
    local book = 'local cso = require "cso"\ncso.stack { name = "two" }\n'
      .. 'cso.aws.EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\ncso.aws.EC2.VPC "b" { CidrBlock = "10.1.0.0/16" }\n'
    world.run({ seed = 1, files = { ["two.lua"] = book } }, function(p)
      assert.equal(0, (p:csorun "apply two.lua -y"))
      local right = account.look(p)
      account.compare(right, account.look(p))
      p:write("two.lua", (book:gsub('10%.1%.', '10.2.')))
      assert.equal(0, (p:csorun "apply two.lua -y"))
      assert.has_error(function() account.compare(right, account.look(p)) end)
      p:write("two.lua", book .. 'cso.aws.EC2.VPC "c" { CidrBlock = "10.1.0.0/16" }\n')
      assert.equal(0, (p:csorun "apply two.lua -y"))
      assert.has_error(function() account.compare(right, account.look(p)) end)
    end)
  end)
end)
