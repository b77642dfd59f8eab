-- kill -9 while a run is changing the account, at calls spread over the whole deployment: the next
-- run converges on what an undisturbed run makes, and nothing is there twice or left over.
local sqlite = require "cso.std.sqlite"
local world = require "spec.scenario.world"

describe("a run that is killed", function()
  local files, clean, counts, total = { ["net.lua"] = world.text "spec/scenario/network.lua" }, nil, nil, nil

  local function forget(p)
    p:open()
    assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
  end

  local function killed(p, at, moment, words)
    p.calls, p.kill = {}, { at = at, moment = moment }
    local code, text = p:csorun(words)
    p.kill = nil
    assert.equal(137, code, ("not killed %s call %d: %s"):format(moment, at, text))
  end

  setup(function()
    world.run({ files = files, seed = 1 }, function(p)
      local code, text = p:csorun "apply net.lua -y"
      assert.equal(0, code, text)
      clean, counts, total = p:inventory(), p:counts(), #p.calls
    end)
  end)

  it("goes on where it stopped", function()
    world.run({ files = files, seed = 1 }, function(p)
      for at = 1, total, 6 do
        for i, moment in ipairs { "before", "after" } do
          forget(p)
          local point = math.min(at + i - 1, total)
          killed(p, point, moment, "apply net.lua -y")
          local where = ("killed %s call %d, %s\n"):format(moment, point, p.calls[point])
          local code, text = p:csorun "apply net.lua -y"
          assert.equal(0, code, where .. text)
          assert.equal(counts, p:counts(), where)
          assert.equal(clean, p:inventory(), where)
          code, text = p:csorun "plan net.lua --detailed-exitcode"
          assert.equal(0, code, where .. text)
        end
      end
    end)
  end)

  it("goes on when the second run is killed too", function()
    world.run({ files = files, seed = 1 }, function(p)
      for at = 2, total, 9 do
        forget(p)
        killed(p, at, "after", "apply net.lua -y")
        killed(p, 2, "after", "apply net.lua -y")
        local code, text = p:csorun "apply net.lua -y"
        assert.equal(0, code, text)
        assert.equal(counts, p:counts())
      end
    end)
  end)

  it("leaves nothing when it is destroyed instead", function()
    world.run({ files = files, seed = 1 }, function(p)
      for at = 1, total, 6 do
        forget(p)
        killed(p, at, "after", "apply net.lua -y")
        local code, text = p:csorun "destroy net.lua -y"
        assert.equal(0, code, text)
        assert.equal("", p:counts(), ("killed after call %d"):format(at))
        assert.equal(0, (p:csorun "plan net.lua --destroy --detailed-exitcode"))
      end
    end)
  end)

  it("leaves nothing when a destruction is killed", function()
    world.run({ files = files, seed = 1 }, function(p)
      for at = 2, 21, 9 do
        forget(p)
        assert.equal(0, (p:csorun "apply net.lua -y"))
        killed(p, at, at % 2 == 0 and "before" or "after", "destroy net.lua -y")
        local code, text = p:csorun "destroy net.lua -y"
        assert.equal(0, code, text)
        assert.equal("", p:counts(), ("killed at call %d"):format(at))
      end
    end)
  end)

  it("says whose a thing is that died before it was tagged", function()
    local book = 'local cso = require "cso"\ncso.stack { name = "zone", tags = { Team = "a" } }\n'
      .. 'cso.aws.Route53.HostedZone "z" { Name = "kill.example." }\n'
    world.run({ files = { ["zone.lua"] = book }, seed = 1 }, function(p)
      assert.equal(0, (p:csorun "apply zone.lua -y"))
      local whole, last = p:inventory(), #p.calls
      assert.match("cso:address", whole, 1, true)
      forget(p)
      killed(p, last, "before", "apply zone.lua -y")
      assert.is_nil(p:inventory():find("cso:address", 1, true))
      local code, text = p:csorun "apply zone.lua -y"
      assert.equal(0, code, text)
      assert.equal(whole, p:inventory())
      assert.equal(0, (p:csorun "plan zone.lua --detailed-exitcode"))
    end)
  end)

  it("does not wait for what a bucket that it finds never had", function()
    local book = [[
local cso = require "cso"
cso.stack { name = "bucket" }
cso.aws.S3.Bucket "b" { BucketName = "kill-bucket", LifecycleConfiguration = { Rules = {
  { Id = "expire", Status = "Enabled", Prefix = "", ExpirationInDays = 3 } } } }
]]
    world.run({ files = { ["bucket.lua"] = book }, seed = 1 }, function(p)
      assert.equal(0, (p:csorun "apply bucket.lua -y"))
      local whole, needed, last = p:inventory(), p.requests, #p.calls
      forget(p)
      killed(p, last, "before", "apply bucket.lua -y")
      p.requests = 0
      local code, text = p:csorun "apply bucket.lua -y"
      assert.equal(0, code, text)
      assert.equal(whole, p:inventory())
      assert.not_match("~pending", text, 1, true)
      -- No single answer about a young thing is believed, so it is read more than once; waiting for
      -- what never comes would be dozens.
      assert.is_true(p.requests <= 3 * needed, p.requests)
    end)
  end)

  it("repairs again what a killed repair has changed already", function()
    local book = [[
local cso = require "cso"
cso.stack { name = "mend" }
cso.aws.Logs.LogGroup "a" { LogGroupName = "/mend", RetentionInDays = 7 }
]]
    world.run({ files = { ["mend.lua"] = book }, seed = 1 }, function(p)
      assert.equal(0, (p:csorun "apply mend.lua -y"))
      assert.equal(0, (p:csorun "exec logs.PutRetentionPolicy logGroupName=/mend retentionInDays=30"))
      killed(p, 1, "after", "drift --stack mend --repair Logs.LogGroup.a -y")
      local code, text = p:csorun "drift --stack mend --repair Logs.LogGroup.a -y"
      assert.equal(0, code, text)
      assert.equal(0, (p:csorun "plan mend.lua --detailed-exitcode"))
      assert.equal(3, (p:csorun "drift --stack mend --repair Logs.LogGroup.a -y"))
    end)
  end)

  it("knows a replacement that was being made beside the old one", function()
    local book = [[
local cso = require "cso"
local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" } }
cso.stack { name = "swap" }
cso.aws.EC2.VPC("main", { replace = "create_first" }) { CidrBlock = env.cidr }
]]
    world.run({ files = { ["swap.lua"] = book }, seed = 1 }, function(p)
      for _, point in ipairs { { 1, "after" }, { 2, "before" }, { 2, "after" } } do
        forget(p)
        assert.equal(0, (p:csorun "apply swap.lua -y"))
        killed(p, point[1], point[2], "apply swap.lua -y --set cidr=10.1.0.0/16")
        local code, text = p:csorun "apply swap.lua -y --set cidr=10.1.0.0/16"
        assert.equal(0, code, text)
        assert.match("ec2/Vpc=1", p:counts(), 1, true)
        assert.match('"10.1.0.0/16"', select(2, p:csorun "state show EC2.VPC.main"), 1, true)
        assert.equal(0, (p:csorun "plan swap.lua --detailed-exitcode --set cidr=10.1.0.0/16"))
      end
    end)
  end)

  -- What a first run died of may be long ago; what the second one did before it died is not.
  it("does not believe one look after a second run that died, however long ago the first one did", function()
    local book = 'local cso = require "cso"\ncso.stack { name = "late" }\ncso.aws.EC2.InternetGateway "x" {}\n'
    local function an_hour_passes(p)
      local db = assert(sqlite.open(p.dir .. "/.cso/late.db"))
      assert(db:exec [[UPDATE pending SET at = at - 3600; UPDATE journal SET at = at - 3600, finished = finished - 3600;
        UPDATE runs SET started = started - 3600]])
      db:close()
    end
    world.run({ files = { ["late.lua"] = book }, seed = 1, faults = "stale=3s" }, function(p)
      killed(p, 1, "before", "apply late.lua -y")
      an_hour_passes(p)
      killed(p, 1, "after", "apply late.lua -y")
      local code, text = p:csorun "apply late.lua -y"
      assert.equal(0, code, text)
      assert.match("/InternetGateway=1$", p:counts())
    end)
  end)
end)
