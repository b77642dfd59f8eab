-- The whole deployment of production, killed before and after its changing calls: a sample of the matrix
-- that ./dev matrix kill goes through. CSORUN_MATRIX=all takes every call.
local kill = require "spec.scenario.matrix.kill"
local snapshot = require "spec.scenario.matrix.snapshot"
local uv = require "luv"

local EVERY, FIRST = 160, 60
if os.getenv "CSORUN_MATRIX" == "all" then EVERY, FIRST = 1, 0 end
local BOOK = uv.cwd() .. "/playbooks/prod-ha.lua"

describe("the deployment of production, killed #processes", function()
  local clean, points, into

  setup(function()
    into = snapshot.folder()
    clean, points = kill.record({ BOOK }, into, function(_, nth) return nth % EVERY == FIRST end)
  end)

  teardown(function() snapshot.drop(into) end)

  local function all(phase, variant)
    local seen = 0
    for _, point in ipairs(points) do
      if point.phase == phase and (variant == "once" or point.moment == "after") then
        local failure, requests = kill.continue(clean, setmetatable({ variant = variant }, { __index = point }))
        assert.is_nil(failure, ("killed %s call %d, %s: %s"):format(point.moment, point.nth, point.call, failure))
        assert.is_true(requests < 2 * clean.requests[phase])
        seen = seen + 1
      end
    end
    assert.is_true(seen > 1)
  end

  it("in the midst of an apply, is finished by the next", function() all("apply", "once") end)

  it("twice in a row, is finished by the third run", function() all("apply", "twice") end)

  it("in the midst of a destruction, is gone after the next", function() all("destroy", "once") end)
end)

describe("a copy of a moment", function()
  it("that lacks a thing or has one twice does not pass", function()
    local world = require "spec.scenario.world"
    local book = 'local cso = require "cso"\ncso.stack { name = "two" }\n'
      .. 'cso.aws.EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\ncso.aws.EC2.VPC "b" { CidrBlock = "10.1.0.0/16" }\n'
    world.run({ seed = 1, files = { ["two.lua"] = book } }, function(p)
      assert.equal(0, (p:csorun "apply two.lua -y"))
      local right = { inventory = p:inventory(), counts = p:counts() }
      kill.compare(p, right)
      p:write("two.lua", (book:gsub('10%.1%.', '10.2.')))
      assert.equal(0, (p:csorun "apply two.lua -y"))
      assert.has_error(function() kill.compare(p, right) end)
      p:write("two.lua", book .. 'cso.aws.EC2.VPC "c" { CidrBlock = "10.1.0.0/16" }\n')
      assert.equal(0, (p:csorun "apply two.lua -y"))
      assert.has_error(function() kill.compare(p, right) end)
    end)
  end)
end)
