-- Whole states, out and in, and states that several runs share: as a user does it, by processes.
local json = require "cso.std.json"
local life = require "spec.life.harness"
local process = require "cso.task.process"
local task = require "cso.task"
local uv = require "luv"

local BIN = uv.exepath():match "^(.*)/[^/]*$" .. "/csorun"
local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "team", state = STATE }
local env = cso.env { n = cso.t.integer { default = 2 }, wait = cso.t.boolean { default = false } }
local EC2 = cso.aws.EC2
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local last = vpc
if env.wait then
  last = cso.step "wait" { after = { vpc }, timeout = "40s", every = "1s",
    run = function(s) return io and io.open("go") or s:retry "not told to go" end }
end
for i = 1, env.n do
  EC2.Subnet("s" .. i, { after = { last } }) { VpcId = vpc, CidrBlock = cso.cidr.subnet("10.0.0.0/16", 8, i) }
end
]]
local SHARED = "s3://team-state/stacks/team.db"

describe("a place of a state", function()
  it("that no state can lie at is no file", function()
    local dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    local r = assert(task.run(process.run, BIN, { args = { "state", "list", "--state", "gs://bucket/team.db" }, cwd = dir }))
    os.execute("rm -rf " .. dir)
    assert.equal(3, r.code, r.err)
    assert.matches("a state can't lie at gs://", r.err, 1, true)
  end)
end)

