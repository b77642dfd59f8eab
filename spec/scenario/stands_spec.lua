-- A zone in which a database stands does not go from under it: the plan says so, not half of an apply.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local env = cso.env { zones = cso.t.list(cso.t.string, { default = { "a", "b", "c" } }), db = cso.t.boolean { default = true },
  twice = cso.t.boolean { default = false }, third = cso.t.integer { default = 10 }, at = cso.t.string { default = "c" } }
cso.stack { name = "life" }
local A, kept = cso.aws, {}
local vpc = A.EC2.VPC "v" { CidrBlock = "10.0.0.0/16" }
for i, zone in ipairs(env.zones) do
  kept[i] = A.EC2.Subnet(zone) { VpcId = vpc, AvailabilityZone = "eu-west-2" .. zone,
    CidrBlock = ("10.0.%d.0/24"):format(({ a = 1, b = 2, c = env.third })[zone]) }
end
local group = A.RDS.DBSubnetGroup "g" { SubnetIds = kept, DBSubnetGroupDescription = "x" }
if env.db then
  A.RDS.DBInstance "db" { Engine = "mysql", DBInstanceClass = "db.t3.micro", AllocatedStorage = "20", MultiAZ = env.twice,
    MasterUsername = "admin", MasterUserPassword = cso.secret "longer-than-8", DBSubnetGroupName = group,
    AvailabilityZone = not env.twice and "eu-west-2" .. env.at or nil }
end
]]

local function inside(fn)
  world.run({ files = { ["life.lua"] = BOOK } }, function(p)
    fn(p, function(words, expected) return p:must(words, expected) end)
  end)
end

describe("a zone in which a database stands", function()
  it("is not given up while it stands there, nor is its subnet exchanged; another one is", function()
    inside(function(p, run)
      run "apply life.lua -y"
      p.calls = {}
      for _, words in ipairs { "plan", "plan --refresh=false", "plan --rehearse", "apply -y" } do
        local text = run(words .. ' life.lua --set zones=["a","b"]', 3)
        assert.match("RDS.DBSubnetGroup.g can't give up the subnet of eu-west-2c: RDS.DBInstance.db", text, 1, true)
        assert.match("--replace 'RDS.DBInstance.db'", text, 1, true)
        assert.match("life.lua:11", text, 1, true)
      end
      assert.match("can't give up the subnet of eu-west-2c", run("apply life.lua -y --set third=20", 3), 1, true)
      assert.same({}, p.calls)
      run 'apply life.lua -y --set zones=["b","c"]'
      run 'plan life.lua --detailed-exitcode --set zones=["b","c"]'
    end)
  end)

  it("is known of subnets that another stack has made", function()
    inside(function(p, run)
      local other = BOOK:gsub("\nlocal group.*", ""):gsub('"life"', '"net"')
      p:write("net.lua", other)
      run "apply net.lua -y"
      local ids = {}
      for place, collection in pairs(p.sim.world.store.places) do
        for id, row in pairs(place:match("ec2/[Ss]ubnet$") and collection.rows or {}) do
          ids[row.CidrBlock:match("10.0.(%d+).")] = id
        end
      end
      local list = ("cso.t.list(cso.t.string, { default = { %q, %q, %q } })"):format(ids["1"], ids["2"], ids["10"])
      p:write("life.lua", (BOOK:gsub("local env = cso.env { ",
        "%0ids = " .. list .. ", "):gsub("local vpc.-\nend\n", ""):gsub("SubnetIds = kept", "SubnetIds = env.ids")))
      run "apply life.lua -y"
      local words = ('life.lua --set ids=[%q,%q]'):format(ids["1"], ids["2"])
      for _, more in ipairs { "", "--refresh=false " } do
        assert.match("can't give up the subnet of eu-west-2c", run("apply -y " .. more .. words, 3), 1, true)
      end
      run(('apply life.lua -y --set ids=[%q,%q]'):format(ids["1"], ids["10"]))
    end)
  end)

  it("goes after what is made anew elsewhere or taken away in the same run", function()
    inside(function(_, run)
      run "apply life.lua -y"
      run [[apply life.lua -y --set zones=["a","b"] --set at=b]]
      run 'plan life.lua --detailed-exitcode --set zones=["a","b"] --set at=b'
      run "apply life.lua -y --set db=false"
      run 'apply life.lua -y --set zones=["b","c"]'
      run 'apply life.lua -y --set zones=["a","b"] --set db=false'
    end)
  end)

  it("counts for a standby, too, which can be given up", function()
    inside(function(_, run)
      run "apply life.lua -y --set twice=true"
      local primary = run('apply life.lua -y --set twice=true --set zones=["b","c"]', 3)
      assert.match("ForceFailover", primary, 1, true)
      assert.match("subnet of eu-west-2a", primary, 1, true)
      local standby = run('apply life.lua -y --set twice=true --set zones=["a","c"]', 3)
      assert.match("subnet of eu-west-2b", standby, 1, true)
      assert.match("apply MultiAZ = false first", standby, 1, true)
      run 'apply life.lua -y --set twice=true --set zones=["a","b"]'
    end)
  end)
end)
