-- Marked secrets go through a whole deployment: they are used, and are found nowhere afterwards.
local hash = require "cso.std.hash"
local world = require "spec.scenario.world"

local MARK, VALUE = "MarkedPassw0rd!7x+Q=Z", "MarkedValue%41&amp;\"q\" 9"

local BOOK = [[
local cso = require "cso"
local env = cso.env { password = cso.t.string { sensitive = true }, n = cso.t.integer { default = 1 } }
cso.stack { name = "sec" }
local aws = cso.aws
local value = cso.secret(cso.file "value.txt")
local vpc = aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local a = aws.EC2.Subnet "a" { VpcId = vpc, AvailabilityZone = "eu-west-2a", CidrBlock = "10.0.0.0/24" }
local b = aws.EC2.Subnet "b" { VpcId = vpc, AvailabilityZone = "eu-west-2b", CidrBlock = "10.0.1.0/24" }
local subnets = aws.RDS.DBSubnetGroup "db" { DBSubnetGroupDescription = "db", SubnetIds = { a, b } }
aws.SecretsManager.Secret "one" { Name = "sec/one", SecretString = cso.secret(env.password) }
aws.SSM.Parameter "two" { Name = "/sec/two", Type = "String", Value = value }
local db = aws.RDS.DBInstance "db" { Engine = "mysql", DBInstanceClass = "db.t3.medium", AllocatedStorage = "20",
  MasterUsername = "app", MasterUserPassword = cso.secret(env.password), DBSubnetGroupName = subnets,
  DBInstanceIdentifier = env.n == 1 and "sec-db" or "sec-db-" .. env.n }
local authority = cso.tls.Authority "ca" { CommonName = "spec", Bits = 2048 }
local leaf = cso.tls.Certificate "leaf" { Authority = authority, CommonName = "a.spec" }
aws.SecretsManager.Secret "ca" { Name = "sec/ca", SecretString = authority.KeyAndCertificatePem }
aws.SecretsManager.Secret "leaf" { Name = "sec/leaf", SecretString = leaf.PrivateKeyPem }
cso.output { password = cso.secret(env.password), value = value, db = db.Endpoint.Address }
]]

-- A secret as it stands, and in the forms in which it would travel.
local function forms(secret)
  return { secret, hash.base64_encode(secret), (secret:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)),
    (require("cso.std.json").encode(secret):sub(2, -2)) }
end

local function assert_absent(text, place, marks)
  for name, secret in pairs(marks or { key = world.SECRET, password = MARK, value = VALUE }) do
    for _, form in ipairs(forms(secret)) do
      assert.is_nil(text:find(form, 1, true), ("%s: the %s is there as %s"):format(place, name, form))
    end
  end
  assert.is_nil(text:find("PRIVATE KEY", 1, true), place .. ": a private key is there")
end

describe("a marked secret", function()
  it("is used and is never seen", function()
    world.run({ files = { ["sec.lua"] = BOOK, ["value.txt"] = VALUE } }, function(p)
      local env = { CSO_VAR_password = MARK }
      local function run(words, expect)
        local child = p:start(words, { env = env })
        -- As soon as it is csorun, and no longer what is about to become it.
        world.wait_for("its own limits, or its end", function()
          local file = io.open(("/proc/%d/limits"):format(child.pid))
          local text = file and file:read "a" or ""
          if file then file:close() end
          return text == "" or text:find "Max core file size%s+0 "
        end)
        local cmdline = io.open(("/proc/%d/cmdline"):format(child.pid))
        if cmdline then
          assert_absent(cmdline:read("a") or "", "the command line")
          cmdline:close()
        end
        local limits = io.open(("/proc/%d/limits"):format(child.pid))
        if limits then
          local text = limits:read("a") or ""
          if text ~= "" then assert.match("Max core file size%s+0 ", text) end
          limits:close()
        end
        local code, out, err = child.wait()
        assert.equal(expect or 0, code, out .. err)
        assert_absent(out, table.concat(words, " "))
        assert_absent(err, table.concat(words, " ") .. " (errors)")
      end
      run { "plan", "sec.lua", "--trace" }
      run { "apply", "sec.lua", "-y", "--trace" }
      run { "plan", "sec.lua", "--json" }
      run({ "plan", "sec.lua", "--detailed-exitcode" }, 0)
      run { "apply", "sec.lua", "-y", "--json", "--set", "n=2" }
      run { "output", "--stack", "sec" }
      run { "output", "--stack", "sec", "--json" }
      run { "state", "show", "RDS.DBInstance.db", "--stack", "sec" }
      run { "state", "show", "SSM.Parameter.two", "--stack", "sec" }
      run { "graph", "sec.lua" }
      -- A parameter of type String is no secret to its service.
      assert_absent(require("cso.std.json").encode(p.sim.dump()), "the account's inventory",
        { key = world.SECRET, password = MARK })
      local list = assert(io.popen(("find '%s/.cso' -type f"):format(p.dir)))
      local files = 0
      for name in list:lines() do
        files = files + 1
        assert_absent(p:read(name:sub(#p.dir + 2)), name)
      end
      list:close()
      assert.is_true(files > 0)
      -- It is where it belongs.
      local _, kept = p:csorun { "exec", "secretsmanager.GetSecretValue", "SecretId=sec/one",
        "--query", "SecretString", "--reveal" }
      assert.match(MARK, kept, 1, true)
      _, kept = p:csorun { "exec", "ssm.GetParameter", "Name=/sec/two",
        "--query", "Parameter.Value", "--json", "--reveal" }
      assert.equal(VALUE, require("cso.std.json").decode(kept))
    end)
  end)
end)