describe("csorun state", function()
  local dirs

  local function folder(state)
    local dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    dirs[#dirs + 1] = dir
    local file = assert(io.open(dir .. "/p.lua", "w"))
    file:write((PLAYBOOK:gsub("STATE", state and ("%q"):format(state) or "nil")))
    file:close()
    return dir
  end

  -- An account; fn(csorun, world, begin, s3). csorun(dir, words) → exit code, what it said.
  local function account(fn)
    dirs = {}
    local ok, e = pcall(life.within, { sim = {} }, function(world)
      local function start(dir, words)
        local args = { "-c", ("cd '%s' && exec '%s' %s"):format(dir, BIN, words) }
        return { args = args, env = { AWS_ENDPOINT_URL = world.url, AWS_ACCESS_KEY_ID = "AKIALIFE",
          AWS_SECRET_ACCESS_KEY = "life-secret", AWS_REGION = "eu-west-2", AWS_CONFIG_FILE = "/dev/null",
          AWS_SHARED_CREDENTIALS_FILE = "/dev/null", PATH = os.getenv "PATH", CSORUN_LUA = os.getenv "CSORUN_LUA",
          CSORUN_CATALOGUE = os.getenv "CSORUN_CATALOGUE", TMPDIR = os.getenv "TMPDIR" } }
      end
      -- Starts it and goes on; gives what kills it.
      local function begin(dir, words)
        local opts = start(dir, words)
        opts.args[2] = ("cd '%s' || exit; '%s' %s >out 2>&1 & echo $!"):format(dir, BIN, words)
        local pid = assert(process.run("/bin/sh", opts)).out:match "%d+"
        return function()
          uv.kill(math.tointeger(pid), "sigkill")
          -- Nobody may be there to bury it: what it held is free all the same.
          for _ = 1, 500 do
            local stat = io.open(("/proc/%s/stat"):format(pid))
            local line = stat and stat:read "a"
            if stat then stat:close() end
            if not line or line:match "%) Z " then return end
            task.sleep(0.01)
          end
        end
      end
      local function csorun(dir, words)
        local done = assert(process.run("/bin/sh", start(dir, words)))
        return done.code, done.out .. done.err
      end
      local s3 = assert(world.session:client "s3")
      assert(s3:call("CreateBucket", { Bucket = "team-state",
        CreateBucketConfiguration = { LocationConstraint = "eu-west-2" } }))
      fn(csorun, world, begin, s3)
    end)
    for _, dir in ipairs(dirs) do os.execute(("rm -rf '%s'"):format(dir)) end
    if not ok then error(e, 0) end
  end

  local function until_listed(csorun, dir)
    for _ = 1, 200 do
      local code, text = csorun(dir, "state list --state " .. SHARED)
      if text:find("EC2.VPC.main", 1, true) then return code, text end
      task.sleep(0.05)
    end
    error "the run did not come to make anything"
  end

  local function keys(s3)
    local out = {}
    for i, o in ipairs(assert(s3:call("ListObjectsV2", { Bucket = "team-state" })).Contents or {}) do out[i] = o.Key end
    return table.concat(out, " ")
  end

  it("pulls, refuses to push what is older or another's, and pushes what it is told to", function()
    account(function(csorun)
      local dir = folder()
      assert.equal(0, (csorun(dir, "apply p.lua -y")))
      local code, text = csorun(dir, "state pull one.db --json")
      assert.equal(0, code, text)
      assert.equal(1, json.decode(text).serial)
      code, text = csorun(dir, "state pull one.db")
      assert.equal(3, code)
      assert.match("there already", text)
      assert.equal(0, (csorun(dir, "apply p.lua -y --set n=3")))
      code, text = csorun(dir, "state push one.db")
      assert.equal(3, code)
      assert.match("older than the present state: serial 1, the present one's is 2", text, 1, true)
      local id = text:match "%-%-force (%S+)"
      code = csorun(dir, "state push one.db --force 0000")
      assert.equal(3, code)
      code, text = csorun(dir, "state push one.db --force " .. id)
      assert.equal(0, code, text)
      code, text = csorun(dir, "state list")
      assert.equal(0, code)
      assert.is_nil(text:find("s3", 1, true))
      local other = folder()
      assert.equal(0, (csorun(other, "apply p.lua -y")))
      code, text = csorun(other, ("state push %s/one.db"):format(dir))
      assert.equal(3, code)
      assert.match("another stack's state", text)
    end)
  end)

  it("puts a backup in the place of a damaged state, and keeps the damaged one", function()
    account(function(csorun)
      local dir = folder()
      assert.equal(0, (csorun(dir, "apply p.lua -y")))
      assert.equal(0, (csorun(dir, "apply p.lua -y --set n=3")))
      local f = assert(io.open(dir .. "/.cso/team.db", "wb"))
      f:write "damage"
      f:close()
      local code, text = csorun(dir, "plan p.lua")
      assert.equal(3, code)
      local command = text:match "csorun (state push %S+ %-%-state %S+)"
      code, text = csorun(dir, command)
      assert.equal(0, code, text)
      local kept = text:match "the damaged file is (%S+)"
      assert(io.open(dir .. "/" .. kept)):close()
      code, text = csorun(dir, "plan p.lua --set n=3")
      assert.match("1 to create, 3 unchanged", text)
      assert.equal(0, code)
    end)
  end)

  it("is shared through S3: one works, the others are told, and a dead one's lock has an id", function()
    account(function(csorun, _, begin, s3)
      local one, two = folder(SHARED), folder(SHARED)
      local kill = begin(one, "apply p.lua -y --set wait=true")
      local code = until_listed(csorun, two)
      assert.equal(0, code)
      local before = keys(s3)
      local text
      code, text = csorun(two, "apply p.lua -y")
      assert.equal(5, code, text)
      assert.match("is locked: apply by", text)
      assert.equal(before, keys(s3))
      local id = text:match "csorun unlock (%S+)"
      kill()
      code = csorun(two, "apply p.lua -y")
      assert.equal(5, code)
      code, text = csorun(two, "unlock nonsense --playbook p.lua")
      assert.equal(3, code)
      assert.match("not by nonsense", text)
      code, text = csorun(two, "unlock " .. id .. " --playbook p.lua")
      assert.equal(0, code, text)
      code, text = csorun(two, "apply p.lua -y")
      assert.equal(0, code, text)
      code, text = csorun(one, "plan p.lua --detailed-exitcode")
      assert.equal(0, code, text)
      assert.is_nil(keys(s3):find("lock", 1, true))
    end)
  end)

  it("goes on at once where the dead run's own copy is", function()
    account(function(csorun, world, begin)
      local one = folder(SHARED)
      local kill = begin(one, "apply p.lua -y --set wait=true")
      until_listed(csorun, one)
      kill()
      local code, text = csorun(one, "apply p.lua -y")
      assert.equal(0, code, text)
      assert.match("is taken over: its process on this machine is gone", text)
      local ec2 = assert(world.session:client "ec2")
      local own = { { Name = "tag:cso:stack", Values = { "team" } } }
      assert.equal(1, #assert(ec2:call("DescribeVpcs", { Filters = own })).Vpcs)
      code, text = csorun(one, "plan p.lua --detailed-exitcode")
      assert.equal(0, code, text)
      code, text = csorun(one, "destroy p.lua -y")
      assert.equal(0, code, text)
    end)
  end)

  it("is made anew from what the account says, and the next plan is empty", function()
    account(function(csorun, world)
      local dir = folder()
      local file = assert(io.open(dir .. "/p.lua", "a"))
      file:write [[
local gateway = EC2.InternetGateway "main" {}
EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
local routes = EC2.RouteTable "main" { VpcId = vpc }
EC2.Route "out" { RouteTableId = routes, DestinationCidrBlock = "0.0.0.0/0", GatewayId = gateway }
local password = cso.random.password "db" { length = 20 }
cso.aws.SecretsManager.Secret "db" { Name = "team/db", SecretString = password.value }
local member = cso.random.password "member" { length = 20, special = true }
cso.aws.SecretsManager.Secret "member" { Name = "team/member", SecretString = cso.json {
  host = vpc.VpcId, users = { { name = "app", url = "db://app:" .. member.value .. "@db" } } } }
local lone = cso.random.password "lone" { length = 20 }
local root = cso.tls.Authority "root" { Bits = 2048, ValidityDays = 100, CommonName = "root" }
cso.aws.SecretsManager.Secret "root" { Name = "team/root", SecretString = root.KeyAndCertificatePem }
cso.output { vpc = vpc.VpcId }
]]
      file:close()
      assert.equal(0, (csorun(dir, "apply p.lua -y --set n=3")))
      os.execute(("rm -rf '%s/.cso'"):format(dir))
      -- One that is ours and no longer declared: remembered, so that it is removed and not forgotten.
      local code, text = csorun(dir, "state rebuild p.lua")
      assert.equal(0, code, text)
      assert.match("not found: random.password.lone", text, 1, true)
      assert.is_nil(text:find("not taken", 1, true))
      code, text = csorun(dir, "plan p.lua --short --set n=3")
      assert.equal(0, code, text)
      assert.match("1 to create, 14 unchanged", text)
      assert.is_nil(text:find("Outputs", 1, true), text)
      code, text = csorun(dir, "plan p.lua --short")
      assert.equal(0, code)
      assert.match("1 to create, 1 to delete, 13 unchanged", text)
      code, text = csorun(dir, "state rebuild p.lua")
      assert.equal(3, code)
      assert.match("another stack's state", text)
      code, text = csorun(dir, "state rebuild --stack team --out tags.db --json")
      assert.equal(0, code, text)
      assert.equal("AWS::EC2::VPC", json.decode(text:match '[^\n]*"EC2.VPC.main"[^\n]*').resource_type)
      code, text = csorun(dir, "state rebuild --stack nobody")
      assert.equal(1, code)
      assert.match("nothing in the account is of stack nobody", text)
      code, text = csorun(dir, "destroy p.lua -y")
      assert.equal(0, code, text)
      local ec2 = assert(world.session:client "ec2")
      local own = { Filters = { { Name = "tag:cso:stack", Values = { "team" } } } }
      assert.equal(0, #assert(ec2:call("DescribeSubnets", own)).Subnets)
    end)
  end)

  it("has one place: --state, else CSORUN_STATE, else what the playbook says", function()
    account(function(csorun, _, _, s3)
      local dir = folder(SHARED)
      assert.equal(0, (csorun(dir, "apply p.lua -y --state s3://team-state/other.db")))
      assert.is_truthy(keys(s3):find("other.db", 1, true))
      assert.is_nil(keys(s3):find("stacks/team.db", 1, true))
      local code, text = csorun(dir, "plan p.lua --detailed-exitcode")
      assert.equal(2, code, text)
      -- A place for many stacks: each has its name in it.
      assert.equal(0, (csorun(dir, "apply p.lua -y --set n=0 --state s3://team-state/many/")))
      assert.is_truthy(keys(s3):find("many/team.db", 1, true))
      code, text = csorun(dir, "plan p.lua --state s3://missing-bucket/x.db")
      assert.equal(3, code)
      assert.match("no bucket missing%-bucket", text)
    end)
  end)
end)
