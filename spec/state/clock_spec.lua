-- Machines whose clocks are an hour apart share a state: none takes a living lock for a dead one, and both work.
local life = require "spec.life.harness"
local process = require "cso.task.process"
local task = require "cso.task"
local uv = require "luv"

local BIN = uv.exepath():match "^(.*)/[^/]*$" .. "/csorun"
local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "clock" }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
local group = cso.aws.Logs.LogGroup "l" { LogGroupName = "/clock" }
local role = cso.aws.SNS.Topic "t" { TopicName = "clock" }
local wait = cso.step("wait", { after = { vpc } }) { run = function()
  if not os.getenv "WAIT" then return {} end
  io.open("waiting", "w"):close()
  cso.sleep(60)
end }
for i = 1, 6 do cso.aws.EC2.Subnet("s" .. i, { after = { wait } }) { VpcId = vpc, CidrBlock = "10.0." .. i .. ".0/24" } end
]]

describe("clocks that are wrong", function()
  local dir, library

  setup(function()
    dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    local built = os.execute(("cc -shared -fPIC -O1 -o '%s/skew.so' spec/support/clockskew.c -ldl 2>/dev/null"):format(dir))
    library = built and dir .. "/skew.so"
    local file = assert(io.open(dir .. "/p.lua", "w"))
    file:write(PLAYBOOK)
    file:close()
  end)

  teardown(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("cost nobody the lock, and no run", function()
    if not library then return pending "there is no C compiler" end
    life.within({ sim = {} }, function(world)
      local function csorun(machine, skew, words, more)
        local env = { AWS_ENDPOINT_URL = world.url, AWS_ACCESS_KEY_ID = "AKIALIFE", AWS_SECRET_ACCESS_KEY = "life-secret",
          AWS_REGION = "eu-west-2", AWS_CONFIG_FILE = "/dev/null", AWS_SHARED_CREDENTIALS_FILE = "/dev/null", HOME = dir,
          PATH = os.getenv "PATH", CSORUN_LUA = os.getenv "CSORUN_LUA", CSORUN_CATALOGUE = os.getenv "CSORUN_CATALOGUE",
          CSORUN_STATE = "s3://clock-states/c.db", LD_PRELOAD = library, CLOCKSKEW = tostring(skew),
          ASAN_OPTIONS = "verify_asan_link_order=0", WAIT = more and more.wait and "1" or false }
        uv.fs_mkdir(dir .. "/" .. machine, 448)
        local done = assert(process.run(BIN, { env = env, args = words, cwd = dir .. "/" .. machine,
          started = more and more.started }))
        return done.code, done.out .. done.err
      end
      assert(assert(world.session:client "s3"):call("CreateBucket", { Bucket = "clock-states",
        CreateBucketConfiguration = { LocationConstraint = "eu-west-2" } }))
      local pid
      task.scope(function(s)
        s:spawn(function() csorun("one", 3600, { "apply", dir .. "/p.lua", "-y" }, { wait = true,
          started = function(given) pid = given end }) end)
        while not uv.fs_stat(dir .. "/one/waiting") do task.sleep(0.02) end
        for _, skew in ipairs { -3600, 7200 } do
          local code, text = csorun("two", skew, { "apply", dir .. "/p.lua", "-y" })
          assert.equal(5, code, text)
          assert.match("may be taken over when it stays silent", text)
        end
        uv.kill(pid, "sigkill")
      end)
      -- Its silence is counted by the bucket's clock.
      local code, text = csorun("two", 7200, { "apply", dir .. "/p.lua", "-y" })
      assert.equal(5, code, text)
      code, text = csorun("one", -3600, { "apply", dir .. "/p.lua", "-y" })
      assert.equal(0, code, text)
      assert.match("its process on this machine is gone", text)
      -- Many calls are on their way at once when the first one learns what time it is.
      for _, skew in ipairs { 3600, -3600 } do
        code, text = csorun("two", skew, { "plan", dir .. "/p.lua", "--detailed-exitcode" })
        assert.equal(0, code, text)
      end
    end)
  end)
end)
