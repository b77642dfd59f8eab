-- A disk that is full, broken or turned read-only at any write of a run: nothing that was remembered
-- is lost, the run says so and fails, and the next one with a sound disk ends as if nothing had been:
-- no duplicate, no orphan, an empty plan. CSORUN_FAULTS=all tries every single write.
local life = require "spec.life.harness"
local process = require "cso.task.process"
local uv = require "luv"

local BIN = uv.exepath():match "^(.*)/[^/]*$" .. "/csorun"
local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "disk" }
local env = cso.env { n = cso.t.integer { default = 1 } }
local vpc = cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }
for i = 1, env.n do cso.aws.EC2.Subnet("s" .. i) { VpcId = vpc, CidrBlock = cso.cidr.subnet("10.0.0.0/16", 8, i) } end
cso.output { vpc = vpc.VpcId }
]]
local POINTS = 10
local ERRNOS = { { "ENOSPC", 28 }, { "EIO", 5 }, { "EROFS", 30 } }

describe("a disk that fails", function()
  local dir, library

  setup(function()
    dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
    local built = os.execute(("cc -shared -fPIC -O1 -o '%s/diskfault.so' spec/support/diskfault.c -ldl 2>'%s/cc.log'"):format(
      dir, dir))
    library = built and dir .. "/diskfault.so"
    local file = assert(io.open(dir .. "/p.lua", "w"))
    file:write(PLAYBOOK)
    file:close()
  end)

  teardown(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  local function within(fn)
    life.within({ sim = {} }, function(world)
      local function csorun(words, fault)
        local env = { AWS_ENDPOINT_URL = world.url, AWS_ACCESS_KEY_ID = "AKIALIFE", AWS_SECRET_ACCESS_KEY = "life-secret",
          AWS_REGION = "eu-west-2", AWS_CONFIG_FILE = "/dev/null", AWS_SHARED_CREDENTIALS_FILE = "/dev/null",
          PATH = os.getenv "PATH", CSORUN_LUA = os.getenv "CSORUN_LUA", CSORUN_CATALOGUE = os.getenv "CSORUN_CATALOGUE",
          TMPDIR = dir .. "/tmp" }
        for k, v in pairs(fault or {}) do env[k] = tostring(v) end
        if fault then
          env.LD_PRELOAD, env.DISKFAULT_PATH, env.DISKFAULT_COUNT = library, dir .. "/state/", dir .. "/count"
          env.ASAN_OPTIONS = "verify_asan_link_order=0"
        end
        local done = assert(process.run(BIN, { env = env, args = { "apply", dir .. "/p.lua", "-y", "--state",
          dir .. "/state/s.db", table.unpack(words) } }))
        return done.code, done.out .. done.err
      end
      fn(csorun, world)
    end)
  end

  local function begin(csorun)
    os.execute(("rm -rf '%s/state' '%s/tmp'; mkdir '%s/state' '%s/tmp'"):format(dir, dir, dir, dir))
    local code, text = csorun {}
    assert.equal(0, code, text)
  end

  local function subnets(world)
    local ec2 = assert(world.session:client "ec2")
    local own = { Filters = { { Name = "tag:cso:stack", Values = { "disk" } } } }
    return #assert(ec2:call("DescribeVpcs", own)).Vpcs, #assert(ec2:call("DescribeSubnets", own)).Subnets
  end

  local function points(count)
    local all, list = os.getenv "CSORUN_FAULTS" == "all", {}
    local stride = all and 1 or math.max(1, count // POINTS)
    for at = 1, count, stride do list[#list + 1] = at end
    return list
  end

  for _, one in ipairs(ERRNOS) do
    for _, sticky in ipairs { 1, 0 } do
      it(("by %s%s costs nothing but the run"):format(one[1], sticky == 1 and " from some write on" or " once"), function()
        if not library then return pending "there is no C compiler" end
        local count, failed, spilled = nil, 0, 0
        within(function(csorun)
          begin(csorun)
          local code, text = csorun({ "--set", "n=3" }, { DISKFAULT_AT = 0 })
          assert.equal(0, code, text)
          local file = assert(io.open(dir .. "/count"))
          count = file:read "n"
          file:close()
          assert.is_true(count > 20, "writes: " .. count)
        end)
        for _, at in ipairs(points(count)) do
          within(function(csorun, world)
            local where = ("write %d of %d"):format(at, count)
            begin(csorun)
            local code, text = csorun({ "--set", "n=3" },
              { DISKFAULT_AT = at, DISKFAULT_ERRNO = one[2], DISKFAULT_STICKY = sticky })
            assert.is_true(code < 128, where .. " ended with " .. code .. "\n" .. text)
            assert.is_nil(text:find("traceback", 1, true), where .. "\n" .. text)
            assert.is_nil(text:find("[internal]", 1, true), where .. "\n" .. text)
            if code ~= 0 then failed = failed + 1 end
            if text:find("state push", 1, true) then spilled = spilled + 1 end
            code, text = csorun { "--set", "n=3" }
            assert.equal(0, code, where .. "\n" .. text)
            local vpcs, nets = subnets(world)
            assert.equal(1, vpcs, where)
            assert.equal(3, nets, where)
            code, text = csorun { "--set", "n=3" }
            assert.equal(0, code, where .. "\n" .. text)
            assert.is_nil(text:find("Applied", 1, true), where .. " left something to do\n" .. text)
          end)
        end
        assert.is_true(failed > 0, "no write mattered")
      end)
    end
  end
end)
