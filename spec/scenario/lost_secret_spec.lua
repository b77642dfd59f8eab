-- Secrets that csorun makes, and of which state keeps digests only: what becomes of them when the run dies
-- before somebody keeps them, or when what kept them goes.
local records = require "cso.state.records"
local sqlite = require "cso.std.sqlite"
local value = require "cso.std.value"
local world = require "spec.scenario.world"

local HEAD = [[
local cso = require "cso"
local env = cso.env { n = cso.t.integer { default = 1 }, length = cso.t.integer { default = 24 } }
cso.stack { name = "lost" }
local aws = cso.aws
local vpc = aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = aws.EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = "10.0.0.0/24" }
local b = aws.EC2.Subnet "b" { VpcId = vpc, AvailabilityZone = "eu-west-2b", CidrBlock = "10.0.1.0/24" }
local subnets = aws.RDS.DBSubnetGroup "db" { DBSubnetGroupDescription = "db", SubnetIds = { a, b } }
]]
local MADE = HEAD .. 'local p = cso.random.password "p" { special = false, length = env.length }\n'
-- Only the database gets it.
local ALONE = MADE .. [[
aws.RDS.DBInstance "db" { Engine = "mysql", DBInstanceClass = "db.t3.medium", AllocatedStorage = "20",
  MasterUsername = "app", MasterUserPassword = p.value, DBInstanceIdentifier = "lost-" .. env.n,
  DBSubnetGroupName = subnets }
]]
local KEPT = ALONE .. 'aws.SecretsManager.Secret "s" { Name = "lost/s", SecretString = p.value }\n'
local COMPOSED = ALONE
  .. 'aws.SecretsManager.Secret "s" { Name = "lost/s", SecretString = cso.json { user = "app", password = p.value } }\n'
local ADDRESS = ALONE .. 'aws.SecretsManager.Secret "s" { Name = "lost/s", SecretString = "db://app:" .. p.value .. "@db" }\n'
local MORE = 'aws.SSM.Parameter "more" { Name = "%s", Type = "String", Value = "a" .. p.value }\n'

local DB = "123456789012/eu-west-2/rds/DBInstance"

