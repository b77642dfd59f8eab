-- What a tired person gives csorun: each mistake gets one clear message and its exit code, nothing
-- is done, nothing is lost, no traceback.
local world = require "spec.scenario.world"

local HEAD = 'local cso = require "cso"\nlocal EC2 = cso.aws.EC2\ncso.stack { name = "bad" }\n'
local GOOD = HEAD .. 'local env = cso.env { cidr = cso.t.cidr { default = "10.0.0.0/16" } }\n'
  .. 'EC2.VPC "main" { CidrBlock = env.cidr }\n'

local function clear(text)
  assert.is_nil(text:find("stack traceback", 1, true), text)
  assert.is_nil(text:find("[internal]", 1, true), text)
end

describe("a mistake in a playbook", function()
  local cases = {
    { "a syntax error", HEAD .. "local x = = 3\n", "book.lua:4" },
    { "a runtime error", HEAD .. "local x\nx.y = 1\n", "book.lua:5" },
    { "an undefined variable", HEAD .. 'EC2.VPC "a" { CidrBlock = cdir }\n', "variable cdir is not defined.-book.lua:4" },
    { "a cycle", HEAD .. 'local a = EC2.VPC("a", { after = { "EC2.VPC.b" } }) { CidrBlock = "10.0.0.0/16" }\n'
      .. 'EC2.VPC("b", { after = { a } }) { CidrBlock = "10.1.0.0/16" }\n', "EC2.VPC.a %-> EC2.VPC.b %-> EC2.VPC.a" },
    { "a duplicate", HEAD .. ('EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\n'):rep(2), "declared twice: first at book.lua:4" },
    { "an unknown type", HEAD .. 'EC2.VCP "a" {}\n', "did you mean cso.aws.EC2.VPC" },
    { "an unknown property", HEAD .. 'EC2.VPC "a" { CidrBlok = "10.0.0.0/16" }\n', "did you mean CidrBlock" },
    { "an unknown attribute", HEAD .. 'local v = EC2.VPC "a" { CidrBlock = "10.0.0.0/16" }\n'
      .. 'EC2.Subnet "s" { VpcId = v.VpcID, CidrBlock = "10.0.1.0/24" }\n', "did you mean VpcId" },
    { "a wrong type", HEAD .. 'EC2.VPC "a" { CidrBlock = "10.0.0.0/16", EnableDnsSupport = "maybe" }\n',
      "must be true or false" },
    { "no text at all", "\127ELF\2\1\1\0\0\0\0garbage\n" .. ("\0"):rep(3000), "book.lua is no Lua text" },
    { "a long line", HEAD .. "local x = '" .. ("a"):rep(4096) .. "' .. nil\n", "book.lua:4" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. " is told with its place", function()
      world.run({ sim = false, files = { ["book.lua"] = case[2] } }, function(p)
        local code, text = p:csorun "plan book.lua --sim"
        assert.equal(3, code, text)
        assert.match(case[3], text)
        assert.is_true(#text < 1500, text)
        clear(text)
      end)
    end)
  end
end)

describe("a mistake on the command line", function()
  local cases = {
    { "plan nope.lua", "can't read nope.lua" }, { "plan .", "not a file" }, { "plan", "needs PLAYBOOK" },
    { "plan book.lua --nope", "unknown option" }, { "plna book.lua", "did you mean plan" },
    { "plan book.lua --set cidr", "key=value" }, { "plan book.lua --set cdir=1", "did you mean cidr" },
    { "plan book.lua --set cidr=10", "is no CIDR block" },
    { "plan bare.lua --set cidr=10.0.0.0/8", "asks for no environment" },
    { "plan book.lua --env nope.yaml", "no environment file nope.yaml" },
    { "plan book.lua --env tabs.yaml", "tabs.yaml:3" }, { "plan book.lua --env twice.yaml", "there twice" },
    { "plan book.lua --env unknown.yaml", "unknown.yaml:1.-did you mean cidr" },
    { "plan book.lua --env list.yaml", "map of names" }, { "plan book.lua --region nowhere", "no region nowhere" },
    { "apply book.lua", "auto%-approve" }, { "plan book.lua --sim --endpoint-url http://x", "two places" },
  }
  it("is told, with what was meant", function()
    world.run({ sim = false, files = { ["book.lua"] = GOOD, ["bare.lua"] = HEAD,
      ["tabs.yaml"] = "cidr: 10.0.0.0/16\nx:\n\ty: 1\n",
      ["twice.yaml"] = "cidr: 10.0.0.0/16\ncidr: 10.0.0.0/16\n", ["unknown.yaml"] = "cidrr: 10.0.0.0/16\n",
      ["list.yaml"] = "- a\n" } }, function(p)
      for _, case in ipairs(cases) do
        local code, text = p:csorun(case[1]:find("%-%-sim") and case[1] or "--sim " .. case[1])
        assert.equal(3, code, case[1] .. "\n" .. text)
        assert.match(case[2], text)
        clear(text)
      end
      local code, text = p:csorun { "--sim", "plan", "book.lua", "--region", "x y" }
      assert.equal(3, code, text)
      assert.match("x y", text, 1, true)
    end)
  end)
end)

describe("credentials", function()
  it("that are absent, halved, unknown or wrong give 4", function()
    world.run({ files = { ["book.lua"] = GOOD } }, function(p)
      local cases = {
        { { AWS_ACCESS_KEY_ID = false, AWS_SECRET_ACCESS_KEY = false }, "no credentials were found" },
        { { AWS_SECRET_ACCESS_KEY = false }, "AWS_SECRET_ACCESS_KEY is missing" },
        { { AWS_SECRET_ACCESS_KEY = "wrong" }, "SignatureDoesNotMatch" },
        { { AWS_ACCESS_KEY_ID = "AKIAUNKNOWN" }, "AuthFailure" },
      }
      for _, case in ipairs(cases) do
        local code, text = p:csorun("apply book.lua -y", { env = case[1] })
        assert.equal(4, code, text)
        assert.match(case[2], text, 1, true)
        clear(text)
      end
      assert.equal("", p:counts())
    end)
  end)
end)

describe("a state file", function()
  local function with_state(fn)
    world.run({ files = { ["book.lua"] = GOOD } }, function(p)
      local code, text = p:csorun "apply book.lua -y"
      assert.equal(0, code, text)
      fn(p, p:read ".cso/bad.db")
    end)
  end

  local function refused(p, why, words)
    local before, counts = p:read ".cso/bad.db", p:counts()
    for _, line in ipairs(words or { "apply book.lua -y", "plan book.lua", "destroy book.lua -y", "state list --stack bad" }) do
      local code, text = p:csorun(line)
      assert.equal(3, code, line .. "\n" .. text)
      assert.match(why, text)
      assert.match(".cso/bad.db", text, 1, true)
      clear(text)
    end
    assert.equal(before, p:read ".cso/bad.db")
    assert.equal(counts, p:counts())
  end

  it("that is cut, overwritten, foreign or newer is refused, and left as it is", function()
    with_state(function(p, good)
      for _, bad in ipairs { "", "no database", good:sub(1, 5000), good:sub(1, 9000) .. ("\0"):rep(8000) .. good:sub(17001) } do
        p:write(".cso/bad.db", bad)
        refused(p, "can't be used as state", #bad > 100 and { "apply book.lua -y", "state list --stack bad" } or nil)
      end
      p:write(".cso/bad.db", good:sub(1, 60) .. "\0\0\3\231" .. good:sub(65)) -- user_version 999
      refused(p, "newer csorun")
      p:write(".cso/bad.db", good:sub(1, 68) .. "\1\2\3\4" .. good:sub(73)) -- application_id
      refused(p, "not one of csorun's")
      p:write(".cso/bad.db", good)
      assert.equal(0, (p:csorun "plan book.lua --detailed-exitcode"))
    end)
  end)

  it("that may not be written is told as that, and nothing is done", function()
    with_state(function(p)
      -- Root may write anything: another user is needed, and setpriv to become one.
      if not os.execute "test $(id -u) = 0 && command -v setpriv >/dev/null" then return pending "needs root and setpriv" end
      -- That user has to reach the program too, which a checkout in root's home does not allow.
      local reach = ("setpriv --reuid=65534 --regid=65534 --clear-groups test -r '%s/catalogue.bin'"):format(world.bin)
      if not os.execute(reach) then return pending "needs a checkout that others may read" end
      assert(os.execute(("chmod 755 '%s' '%s/.cso' && chmod 644 '%s'/.cso/*"):format(p.dir, p.dir, p.dir)))
      local counts = p:counts()
      local code, out, err = p:start({ "--reuid=65534", "--regid=65534", "--clear-groups", world.bin .. "/csorun",
        "apply", "book.lua", "-y" }, { program = "/usr/bin/setpriv" }).wait()
      assert.equal(3, code, out .. err)
      assert.match("permissions", out .. err)
      assert.equal(counts, p:counts())
    end)
  end)

  it("of the simulated account that is damaged is told by name", function()
    world.run({ sim = false, files = { ["book.lua"] = GOOD } }, function(p)
      assert.equal(0, (p:csorun "--sim apply book.lua -y"))
      p:write(".cso/sim.db", "junk")
      os.remove(p.dir .. "/.cso/sim.db-wal")
      local code, text = p:csorun "--sim plan book.lua"
      assert.equal(3, code, text)
      assert.match(".cso/sim.db", text, 1, true)
      assert.match("%-%-sim%-fresh", text)
    end)
  end)

  it("is never believed when any byte range of it is gone", function()
    with_state(function(p, good)
      for at = 1, #good, #good // 8 do
        p:write(".cso/bad.db", good:sub(1, at - 1))
        local code, text = p:csorun "plan book.lua"
        assert.equal(3, code, ("cut at byte %d: %s"):format(at, text))
      end
    end)
  end)

  it("stays whole when the disk is full", function()
    world.run({ files = { ["book.lua"] = GOOD } }, function(p)
      for _, blocks in ipairs { 8, 40, 60, 72 } do
        p:start({ "-c", ("ulimit -f %d; exec %s/csorun apply book.lua -y"):format(blocks, world.bin) },
          { program = "/bin/bash" }).wait()
        local code, text = p:csorun "apply book.lua -y"
        assert.equal(0, code, text)
        assert.match("ec2/Vpc=1", p:counts(), 1, true)
        assert.equal(0, (p:csorun "destroy book.lua -y"))
        assert.equal("", p:counts())
      end
    end)
  end)
end)

describe("output that nobody can take", function()
  it("does not stop an apply when its reader leaves", function()
    world.run({ files = { ["book.lua"] = GOOD } }, function(p)
      local code = p:start({ "-c", ("%s/csorun apply book.lua -y | true; exit ${PIPESTATUS[0]}"):format(world.bin) },
        { program = "/bin/bash" }).wait()
      assert.equal(0, code)
      assert.equal(0, (p:csorun "plan book.lua --detailed-exitcode"))
    end)
  end)

  it("is told when it can't be written", function()
    world.run({ files = { ["book.lua"] = GOOD } }, function(p)
      local code, _, err = p:start({ "-c", ("%s/csorun plan book.lua >/dev/full"):format(world.bin) },
        { program = "/bin/bash" }).wait()
      assert.equal(1, code)
      assert.match("can't write", err)
    end)
  end)
end)
