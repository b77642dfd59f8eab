-- The zones of a deployed network come, go and are exchanged; what stays is not touched.
local world = require "spec.scenario.world"

local BOOK = [[
local cso = require "cso"
local env = cso.env { azs = cso.t.list(cso.t.string, { default = { "eu-west-2a", "eu-west-2c" } }),
  more = cso.t.list(cso.t.cidr, { default = {} }) }
cso.stack { name = "life" }
local A = cso.aws
local net = cso.use "cso.modules.networking" { cidr = "10.1.0.0/16", more_cidrs = env.more, azs = env.azs, ha = true,
  name = "life", load_balancers = true }
local group = A.EC2.SecurityGroup "files" { GroupDescription = "files", VpcId = net.vpc }
local key = A.KMS.Key "k" { KeyPolicy = { Version = "2012-10-17", Statement = { { Effect = "Allow", Resource = "*",
  Action = "kms:*", Principal = { AWS = cso.fmt("arn:aws:iam::%s:root", cso.account().id) } } } } }
cso.use "cso.modules.storage" { name = "life", subnets = net.private, zones = env.azs, group = group, key = key,
  bucket_name = "life-files", backup_selection = false }
A.RDS.DBSubnetGroup "db" { DBSubnetGroupDescription = "db", SubnetIds = net.private }
]]

local THREE, OTHER = '--set azs=["eu-west-2a","eu-west-2c","eu-west-2b"]', '--set azs=["eu-west-2a","eu-west-2b"]'
local ROOM = "--set more=[10.9.0.0/16]"

-- The ids of subnets by their ranges.
local function subnets(p)
  local out = {}
  for place, collection in pairs(p.sim.world.store.places) do
    for id, row in pairs(place:match("ec2/[Ss]ubnet$") and collection.rows or {}) do out[row.CidrBlock] = id end
  end
  return out
end

describe("the zones of a network", function()
  it("come, go and are exchanged, and each keeps its ranges", function()
    world.run({ files = { ["life.lua"] = BOOK } }, function(p)
      local function run(words, expected)
        local code, text = p:csorun(words)
        assert.equal(expected or 0, code, words .. "\n" .. text)
        return text
      end
      local function settled(words)
        run("apply life.lua -y " .. words)
        run("plan life.lua --detailed-exitcode " .. words)
        return subnets(p)
      end
      local first = settled ""
      local stay = { first["10.1.0.0/18"], first["10.1.128.0/18"] }
      assert.truthy(first["10.1.64.0/18"] and first["10.1.192.0/18"] and #stay == 2)

      local text = run("apply life.lua -y " .. THREE, 3)
      assert.match("no range left for eu-west-2b", text, 1, true)
      assert.same(first, subnets(p))

      -- What one zone gives up can't be had by another before it is free.
      text = run("apply life.lua -y " .. OTHER, 3)
      assert.match("has to stay until", text, 1, true)
      assert.match("by `more_cidrs`, in the environment by `vpc_more_cidrs`", text:gsub("%s+", " "), 1, true)
      assert.same(first, subnets(p))

      local three = settled(THREE .. " " .. ROOM)
      for range, id in pairs(first) do assert.equal(id, three[range]) end
      assert.truthy(three["10.9.0.0/18"] and three["10.9.128.0/18"])

      local two = settled(OTHER .. " " .. ROOM)
      assert.same({ ["10.1.0.0/18"] = stay[1], ["10.1.128.0/18"] = stay[2], ["10.9.0.0/18"] = three["10.9.0.0/18"],
        ["10.9.128.0/18"] = three["10.9.128.0/18"] }, two)

      -- The other way round in one go, too: what comes stands before what it takes over goes.
      local back = settled(ROOM)
      assert.equal(stay[1], back["10.1.0.0/18"])
      assert.truthy(back["10.1.64.0/18"])
      assert.same(4, #require("cso.std.deep").keys(back))
      run "rollback last -y --accept-loss"
      run("plan life.lua --detailed-exitcode " .. OTHER .. " " .. ROOM)
      back = settled(ROOM)
      local last = settled ""
      assert.equal(back["10.1.64.0/18"], last["10.1.64.0/18"])
      run "destroy life.lua -y"
    end)
  end)
end)
