-- Records that go between stacks whose states are in S3: killed at any write, and gone on with on this
-- machine or another, they are in exactly one of both. CSORUN_FAULTS=all tries every write.
local life = require "spec.life.harness"
local process = require "cso.task.process"
local uv = require "luv"

local BIN = uv.exepath():match "^(.*)/[^/]*$" .. "/csorun"

local function playbook(name, net, other)
  return ([[
local cso = require "cso"
cso.stack { name = "%s" }
local env = cso.env { mine = cso.t.boolean { default = %s } }
if env.mine then
  local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
  cso.aws.EC2.Subnet "s" { VpcId = vpc, CidrBlock = "10.0.1.0/24" }
end
cso.aws.EC2.VPC "%s" { CidrBlock = "%s" }
]]):format(name, name == "a" and "true" or "false", other, net)
end

describe("csorun state mv --to between states in S3", function()
  local dir, library

  setup(function()
    dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    local built = os.execute(("cc -shared -fPIC -O1 -o '%s/diskfault.so' spec/support/diskfault.c -ldl 2>/dev/null"):format(dir))
    library = built and dir .. "/diskfault.so"
    for name, text in pairs { a = playbook("a", "10.8.0.0/16", "stays"), b = playbook("b", "10.9.0.0/16", "there") } do
      local file = assert(io.open(("%s/%s.lua"):format(dir, name), "w"))
      file:write(text)
      file:close()
    end
  end)

  teardown(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  local function within(fn)
    life.within({ sim = {} }, function(world)
      local function csorun(machine, words, more)
        local env = { AWS_ENDPOINT_URL = world.url, AWS_ACCESS_KEY_ID = "AKIALIFE", AWS_SECRET_ACCESS_KEY = "life-secret",
          AWS_REGION = "eu-west-2", AWS_CONFIG_FILE = "/dev/null", AWS_SHARED_CREDENTIALS_FILE = "/dev/null",
          PATH = os.getenv "PATH", CSORUN_LUA = os.getenv "CSORUN_LUA", CSORUN_CATALOGUE = os.getenv "CSORUN_CATALOGUE",
          HOME = dir, CSORUN_PACE = "100", CSORUN_STATE = "s3://states/team/" }
        for k, v in pairs(more or {}) do env[k] = tostring(v) end
        uv.fs_mkdir(dir .. "/" .. machine, 448)
        local done = assert(process.run(BIN, { env = env, args = words, cwd = dir .. "/" .. machine }))
        return done.code, done.out .. done.err
      end
      assert(assert(world.session:client "s3"):call("CreateBucket", { Bucket = "states",
        CreateBucketConfiguration = { LocationConstraint = "eu-west-2" } }))
      for _, name in ipairs { "a", "b" } do
        local code, text = csorun("one", { "apply", dir .. "/" .. name .. ".lua", "-y" })
        assert.equal(0, code, text)
      end
      fn(csorun)
    end)
  end

  it("goes whole into a bucket, from there into a file, and back, with its history", function()
    within(function(csorun)
      local function good(words)
        local code, text = csorun("one", words)
        assert.equal(0, code, text)
        return text
      end
      local history = good { "history", "--stack", "a" }
      assert.match("apply", history, 1, true)
      good { "state", "pull", "a.db", "--stack", "a" }
      good { "plan", dir .. "/a.lua", "--state", "a.db", "--detailed-exitcode" }
      assert.equal(history, good { "history", "--stack", "a", "--state", "a.db" })
      good { "apply", dir .. "/a.lua", "--state", "a.db", "-y", "--replace", "EC2.Subnet.s" }
      -- It went on in the file: the bucket has an earlier one of the same lineage.
      good { "state", "push", "a.db", "--stack", "a" }
      good { "plan", dir .. "/a.lua", "--detailed-exitcode" }
      good { "state", "push", "a.db", "--stack", "a", "--state", "s3://states/other/" }
      good { "plan", dir .. "/a.lua", "--state", "s3://states/other/", "--detailed-exitcode" }
      good { "state", "mv", "--stack", "a", "--to", "c", "--state", "s3://states/other/", "EC2.*" }
      good { "state", "pull", "c.db", "--stack", "c", "--state", "s3://states/other/" }
      assert.match("EC2.VPC.main", good { "state", "list", "--stack", "c", "--state", "c.db" }, 1, true)
    end)
  end)

  local function move(csorun, machine, more)
    return csorun(machine, { "state", "mv", "--stack", "a", "--to", "b", "EC2.VPC.main", "EC2.Subnet.s" }, more)
  end

  local function has(csorun, machine, name)
    local code, text = csorun(machine, { "state", "list", "--stack", name })
    assert.equal(0, code, text)
    return text:find("EC2.VPC.main", 1, true) ~= nil and text:find("EC2.Subnet.s", 1, true) ~= nil
  end

  it("moves what is named, and both plans are empty", function()
    within(function(csorun)
      local code, text = move(csorun, "one")
      assert.equal(0, code, text)
      for name, mine in pairs { a = "false", b = "true" } do
        code, text = csorun("two", { "plan", dir .. "/" .. name .. ".lua", "--set", "mine=" .. mine, "--detailed-exitcode" })
        assert.equal(0, code, text)
      end
    end)
  end)

  for _, machine in ipairs { "one", "two" } do
    it(("leaves them in one state when it is killed, gone on with on machine %s"):format(machine), function()
      if not library then return pending "there is no C compiler" end
      local count, outcomes = nil, {}
      within(function(csorun)
        local code, text = move(csorun, "one", { LD_PRELOAD = library, DISKFAULT_PATH = dir .. "/one/", DISKFAULT_AT = 0,
          DISKFAULT_COUNT = dir .. "/count", ASAN_OPTIONS = "verify_asan_link_order=0" })
        assert.equal(0, code, text)
        local file = assert(io.open(dir .. "/count"))
        count = file:read "n"
        file:close()
        assert.is_true(count > 20)
      end)
      local points = os.getenv "CSORUN_FAULTS" == "all" and count or 8
      for i = 1, points do
        local last = math.max(1, count * i // points)
        os.execute(("rm -rf '%s/one' '%s/two'"):format(dir, dir))
        within(function(csorun)
          local where = ("write %d of %d"):format(last, count)
          move(csorun, "one", { LD_PRELOAD = library, DISKFAULT_PATH = dir .. "/one/",
            DISKFAULT_AT = last, DISKFAULT_ERRNO = -1, ASAN_OPTIONS = "verify_asan_link_order=0" })
          for _, name in ipairs { "a", "b" } do
            local words = { "state", "rm", "EC2.VPC." .. (name == "a" and "stays" or "there"), "--stack", name }
            local code, text = csorun(machine, words)
            -- On another machine the dead run's locks are ended by their ids.
            for _ = 1, 2 do
              local id = code == 5 and text:match "lock id ([%w-]+)"
              if id then
                local of = text:match "s3://states/team/(%w+)%.db is locked"
                local unlocked, said = csorun(machine, { "unlock", id, "--stack", of })
                assert.equal(0, unlocked, where .. said)
                code, text = csorun(machine, words)
              end
            end
            assert.equal(0, code, where .. "\n" .. text)
          end
          local a, b = has(csorun, "three", "a"), has(csorun, "three", "b")
          assert.is_true(a ~= b, ("%s: in a %s, in b %s"):format(where, a, b))
          outcomes[a] = true
        end)
      end
      assert.is_true(outcomes[true] and outcomes[false], "both ends were seen")
    end)
  end
end)
