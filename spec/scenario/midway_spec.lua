-- What a killed run leaves midway is brought out of it by the next: a machine that was stopped for a change, the
-- tag of a thing that was moved, a lock that was only just taken.
local world = require "spec.scenario.world"

local MACHINE = [[
local cso = require "cso"
local env = cso.env { type = cso.t.string { default = "t3.small" } }
cso.stack { name = "machine" }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local subnet = EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.0.0/24" }
EC2.Instance "web" { InstanceType = env.type, SubnetId = subnet,
  ImageId = cso.api.ssm {}:GetParameter {
    Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value }
]]

local function good(p, words, env)
  local code, text = p:csorun(words, { env = env })
  assert.equal(0, code, words .. "\n" .. text)
  return text
end

local function die(p, at, moment, words, env)
  p.calls, p.kill = {}, { at = at, moment = moment }
  local code, text = p:csorun(words, { env = env })
  p.kill = nil
  assert.equal(137, code, ("not killed %s call %d: %s"):format(moment, at, text))
end

describe("a machine that is stopped for a change", function()
  local function state(p) return p:inventory():match "Instance%.State%.Name = (%l+)" end

  it("runs again after a kill, whether one goes on or back", function()
    world.run({ files = { ["m.lua"] = MACHINE }, seed = 1 }, function(p)
      good(p, "apply m.lua -y")
      local size = { "t3.small", "t3.large" }
      for at = 1, 3 do
        for _, moment in ipairs { "before", "after" } do
          local old, new = size[1], size[2]
          die(p, at, moment, "apply m.lua -y --set type=" .. new)
          local label = ("killed %s call %d, %s"):format(moment, at, p.calls[at])
          if at == 2 then
            good(p, "rollback last -y --stack machine --accept-loss")
            new = old
          else
            good(p, "apply m.lua -y --set type=" .. new)
            size = { new, old }
          end
          good(p, "plan m.lua --detailed-exitcode --set type=" .. new)
          assert.equal("running", state(p), label)
          assert.match("Instance%.InstanceType = " .. new:gsub("%.", "%%."), p:inventory(), 1, false)
        end
      end
    end)
  end)

  it("runs again when the change is refused, and stays stopped when somebody else has stopped it", function()
    world.run({ files = { ["m.lua"] = MACHINE }, seed = 1 }, function(p)
      good(p, "apply m.lua -y")
      p.sim.world:set_faults { { kind = "error", operation = "^ModifyInstanceAttribute$", code = "Unsupported", status = 400 } }
      local code, text = p:csorun "apply m.lua -y --set type=t3.large"
      p.sim.world:set_faults("")
      assert.is_true(code ~= 0, text)
      good(p, "plan m.lua --refresh=false")
      assert.equal("running", state(p))
      local id = good(p, "state show EC2.Instance.web --stack machine"):match '"(i%-0%x+)"'
      good(p, "exec ec2.StopInstances InstanceIds.0=" .. id)
      good(p, "apply m.lua -y")
      assert.equal("stopped", state(p))
      good(p, "apply m.lua -y --set type=t3.large")
      assert.equal("stopped", state(p))
    end)
  end)
end)

describe("what was moved", function()
  it("gets the tag of its new address when the run that moved it died before that", function()
    local book = [[
local cso = require "cso"
local env = cso.env { name = cso.t.string { default = "a" } }
cso.stack { name = "moved" }
cso.aws.EC2.VPC("vpc-" .. env.name) { CidrBlock = "10.0.0.0/16" }
cso.aws.SQS.Queue("queue-" .. env.name) { QueueName = "jobs" }
if env.name ~= "a" then
  cso.moved { from = "EC2.VPC.vpc-a", to = "EC2.VPC.vpc-b" }
  cso.moved { from = "SQS.Queue.queue-a", to = "SQS.Queue.queue-b" }
end
]]
    world.run({ files = { ["m.lua"] = book }, seed = 1 }, function(p)
      good(p, "apply m.lua -y")
      die(p, 1, "before", "apply m.lua -y --set name=b")
      assert.match("vpc-a", p:inventory(), 1, true)
      good(p, "plan m.lua --detailed-exitcode --set name=b")
      good(p, "apply m.lua --set name=b")
      local held = p:inventory()
      assert.match("vpc-b", held, 1, true)
      assert.match("queue-b", held, 1, true)
      assert.is_nil(held:find("vpc-a", 1, true) or held:find("queue-a", 1, true))
      p.calls = {}
      good(p, "apply m.lua --set name=b")
      assert.same({}, p.calls)
    end)
  end)
end)

describe("a lock in a bucket", function()
  local BOOK = 'local cso = require "cso"\ncso.stack { name = "net" }\n'
    .. 'for i = 1, 3 do cso.aws.EC2.VPC("v" .. i) { CidrBlock = "10." .. i .. ".0.0/16" } end\n'
  local STATE = { CSORUN_STATE = "s3://team-state/" }

  it("of runs that died one after another as soon as they had it is taken over by the next", function()
    world.run({ files = { ["net.lua"] = BOOK }, seed = 1 }, function(p)
      good(p, "exec s3.CreateBucket Bucket=team-state CreateBucketConfiguration.LocationConstraint=eu-west-2")
      good(p, "plan net.lua", STATE)
      -- What a run writes before its first creation depends on what it finds: each call once, before and after.
      for at = 1, 6 do
        for _, moment in ipairs { "before", "after" } do die(p, at, moment, "apply net.lua -y", STATE) end
      end
      for _ = 1, 3 do die(p, 1, "after", "apply net.lua -y", STATE) end
      good(p, "apply net.lua -y", STATE)
      assert.match("ec2/Vpc=3", p:counts(), 1, true)
      good(p, "plan net.lua --detailed-exitcode", STATE)
    end)
  end)
end)