describe("a secret that csorun made", function()
  local place, passwords

  local function run(words, expect)
    local code, text = place:csorun(words)
    assert.equal(expect or 0, code, words .. "\n" .. text)
    return text
  end

  local function with(files, fn)
    world.run({ files = files }, function(p)
      place, passwords = p, {}
      p.watched = function(moment, service, operation, input)
        if moment ~= "after" or service ~= "rds" or not input then return end
        local text = input.MasterUserPassword
        if operation == "CreateDBInstance" or text then passwords[input.DBInstanceIdentifier] = text end
      end
      fn()
    end)
  end

  local function kept()
    local out = {}
    for _, row in pairs(place.sim.world.store.places["123456789012/eu-west-2/secretsmanager/Secret"].rows) do
      for _, version in pairs(row._versions) do
        if version.stages.AWSCURRENT and not row.DeletedDate then out[row.Name] = version.text end
      end
    end
    return out
  end

  -- What the state knows of the password is what the database has.
  local function settled(book, where)
    local db = assert(sqlite.open(place.dir .. "/.cso/lost.db"))
    local salt = assert(db:one "SELECT value FROM meta WHERE key = 'salt'").value
    local row = assert(db:one "SELECT record FROM resources WHERE address = 'random.password.p'")
    db:close()
    local known = value.secret_info(assert(records.decode(row.record, salt)).attributes.value)
    local ids = {}
    for id in pairs(place.sim.world.store.places[DB].rows) do ids[#ids + 1] = id end
    assert.equal(1, #ids, where)
    assert.equal(known.digest, value.digest(known.salt, passwords[ids[1]]), where)
    local code, text = place:csorun("plan " .. book .. " --detailed-exitcode")
    assert.equal(0, code, where .. "\n" .. text)
    return passwords[ids[1]]
  end

  -- Kills the run of `words` at each of its calls, and runs it again.
  local function killed_everywhere(book, before, words)
    local total
    table.insert(before, 1, "apply net.lua -y")
    local files = { ["net.lua"] = HEAD, ["p.lua"] = book }
    with(files, function()
      for _, line in ipairs(before) do run(line) end
      place.calls = {}
      run(words)
      total = #place.calls
    end)
    for at = 1, total do
      for _, moment in ipairs { "before", "after" } do
        with(files, function()
          for _, line in ipairs(before) do run(line) end
          local where = ("killed %s call %d of %d"):format(moment, at, total)
          place.calls, place.kill = {}, { at = at, moment = moment }
          run(words, 137)
          where = where .. ", " .. tostring(place.calls[at])
          local code, text = place:csorun(words)
          assert.equal(0, code, where .. "\n" .. text)
          settled("p.lua" .. (words:match " %-%-set .*$" or ""), where)
        end)
      end
    end
  end

  it("is made anew by the next run where only a database was to have it", function()
    killed_everywhere(ALONE, {}, "apply p.lua -y")
  end)

  it("is made anew with the database that alone had it", function()
    killed_everywhere(ALONE, { "apply p.lua -y" }, "apply p.lua -y --set n=2")
  end)

  it("reaches its database where it was made anew", function()
    killed_everywhere(ALONE, { "apply p.lua -y" }, "apply p.lua -y --set length=30")
  end)

  -- Applies one playbook and then the other; gives the id of the second run.
  local function twice(first, second)
    place:write("p.lua", first)
    run "apply p.lua -y"
    place:write("p.lua", second)
    run "apply p.lua -y"
    place:write("p.lua", first)
    return run("history --json"):match '"id":%s*"([^"]+)"'
  end

  local function erase()
    run "exec secretsmanager.RestoreSecret SecretId=lost/s"
    run "exec secretsmanager.DeleteSecret SecretId=lost/s ForceDeleteWithoutRecovery=true"
  end

  it("comes back with its keeper while the service has it still", function()
    for _, book in ipairs { KEPT, COMPOSED } do
      with({}, function()
        local id = twice(book, ALONE)
        local text = run("rollback " .. id .. " -y")
        assert.match("is taken back", text, 1, true)
        assert.match(settled("p.lua", "rolled back"), kept()["lost/s"], 1, true)
      end)
    end
  end)

  it("comes back with its keeper where that is declared again", function()
    with({}, function()
      twice(KEPT, ALONE)
      local text = run "apply p.lua -y"
      assert.match("is taken back", text, 1, true)
      assert.is_nil(text:find("random.password", 1, true))
      assert.equal(settled("p.lua", "declared again"), kept()["lost/s"])
    end)
  end)

  it("is made anew with --accept-loss where its only keeper went for good", function()
    with({}, function()
      local id = twice(KEPT, ALONE)
      erase()
      local text = run("rollback " .. id .. " -y", 6)
      assert.match("random.password.p: the secret that it made is kept nowhere: it makes another one", text, 1, true)
      run("rollback " .. id .. " -y --accept-loss")
      assert.equal(settled("p.lua", "rolled back"), kept()["lost/s"])
    end)
  end)

  it("is left out with --accept-loss where only the playbook can compute it, until that is applied", function()
    with({}, function()
      local id = twice(COMPOSED, ALONE)
      erase()
      assert.match("SecretString is kept nowhere: it is left out", run("rollback " .. id .. " -y", 6), 1, true)
      run("rollback " .. id .. " -y --accept-loss")
      assert.is_nil(kept()["lost/s"])
      run "apply p.lua -y"
      assert.match('"password":"' .. settled("p.lua", "applied") .. '"', kept()["lost/s"], 1, true)
    end)
  end)

  it("comes back whenever the rollback is killed", function()
    for _, lost in ipairs { false, true } do
      for at = 1, lost and 2 or 1 do
        for _, moment in ipairs { "before", "after" } do
          with({}, function()
            local id = twice(KEPT, ALONE)
            if lost then erase() end
            local words = "rollback " .. id .. " -y --accept-loss"
            place.calls, place.kill = {}, { at = at, moment = moment }
            run(words, 137)
            run(words)
            local where = ("killed %s call %d, %s"):format(moment, at, place.calls[at])
            assert.equal(settled("p.lua", where), kept()["lost/s"], where)
          end)
        end
      end
    end
  end)

  it("is the one before it again after the rollback of its replacement, whenever that is killed", function()
    for _, book in ipairs { KEPT, COMPOSED, ADDRESS } do
      for at = 0, book == KEPT and 2 or 0 do
        for _, moment in ipairs(at == 0 and { "none" } or { "before", "after" }) do
          with({ ["p.lua"] = book }, function()
            run "apply p.lua -y"
            local first, keeps = passwords["lost-1"], kept()["lost/s"]
            assert.match("keeps the secret that it made: SecretsManager.Secret.s has it",
              run "apply p.lua -y --replace random.password.p", 1, true)
            assert.not_equal(first, passwords["lost-1"])
            local words = "rollback " .. run("history --json"):match '"id":%s*"([^"]+)"' .. " -y"
            local where = ("killed %s call %d"):format(moment, at)
            if at > 0 then
              place.calls, place.kill = {}, { at = at, moment = moment }
              run(words, 137)
            end
            run(words)
            assert.equal(first, settled("p.lua", where), where)
            assert.equal(keeps, kept()["lost/s"], where)
          end)
        end
      end
    end
  end)

  it("is asked of its playbook before anything goes that only that can make again", function()
    with({}, function()
      local function book(name)
        return ALONE .. ('aws.SQS.Queue "q" { QueueName = %q, Tags = { P = "a" .. p.value } }\n'):format(name)
          .. 'aws.SecretsManager.Secret "s" { Name = "lost/s", SecretString = p.value }\n'
      end
      local id = twice(book "one", book "two")
      place.calls = {}
      local text = run("rollback " .. id .. " -y --accept-loss", 6)
      assert.match("SQS.Queue.q would be made anew with a secret that only its playbook can compute", text, 1, true)
      assert.equal(0, #place.calls)
      run "apply p.lua -y"
      settled("p.lua", "put back")
    end)
  end)

  it("is not made anew under who has it only because another one wants it", function()
    with({}, function()
      twice(ALONE, ALONE)
      place:write("p.lua", ALONE .. MORE:format "/lost/more")
      local text = run("apply p.lua -y", 3)
      assert.match("secret_lost", text, 1, true)
      assert.match("--replace random.password.p", text, 1, true)
      run "apply p.lua -y --replace random.password.p"
    end)
  end)

  it("is made anew after a failure, whoever has it already", function()
    with({}, function()
      place:write("p.lua", ALONE .. MORE:format "more more")
      run("apply p.lua -y", 7)
      place:write("p.lua", ALONE .. MORE:format "/lost/more")
      run "apply p.lua -y"
      local _, text = place:csorun { "exec", "ssm.GetParameter", "Name=/lost/more", "--query", "Parameter.Value",
        "--json", "--reveal" }
      assert.match("a" .. passwords["lost-1"], text, 1, true)
    end)
  end)
end)

describe("a key that waits for its deletion", function()
  it("is the same key again after a rollback, whenever that is killed", function()
    local net = 'local cso = require "cso"\ncso.stack { name = "keys" }\n'
    local book = net .. 'local k = cso.aws.KMS.Key "k" { EnableKeyRotation = true }\n'
      .. 'cso.aws.KMS.Alias "k" { AliasName = "alias/k", TargetKeyId = k }\n'
    for at = 0, 2 do
      for _, moment in ipairs { "before", "after" } do
        world.run({ files = { ["p.lua"] = book } }, function(p)
          local function run(words, expect)
            local code, text = p:csorun(words)
            assert.equal(expect or 0, code, words .. "\n" .. text)
            return text
          end
          run "apply p.lua -y"
          local whole = p:inventory()
          local id = run("state show KMS.Key.k --json"):match '"id":%s*"([^"]+)"'
          p:write("p.lua", net)
          run "apply p.lua -y"
          p:write("p.lua", book)
          local last = run("history --json"):match '"id":%s*"([^"]+)"'
          if at > 0 then
            p.calls, p.kill = {}, { at = at, moment = moment }
            run("rollback " .. last .. " -y", 137)
          end
          run("rollback " .. last .. " -y")
          assert.match(id, run "state show KMS.Key.k --json", 1, true)
          assert.equal(whole, p:inventory(), ("killed %s call %d"):format(moment, at))
          run "plan p.lua --detailed-exitcode"
        end)
      end
    end
  end)
end)
