-- csorun is killed at each of its changing calls, before it is sent and after it was carried out.
-- The next run has to end with the same account as a run that nobody killed: nothing is made
-- twice, nothing is forgotten, and destroy leaves nothing.
local life = require "spec.life.harness"
local process = require "cso.task.process"
local uv = require "luv"

local BIN = uv.exepath():match("^(.*)/[^/]*$")
local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "crash", tags = { Team = "a" } }
local EC2, IAM = cso.aws.EC2, cso.aws.IAM
local vpc = EC2.VPC "main" { CidrBlock = "10.0.0.0/16", EnableDnsHostnames = true }
local subnet = EC2.Subnet "main" { VpcId = vpc, CidrBlock = "10.0.1.0/24", AvailabilityZone = "eu-west-2a" }
local gateway = EC2.InternetGateway "main" {}
local attached = EC2.VPCGatewayAttachment "main" { VpcId = vpc, InternetGatewayId = gateway }
local address = EC2.EIP("nat", { after = { attached } }) { Domain = "vpc" }
local nat = EC2.NatGateway "main" { SubnetId = subnet, AllocationId = address.AllocationId }
local routes = EC2.RouteTable "main" { VpcId = vpc }
EC2.Route "out" { RouteTableId = routes, DestinationCidrBlock = "0.0.0.0/0", NatGatewayId = nat }
local group = EC2.SecurityGroup "web" { GroupDescription = "web", VpcId = vpc,
  SecurityGroupIngress = { { IpProtocol = "tcp", FromPort = 80, ToPort = 80, CidrIp = "0.0.0.0/0" } } }
local role = IAM.Role "app" { AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } } } }
local profile = IAM.InstanceProfile "app" { Roles = { role } }
local image = cso.api.ssm {}:GetParameter {
  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value
EC2.Instance "app" { ImageId = image, InstanceType = "t3.small", SubnetId = subnet,
  SecurityGroupIds = { group.GroupId }, IamInstanceProfile = profile }
local key = cso.aws.KMS.Key "main" { Description = "crash", PendingWindowInDays = 7 }
cso.aws.KMS.Alias "main" { AliasName = "alias/crash", TargetKeyId = key }
local password = cso.random.password "db" { length = 20 }
cso.aws.SecretsManager.Secret "db" { Name = "crash/db", SecretString = password.value }
cso.aws.SSM.Parameter "note" { Name = "/crash/note", Type = "String", Value = vpc.VpcId }
]]

local function fresh_dir()
  local dir = assert(uv.fs_mkdtemp(os.tmpname() .. "XXXXXX"))
  local file = assert(io.open(dir .. "/crash.lua", "w"))
  file:write(PLAYBOOK)
  file:close()
  return dir
end

-- One account, one directory; fn(run, inventory).
local function account(fn)
  life.within({ sim = {} }, function(world)
    local dir = fresh_dir()
    local function run(nth, when, words)
      local args = { "spec/life/crash_child.lua", tostring(nth), when }
      for word in words:gmatch("%S+") do args[#args + 1] = (word:gsub("^DIR", dir)) end
      table.move({ "--state", dir .. "/state.db" }, 1, 2, #args + 1, args)
      local done = assert(process.run(BIN .. "/csorun-lua", { args = args, env = {
        AWS_ENDPOINT_URL = world.url, AWS_ACCESS_KEY_ID = "AKIALIFE", AWS_SECRET_ACCESS_KEY = "life-secret",
        AWS_REGION = "eu-west-2", CSORUN_PACE = "100", AWS_CONFIG_FILE = "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE = "/dev/null" } }))
      return done
    end
    local ok, e = pcall(fn, run, function() return life.inventory(world.simulator.dump()) end)
    os.execute(("rm -rf '%s'"):format(dir))
    if not ok then error(e, 0) end
  end)
end

local function good(done, what)
  if done.code ~= 0 then error(("%s ended with %s:\n%s%s"):format(what, done.code, done.out, done.err), 0) end
  return done
end

describe("after a kill", function()
  local calls, inventory

  setup(function()
    account(function(run, look)
      local done = good(run(0, "never", "apply DIR/crash.lua -y"), "apply")
      calls = tonumber(done.err:match("changing calls: (%d+)"))
      inventory = look()
      good(run(0, "never", "destroy DIR/crash.lua -y"), "destroy")
      assert.same({}, look())
    end)
  end)

  for _, when in ipairs { "before", "after" } do
    it(("%s each changing call the next run converges"):format(when), function()
      assert.is_true(calls > 15)
      for nth = 1, calls do
        account(function(run, look)
          local label = ("killed %s call %d of %d, "):format(when, nth, calls)
          local died = run(nth, when, "apply DIR/crash.lua -y")
          assert(died.signal == 9, label .. "it did not die")
          good(run(0, "never", "apply DIR/crash.lua -y"), label .. "the next apply")
          assert.same(inventory, look(), label .. "the account differs")
          good(run(0, "never", "plan DIR/crash.lua --detailed-exitcode"), label .. "the plan")
          good(run(0, "never", "destroy DIR/crash.lua -y"), label .. "destroy")
          assert.same({}, look(), label .. "something is left")
        end)
      end
    end)

    it(("%s each changing call of destroy, the next destroy ends it"):format(when), function()
      for nth = 1, calls, 3 do
        account(function(run, look)
          local label = ("destroy killed %s call %d, "):format(when, nth)
          good(run(0, "never", "apply DIR/crash.lua -y"), "apply")
          run(nth, when, "destroy DIR/crash.lua -y")
          good(run(0, "never", "destroy DIR/crash.lua -y"), label .. "the next destroy")
          assert.same({}, look(), label .. "something is left")
        end)
      end
    end)
  end
end)
