-- How long a run takes against the longest chain of things that wait for each other, on a clock that only
-- passes when everybody waits: the account takes its usual time for everything, each call has its way to go,
-- and no figure depends on this machine.
local task = require "cso.task"
local virtual = require "spec.support.virtual"

local KEYS = { access_key = "AKIALIFE", secret_key = "life-secret", account = "123456789012" }

---@param opts { latency: string, way: number, start: table? }  of the account; seconds of each call
local function within(opts, fn)
  local ok, e = task.run(function()
    local time = virtual.new()
    return time.run(function()
      local defect
      local sim = assert(require("sim").start { credentials = { KEYS }, latency = opts.latency, clock = time.clock,
        report = function(text) defect = text end })
      local store = require("cso.state").memory(time.clock)
      local session = assert(require("cso.aws").session {
        env = { AWS_ACCESS_KEY_ID = KEYS.access_key, AWS_SECRET_ACCESS_KEY = KEYS.secret_key, AWS_REGION = "eu-west-2",
          AWS_ENDPOINT_URL = sim.url, AWS_CONFIG_FILE = "/dev/null", AWS_SHARED_CREDENTIALS_FILE = "/dev/null",
          AWS_EC2_METADATA_DISABLED = "true" },
        sleep = time.sleep, now = time.now, clock = time.clock,
        http = function(request)
          time.sleep(opts.way)
          return time.busy(function() return require("cso.http").request(request) end)
        end,
      })
      local world = { time = time, store = store, session = session, sim = sim }
      local fine, failure = xpcall(fn, function(x) return type(x) == "table" and x or debug.traceback(x, 2) end, world)
      sim.close()
      store:close()
      if not fine then return failure end
      return defect or true
    end)
  end)
  if ok ~= true then error(ok or e, 0) end
end

local function load(world, file)
  return assert(require("cso.playbook").load(file, { session = world.session, sim = true, environ = {},
    print = function() end, identity = function(target) return world.session:identity(target) end }))
end

local function common(world, program, more)
  local time = world.time
  local opts = { program = program, state = world.store, session = world.session, stack = program.stack.name,
    sleep = time.sleep, now = time.now, who = "spec",
    identity = function(target) return world.session:identity(target) end,
    make_key = function(bits)
      return time.busy(function() return require("cso.task.work").rsa_key(bits) end)
    end }
  for k, v in pairs(more or {}) do opts[k] = v end
  return opts
end

local function carry_out(world, program, destroy)
  local made = assert(require("cso.plan").make(common(world, program, { destroy = destroy })))
  local result = assert(require("cso.apply").run(common(world, program, { plan = made })))
  for _, failure in ipairs(result.failed) do error(failure.err, 0) end
  return result, made
end

-- Each thing on the path waits for the one before it, or is it; and the path is as long as it says.
local function is_a_chain(result, made)
  local sum, before = 0, nil
  for _, item in ipairs(result.critical.path) do
    sum = sum + item.seconds
    local node = made.nodes[item.address]
    if before and before ~= item.address then
      local linked = false
      for _, pair in ipairs { { node, before }, { made.nodes[before], item.address } } do
        for _, need in ipairs(pair[1].depends) do linked = linked or need == pair[2] end
      end
      assert.is_true(linked, ("%s does not wait for %s"):format(item.address, before))
    end
    before = item.address
  end
  assert.is_true(math.abs(sum - result.critical.seconds) < 1e-6)
end

local function close_to_its_path(result, made)
  is_a_chain(result, made)
  assert.is_true(result.seconds <= 1.05 * result.critical.seconds,
    ("%.2f s; its longest path takes %.2f s"):format(result.seconds, result.critical.seconds))
end

describe("a run of prod-ha takes hardly longer than its longest path:", function()
  it("where the account takes its usual time", function()
    within({ latency = "realistic", way = 0.05 }, function(world)
      local program = load(world, "playbooks/prod-ha.lua")
      local result, made = carry_out(world, program)
      close_to_its_path(result, made)
      -- Nothing is as slow as the database, whose address then goes into the zone.
      local slowest, last = { seconds = 0 }, result.critical.path[#result.critical.path]
      for _, item in ipairs(result.critical.path) do
        if item.seconds > slowest.seconds then slowest = item end
      end
      assert.same({ "database/RDS.DBInstance.main", "ready" }, { slowest.address, slowest.moment })
      assert.equal("dns/Route53.RecordSet.mysql", last.address)
      result, made = carry_out(world, program, true)
      close_to_its_path(result, made)
    end)
  end)

  it("where only the way to the account takes time", function()
    within({ latency = "none", way = 0.25 }, function(world)
      local program = load(world, "playbooks/prod-ha.lua")
      close_to_its_path(carry_out(world, program))
    end)
  end)
end)

local function many(world, n)
  local file = os.tmpname()
  local out = assert(io.open(file, "w"))
  out:write(([[
local cso = require "cso"
for i = 1, %d do cso.aws.EC2.Volume("v" .. i) { AvailabilityZone = "eu-west-2a", Size = 8, VolumeType = "gp3" } end
]]):format(n))
  out:close()
  local program = load(world, file)
  os.remove(file)
  return program
end

describe("a run after one that was killed", function()
  it("looks for all that may have been made at the same time", function()
    local function seconds(n)
      local taken
      within({ latency = "none", way = 0.05 }, function(world)
        local program = many(world, n)
        for i = 1, n do
          world.store:expect { address = "EC2.Volume.v" .. i, run = "r", token = ("%032d"):format(i), intent = {
            type = "AWS::EC2::Volume", desired = { AvailabilityZone = "eu-west-2a", Size = 8, VolumeType = "gp3" },
            target = {}, depends = {}, native = true } }
        end
        local before = world.time.now()
        local result = carry_out(world, program)
        assert.same({ create = n }, result.counts)
        taken = world.time.now() - before
      end)
      return taken
    end
    local one, eight = seconds(1), seconds(8)
    assert.is_true(one > 2, one) -- it did look more than once
    assert.is_true(eight < one + 1, ("one %.1f s, eight %.1f s"):format(one, eight))
  end)
end)

describe("a run that has to wait for its budget", function()
  it("learns how long things take, not how long they waited", function()
    within({ latency = "none", way = 1 }, function(world)
      local program = many(world, 24)
      local narrow = require("cso.apply.budget").new(world.time.now, 1)
      local made = assert(require("cso.plan").make(common(world, program)))
      local result = assert(require("cso.apply").run(common(world, program, { plan = made, budget = narrow })))
      assert.same({ create = 24 }, result.counts)
      local learned = world.store:durations()["AWS::EC2::Volume"]
      assert.is_true(result.seconds > 4 * learned.create, ("%.1f s, each %.1f s"):format(result.seconds, learned.create))
      assert.is_true(learned.create <= 2.1, learned.create)
      assert.is_true(result.critical.seconds < result.seconds / 2)
    end)
  end)
end)
