-- Changes that no service makes are told by the plan, before half of an apply is done.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local env = cso.env { gib = cso.t.integer { default = 20 }, engine = cso.t.string { default = "8.0.42" },
  rises = cso.t.boolean { default = false } }
cso.stack { name = "life" }
local A = cso.aws
local vpc = A.EC2.VPC "v" { CidrBlock = "10.0.0.0/16" }
local a = A.EC2.Subnet "a" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local b = A.EC2.Subnet "b" { VpcId = vpc, CidrBlock = "10.0.2.0/24", AvailabilityZone = "eu-west-2b" }
A.EC2.Volume "data" { AvailabilityZone = "eu-west-2a", Size = env.gib, VolumeType = "gp3" }
local group = A.RDS.DBSubnetGroup "g" { SubnetIds = { a, b }, DBSubnetGroupDescription = "x" }
A.RDS.DBInstance "db" { Engine = "mysql", EngineVersion = env.engine, DBInstanceClass = "db.t3.micro",
  AllocatedStorage = tostring(env.gib), MasterUsername = "admin", MasterUserPassword = cso.secret "longer-than-8",
  DBSubnetGroupName = group, AutoMinorVersionUpgrade = env.rises }
]]

describe("a change that no service makes", function()
  it("is refused by the plan, all at once; to grow is not, nor to be replaced when asked for", function()
    world.run({ files = { ["life.lua"] = BOOK } }, function(p)
      local function run(words, expected)
        local code, text = p:csorun(words)
        assert.equal(expected or 0, code, text)
        return text
      end
      run "apply life.lua -y"
      run "apply life.lua -y --set gib=40 --set engine=8.0.43"
      p.calls = {}
      local text = run("apply life.lua -y --set gib=30", 3)
      assert.match("3 changes can't be made to what is there", text, 1, true)
      assert.match("EC2.Volume.data: Size: a volume can't shrink from 40 to 30 GiB", text, 1, true)
      assert.match("RDS.DBInstance.db: AllocatedStorage: storage can't shrink from 40 to 30 GiB", text, 1, true)
      assert.match("RDS.DBInstance.db: EngineVersion: an engine can't go back from 8.0.43 to 8.0.42", text, 1, true)
      assert.same({}, p.calls)
      run("apply life.lua -y --set gib=30 --replace EC2.Volume.data --replace RDS.DBInstance.db")
      run("plan life.lua --detailed-exitcode --set gib=30")
    end)
  end)

  it("is none where the service may raise the version by itself", function()
    world.run({ files = { ["life.lua"] = BOOK } }, function(p)
      local code, text = p:csorun "apply life.lua -y --set engine=8.0.43 --set rises=true"
      assert.equal(0, code, text)
      code, text = p:csorun "plan life.lua --set rises=true --detailed-exitcode"
      assert.equal(0, code, text)
    end)
  end)
end)
