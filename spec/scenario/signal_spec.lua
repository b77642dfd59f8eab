-- Ctrl-C and its like at every moment of a run, and two runs at once.
local task = require "cso.task"
local world = require "spec.scenario.world"

local SLOW = [[
local cso = require "cso"
cso.stack { name = "slow" }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local wait = cso.step "wait" { after = { vpc }, timeout = "2m", every = "1s",
  run = function(s) return s:retry("never") end }
EC2.InternetGateway("late", { after = { wait } }) {}
]]

-- The child has made its first thing: it is in the middle of its run.
local function started(p)
  world.wait_for("a first call", function() return #p.calls > 0 end)
  task.sleep(0.3)
end

describe("a run that is asked to stop", function()
  it("finishes what is in flight, remembers it and says how to go on", function()
    for _, signal in ipairs { "sigint", "sigterm", "sighup" } do
      world.run({ files = { ["slow.lua"] = SLOW }, pace = 1 }, function(p)
        local child = p:start { "apply", "slow.lua", "-y" }
        started(p)
        local asked = world.now()
        child.kill(signal)
        local code, out, err = child.wait()
        assert.equal(130, code, out .. err)
        assert.is_true(world.now() - asked < 5, signal)
        assert.match("Ctrl%-C again stops at once", out .. err)
        assert.match("goes on from there", out .. err)
        assert.match("EC2.VPC.main", select(2, p:csorun "state list --stack slow"), 1, true)
        assert.equal("ec2.CreateVpc", table.concat(p.calls, " "))
      end)
    end
  end)

  it("stops at once when asked twice", function()
    world.run({ files = { ["slow.lua"] = SLOW }, pace = 1 }, function(p)
      local child = p:start { "apply", "slow.lua", "-y" }
      started(p)
      child.kill "sigint"
      task.sleep(0.05)
      child.kill "sigint"
      assert.equal(130, (child.wait()))
      assert.match("EC2.VPC.main", select(2, p:csorun "state list --stack slow"), 1, true)
    end)
  end)

  it("stops while it evaluates or plans, with nothing done", function()
    local book = 'local cso = require "cso"\ncso.stack { name = "hang" }\ncso.api.ec2 {}:DescribeVpcs {}\n'
      .. 'cso.sleep(30)\ncso.aws.EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\n'
    for _, command in ipairs { "plan", "apply" } do
      world.run({ files = { ["hang.lua"] = book } }, function(p)
        local before = p.requests
        local child = p:start { command, "hang.lua" }
        world.wait_for("a first request", function() return p.requests > before end)
        child.kill "sigint"
        local code, out, err = child.wait()
        assert.equal(130, code, out .. err)
        assert.is_nil((out .. err):find("traceback", 1, true))
        assert.equal("", p:counts())
      end)
    end
  end)
end)

local SHARED = [[
local cso = require "cso"
cso.stack { name = "team", state = "s3://team-state/team.db" }
cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
]]

describe("a lock in a bucket", function()
  local function lock_of(p)
    local _, text = p:csorun "exec s3.ListObjectsV2 Bucket=team-state --query Contents[].Key --json"
    return text:find("team.db.lock", 1, true) ~= nil
  end

  local function locked(p)
    world.wait_for("a locked state", function() return lock_of(p) end)
  end

  it("is given back by a run that is stopped before it applies anything", function()
    world.run({ files = { ["team.lua"] = SHARED, ["wait.lua"] = SHARED .. "cso.sleep(30)\n" } }, function(p)
      assert.equal(0, (p:csorun("exec s3.CreateBucket Bucket=team-state "
        .. "CreateBucketConfiguration.LocationConstraint=eu-west-2")))
      assert.equal(0, (p:csorun "apply team.lua -y"))
      for _, signal in ipairs { "sigint", "sigterm", "sighup" } do
        local child = p:start { "apply", "wait.lua", "-y" }
        locked(p)
        child.kill(signal)
        local code, out, err = child.wait()
        assert.equal(130, code, out .. err)
        assert.match("what was locked is given back", err)
        assert.is_false(lock_of(p))
      end
    end)
  end)

  it("is given back by whoever is asked and answers with Ctrl-C", function()
    if not os.execute "script -qec true /dev/null >/dev/null 2>&1" then return pending "no terminal can be made here" end
    world.run({ files = { ["team.lua"] = SHARED } }, function(p)
      assert.equal(0, (p:csorun("exec s3.CreateBucket Bucket=team-state "
        .. "CreateBucketConfiguration.LocationConstraint=eu-west-2")))
      local csorun = require("luv").exepath():match "^(.*)/[^/]*$" .. "/csorun"
      -- Nobody answers; the terminal's own Ctrl-C is typed when the question stands there.
      local child = p:start({ "-c", ([[touch seen; (until grep -q 'yes' seen; do sleep 0.1; done; printf '\003'; sleep 1) |
        script -qfec '%s apply team.lua' seen]]):format(csorun) }, { program = "/bin/sh", limit = 120 })
      local _, out, err = child.wait()
      assert.match("nothing was changed", out .. err)
      assert.is_false(lock_of(p))
      assert.is_nil(table.concat(p.calls, " "):find("CreateVpc", 1, true))
    end)
  end)
end)

describe("a run that somebody started to run on", function()
  it("does not end with the terminal", function()
    local book = SLOW:gsub('s:retry%("never"%)', 'io.open("go") ~= nil or s:retry("not yet")')
    world.run({ files = { ["slow.lua"] = book }, pace = 1 }, function(p)
      local csorun = require("luv").exepath():match "^(.*)/[^/]*$" .. "/csorun"
      local child = p:start({ "-c", ("trap '' HUP; exec '%s' apply slow.lua -y"):format(csorun) }, { program = "/bin/sh" })
      started(p)
      child.kill "sighup"
      task.sleep(0.2)
      io.open(p.dir .. "/go", "w"):close()
      local code, out, err = child.wait()
      assert.equal(0, code, out .. err)
    end)
  end)
end)

describe("two runs at once", function()
  it("lets one through and tells the other who holds the lock", function()
    world.run({ files = { ["slow.lua"] = SLOW }, pace = 1 }, function(p)
      local child = p:start { "apply", "slow.lua", "-y" }
      started(p)
      local asked = world.now()
      local code, text = p:csorun "apply slow.lua -y"
      assert.equal(5, code, text)
      assert.is_true(world.now() - asked < 2)
      assert.match("is locked: apply by spec@?%S* %(process " .. child.pid .. "%) since", text)
      code = p:csorun "destroy slow.lua -y"
      assert.equal(5, code)
      assert.equal(0, (p:csorun "plan slow.lua"))
      child.kill "sigkill"
      child.wait()
      -- The lock went with its holder.
      code, text = p:csorun "destroy slow.lua -y"
      assert.equal(0, code, text)
      assert.equal("", p:counts())
    end)
  end)
end)
