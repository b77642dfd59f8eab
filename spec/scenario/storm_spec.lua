-- A service on a bad day: throttles, server errors, broken connections, answers that are lost after
-- the work was done, descriptions that lag behind. A run gets through and makes nothing twice.
local world = require "spec.scenario.world"

describe("a run through a storm", function()
  local files, clean, counts = { ["net.lua"] = world.text "spec/scenario/network.lua" }, nil, nil

  setup(function()
    world.run({ files = files, seed = 1 }, function(p)
      local code, text = p:csorun "apply net.lua -y"
      assert.equal(0, code, text)
      clean, counts = p:inventory(), p:counts()
    end)
  end)

  local function through(faults, seed)
    world.run({ files = files, seed = seed, faults = faults }, function(p)
      local code, text = p:csorun "apply net.lua -y"
      assert.equal(0, code, text)
      p.sim.world:set_faults("")
      assert.equal(counts, p:counts())
      assert.equal(clean, p:inventory())
      code, text = p:csorun "plan net.lua --detailed-exitcode"
      assert.equal(0, code, text)
    end)
  end

  it("survives throttles, errors, resets and lost answers", function()
    through("throttle=0.2,error=0.05,reset=0.05,lost=0.1", 5)
  end)

  it("survives descriptions that lag behind", function() through("stale=2s:0.5", 2) end)

  it("makes nothing twice of which neither answer nor description comes", function()
    local book = 'local cso = require "cso"\ncso.stack { name = "one" }\ncso.aws.EC2.InternetGateway "a" {}\n'
    local faults = { { kind = "lost", operation = "^CreateInternetGateway$", times = 1 }, { kind = "stale", seconds = 3 } }
    world.run({ files = { ["one.lua"] = book }, seed = 1, faults = faults }, function(p)
      local code, text = p:csorun "apply one.lua -y"
      assert.equal(0, code, text)
      assert.match("/InternetGateway=1$", p:counts())
      assert.same({ "ec2.CreateInternetGateway" }, p.calls)
    end)
  end)

  it("gives up soon where nobody answers, and says where it knocked", function()
    world.run({ files = files, sim = false }, function(p)
      p:write("one.lua", 'local cso = require "cso"\ncso.stack { name = "one" }\n'
        .. 'cso.aws.EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\n')
      local started = world.now()
      local code, text = p:csorun("apply one.lua -y --endpoint-url http://127.0.0.1:1")
      assert.equal(1, code, text)
      assert.match("127.0.0.1:1", text, 1, true)
      assert.is_true(world.now() - started < 15)
    end)
  end)
end)
