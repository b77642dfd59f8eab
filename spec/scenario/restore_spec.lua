-- A database that was deleted with a last snapshot comes back with what was in it.
local life = require "spec.life.harness"
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local env = cso.env { keep = cso.t.boolean { default = true }, name = cso.t.string { default = "adm" },
  class = cso.t.string { default = "db.t3.micro" }, kept = cso.t.boolean { default = false },
  volume = cso.t.boolean { default = false } }
cso.stack { name = "life" }
local A = cso.aws
local vpc = A.EC2.VPC "v" { CidrBlock = "10.0.0.0/16" }
local a = A.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = A.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
local sg = A.EC2.SecurityGroup "db" { GroupDescription = "db", VpcId = vpc }
local group = A.RDS.DBSubnetGroup "g" { SubnetIds = { a, b }, DBSubnetGroupDescription = "x" }
local parameters = A.RDS.DBParameterGroup "p" { Family = "mysql8.0", Description = "x", Parameters = { long_query_time = "2" } }
local key = A.KMS.Key "k" { KeyPolicy = { Version = "2012-10-17", Statement = { { Effect = "Allow", Resource = "*",
  Action = "kms:*", Principal = { AWS = cso.fmt("arn:aws:iam::%s:root", cso.account().id) } } } } }
local password = cso.random.password "db" { length = 24 }
if env.kept then A.SecretsManager.Secret "db" { Name = "db", SecretString = password.value } end
local db = A.RDS.DBInstance("db", { retain = env.keep and "snapshot" or nil }) { Engine = "mysql", EngineVersion = "8.0.42",
  DBInstanceIdentifier = "life-db", DBInstanceClass = env.class, AllocatedStorage = "40", MaxAllocatedStorage = 100,
  StorageType = "gp3", MultiAZ = true, StorageEncrypted = true, KmsKeyId = key.Arn, MasterUsername = env.name,
  MasterUserPassword = password.value, DBSubnetGroupName = group, VPCSecurityGroups = { sg },
  DBParameterGroupName = parameters, BackupRetentionPeriod = 7, PreferredBackupWindow = "03:00-04:00",
  PreferredMaintenanceWindow = "sun:05:00-sun:06:00", CopyTagsToSnapshot = true, AutoMinorVersionUpgrade = false,
  EnableCloudwatchLogsExports = { "error" }, Tags = { Name = "db" } }
if env.volume then
  A.EC2.Volume("v", { retain = "snapshot" }) { AvailabilityZone = "eu-west-2a", Size = 8 }
end
cso.output { database = db.Endpoint.Address }
]]

local function inside(fn, latency)
  world.run({ files = { ["life.lua"] = BOOK }, seed = 1, latency = latency }, function(p)
    fn(p, function(words, expected) return p:must(words, expected) end)
  end)
end

-- Without what is left behind on purpose.
local function inventory(p)
  return (table.concat(life.inventory(p.sim.dump()), "\n"):gsub("[^\n]*DBSnapshot[^\n]*\n?", ""))
end

local function rows(p, kind)
  local out = {}
  for place, collection in pairs(p.sim.world.store.places) do
    for id, row in pairs(place:match("rds/" .. kind:lower() .. "$") and collection.rows
      or place:match("rds/" .. kind .. "$") and collection.rows or {}) do out[id] = row end
  end
  return out
end

