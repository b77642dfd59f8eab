-- Secrets that a run changed and that their services remember: a rollback gives them back, and writes none down.
local world = require "spec.scenario.world"

local HEAD = [[
local cso = require "cso"
local env = cso.env { word = cso.t.string { sensitive = true } }
cso.stack { name = "earlier" }
local aws = cso.aws
]]
local BOOK = HEAD .. [[
aws.SecretsManager.Secret "s" { Name = "earlier/s", SecretString = cso.secret(env.word) }
aws.SecretsManager.Secret "j" { Name = "earlier/j", SecretString = cso.json { user = "app", word = cso.secret(env.word) } }
aws.SSM.Parameter "p" { Name = "/earlier/p", Type = "SecureString", Value = cso.secret(env.word) }
]]
local WORDS = { "FirstWord-4471", "SecondWord-9982", "ThirdWord-3315" }

describe("an earlier secret", function()
  local place

  local function run(words, word, expect)
    local args = {}
    for one in words:gmatch "%S+" do args[#args + 1] = one end
    local code, text = place:csorun(args, { env = { CSO_VAR_word = word and WORDS[word] or nil } })
    assert.equal(expect or 0, code, words .. "\n" .. text)
    return text
  end

  local function last() return run("history --json"):match '"id":%s*"([^"]+)"' end

  local function told()
    local secret = "exec secretsmanager.GetSecretValue --query SecretString --reveal SecretId=earlier/"
    return run(secret .. "s") .. run(secret .. "j")
      .. run "exec ssm.GetParameter Name=/earlier/p WithDecryption=true --query Parameter.Value --reveal"
  end

  local function unwritten()
    for name in assert(io.popen(("find '%s/.cso' -type f"):format(place.dir))):lines() do
      for _, word in ipairs(WORDS) do
        assert.is_nil(place:read(name:sub(#place.dir + 2)):find(word, 1, true), name)
      end
    end
  end

  it("comes back from the versions before, and is written nowhere", function()
    world.run({ files = { ["p.lua"] = BOOK } }, function(p)
      place = p
      run("apply p.lua -y", 1)
      local first = told()
      run("apply p.lua -y", 2)
      local second, run2 = told(), last()
      assert.not_equal(first, second)
      run("apply p.lua -y", 3)
      local run3 = last()
      run("rollback " .. run3 .. " -y")
      assert.equal(second, told())
      -- What has no label any more is there for a while as well.
      run("rollback " .. run2 .. " -y")
      assert.equal(first, told())
      run("plan p.lua --detailed-exitcode", 1)
      unwritten()
    end)
  end)

  it("comes back whenever the rollback is killed", function()
    for at = 1, 3 do
      for _, moment in ipairs { "before", "after" } do
        world.run({ files = { ["p.lua"] = BOOK } }, function(p)
          place = p
          run("apply p.lua -y", 1)
          local first = told()
          run("apply p.lua -y", 2)
          local words = "rollback " .. last() .. " -y"
          p.calls, p.kill = {}, { at = at, moment = moment }
          run(words, nil, 137)
          run(words)
          assert.equal(first, told(), ("killed %s call %d"):format(moment, at))
          run("plan p.lua --detailed-exitcode", 1)
        end)
      end
    end
  end)

  it("stays changed where its service forgot it, and both plans say so", function()
    world.run({ files = { ["p.lua"] = BOOK } }, function(p)
      place = p
      run("apply p.lua -y", 1)
      run("apply p.lua -y", 2)
      for _, row in pairs(p.sim.world.store.places["123456789012/eu-west-2/secretsmanager/Secret"].rows) do
        for id, version in pairs(row._versions) do
          if not version.stages.AWSCURRENT then row._versions[id] = nil end
        end
      end
      local id = last()
      local text = run("rollback " .. id .. " -y", nil, 6)
      assert.match("SecretsManager.Secret.s: the earlier value of SecretString is kept nowhere", text, 1, true)
    end)
  end)

  it("is told to be lost by the plan that changes it where nothing keeps it", function()
    local book = HEAD .. [[
local vpc = aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = aws.EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = "10.0.0.0/24" }
local b = aws.EC2.Subnet "b" { VpcId = vpc, AvailabilityZone = "eu-west-2b", CidrBlock = "10.0.1.0/24" }
aws.RDS.DBInstance "db" { Engine = "mysql", DBInstanceClass = "db.t3.medium", AllocatedStorage = "20",
  MasterUsername = "app", MasterUserPassword = cso.secret(env.word),
  DBSubnetGroupName = aws.RDS.DBSubnetGroup "db" { DBSubnetGroupDescription = "db", SubnetIds = { a, b } } }
]]
    local keeper = 'aws.SecretsManager.Secret "s" { Name = "earlier/s", SecretString = cso.secret(env.word) }\n'
    world.run({ files = { ["p.lua"] = book, ["kept.lua"] = book .. keeper } }, function(p)
      place = p
      run("apply p.lua -y", 1)
      assert.match("loses for good the earlier MasterUserPassword: it is kept nowhere", run("plan p.lua", 2), 1, true)
      run("apply kept.lua -y", 1)
      assert.is_nil(run("plan kept.lua", 2):find("loses for good", 1, true))
    end)
  end)
end)