describe("a database that left a last snapshot", function()
  it("is restored from it by the rollback of its deletion, as it was, and nothing is lost", function()
    inside(function(p, run)
      run "apply life.lua -y"
      local before = inventory(p)
      local was = rows(p, "DBInstance")["life-db"]
      assert.truthy(was)
      local text = run "plan life.lua --destroy"
      assert.match("keeps a last snapshot, from which `csorun rollback` restores it", text, 1, true)
      local of_db = text:match("RDS.DBInstance.db  delete\n([^\n]+)\n")
      assert.not_match("loses for good", of_db)
      run "destroy life.lua -y"
      assert.same({}, rows(p, "DBInstance"))
      local name = next(rows(p, "DBSnapshot"))
      text = run "rollback last --plan"
      assert.match("it is restored from its last snapshot, " .. name, text:gsub("%s+", " "), 1, true)
      p.calls = {}
      run "rollback last -y --accept-loss"
      assert.truthy((" " .. table.concat(p.calls, " ")):find("rds.RestoreDBInstanceFromDBSnapshot", 1, true))
      run "plan life.lua --detailed-exitcode"
      assert.equal(before, inventory(p))
      local now = rows(p, "DBInstance")["life-db"]
      for _, field in ipairs { "DBInstanceClass", "AllocatedStorage", "MaxAllocatedStorage", "MultiAZ", "KmsKeyId",
        "BackupRetentionPeriod", "PreferredMaintenanceWindow", "PreferredBackupWindow" } do
        assert.equal(was[field], now[field], field)
      end
      assert.not_equal(was.DbiResourceId, now.DbiResourceId)
    end)
  end)

  it("is restored in the place of what was made instead of it", function()
    inside(function(p, run)
      run "apply life.lua -y --set kept=true"
      local first = rows(p, "DBInstance")["life-db"].DbiResourceId
      for _, words in ipairs { "--set kept=true --set name=other", "--set kept=true --replace RDS.DBInstance.db" } do
        local before = rows(p, "DBInstance")["life-db"].MasterUsername
        run("apply life.lua -y " .. words)
        assert.not_match("restored_from", run "state show RDS.DBInstance.db --stack life --json", 1, true)
        local name = next(rows(p, "DBSnapshot"))
        assert.equal(first, rows(p, "DBSnapshot")[name].DbiResourceId)
        local text = run "rollback last -y"
        assert.match("what was there before is restored from its last snapshot, " .. name, text:gsub("%s+", " "), 1, true)
        run "plan life.lua --detailed-exitcode --set kept=true"
        assert.equal(before, rows(p, "DBInstance")["life-db"].MasterUsername)
        assert(p:csorun { "exec", "rds.DeleteDBSnapshot", "DBSnapshotIdentifier=" .. name })
        for other in pairs(rows(p, "DBSnapshot")) do
          assert(p:csorun { "exec", "rds.DeleteDBSnapshot", "DBSnapshotIdentifier=" .. other })
        end
        first = rows(p, "DBInstance")["life-db"].DbiResourceId
      end
    end)
  end)

  it("is told as lost when that is gone, and comes back empty only when that is accepted", function()
    inside(function(p, run)
      run "apply life.lua -y --set kept=true"
      run "apply life.lua -y --set kept=true --replace RDS.DBInstance.db"
      p:csorun { "exec", "rds.DeleteDBSnapshot", "DBSnapshotIdentifier=" .. next(rows(p, "DBSnapshot")) }
      assert.same({}, rows(p, "DBSnapshot"))
      local text = run("rollback last -y", 6)
      assert.match("its data: no last snapshot of it is there any more", text:gsub("%s+", " "), 1, true)
    end)
  end)

  it("gets another password where the earlier one is kept nowhere, and keeps it where it is", function()
    inside(function(p, run)
      for _, words in ipairs { "--set kept=true", "" } do
        run("apply life.lua -y " .. words)
        run "destroy life.lua -y"
        p.calls = {}
        run "rollback last -y --accept-loss"
        run("plan life.lua --detailed-exitcode " .. words)
        run "destroy life.lua -y"
      end
    end)
  end)

  local function killed_at_each_call(words, latency)
    inside(function(p, run)
      local before, id
      local function gone()
        p:open()
        assert(os.execute(("rm -rf '%s/.cso'"):format(p.dir)))
        run "apply life.lua -y --set kept=true"
        before = inventory(p)
        id = run(words .. " --json"):match('"run":"([^"]+)"')
        p.calls = {}
      end
      for _, operation in ipairs { "DeleteDBInstance", "RestoreDBInstanceFromDBSnapshot", "ModifyDBInstance" } do
        for _, moment in ipairs { "before", "after" } do
          gone()
          p.watch = function(now, _, called)
            if now == moment and called == operation and not p.kill then
              p.kill = { moment = moment, at = #p.calls + (moment == "before" and 1 or 0) }
              p.watch = nil
            end
          end
          local code = p:csorun("rollback " .. id .. " -y --accept-loss")
          p.watch, p.kill = nil, nil
          if code ~= 137 then assert.equal("DeleteDBInstance", operation) end
          local again, text = p:csorun("rollback " .. id .. " -y --accept-loss")
          local label = ("%s %s %s\n%s"):format(words, moment, operation, text)
          assert.equal(0, again, label)
          local planned, plan = p:csorun "plan life.lua --detailed-exitcode --set kept=true"
          assert.equal(0, planned, label .. plan)
          assert.equal(before, inventory(p), label)
          local restores = 0
          for _, call in ipairs(p.calls) do restores = restores + (call:match("RestoreDB") and 1 or 0) end
          assert.equal(label:find("before Restore", 1, true) and 2 or 1, restores, label)
        end
      end
    end, latency)
  end

  it("is restored once, wherever the rollback is killed", function()
    killed_at_each_call "apply life.lua -y --set kept=true --replace RDS.DBInstance.db"
  end)

  it("is waited for by who goes on after a kill", function()
    killed_at_each_call("destroy life.lua -y -t RDS.DBInstance.db", "realistic")
  end)

  it("is no word for what leaves none", function()
    inside(function(_, run)
      local text = run("plan life.lua --set volume=true", 3)
      assert.match("EC2.Volume.v leaves no last snapshot", text, 1, true)
      run "apply life.lua -y --set keep=false"
      text = run "plan life.lua --destroy"
      assert.match("loses for good its data", text, 1, true)
    end)
  end)
end)
