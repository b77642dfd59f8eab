-- The client against botocore, side by side: DescribeVpcs calls to a stub on this machine, an answer
-- of 1,000 instances, a signature, a whole `exec` against the AWS CLI.
--   csorun-lua tools/bench/client.lua            (`… serve`: the stub, started by itself)
local aws = require "cso.aws"
local client = require "cso.aws.client"
local credentials = require "cso.aws.credentials"
local process = require "cso.task.process"
local task = require "cso.task"

local here = arg[0]:match("^(.*)/[^/]*$")

local function vpcs()
  local items = {}
  for i = 1, 3 do
    items[i] = ("<item><vpcId>vpc-%08x</vpcId><ownerId>123456789012</ownerId><state>available</state>"
      .. "<cidrBlock>10.%d.0.0/16</cidrBlock><cidrBlockAssociationSet><item><cidrBlock>10.%d.0.0/16</cidrBlock>"
      .. "<associationId>vpc-cidr-assoc-%08x</associationId><cidrBlockState><state>associated</state>"
      .. "</cidrBlockState></item></cidrBlockAssociationSet><dhcpOptionsId>dopt-1</dhcpOptionsId>"
      .. "<tagSet><item><key>Name</key><value>n%d</value></item></tagSet>"
      .. "<instanceTenancy>default</instanceTenancy><isDefault>false</isDefault></item>"):format(i, i, i, i, i)
  end
  return '<?xml version="1.0" encoding="UTF-8"?><DescribeVpcsResponse '
    .. 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><vpcSet>'
    .. table.concat(items) .. "</vpcSet></DescribeVpcsResponse>"
end

local function instances()
  local item = [[<item><instanceId>i-%08x</instanceId><imageId>ami-1</imageId><instanceState><code>16</code>
<name>running</name></instanceState><privateDnsName>ip.internal</privateDnsName><keyName>k</keyName>
<amiLaunchIndex>0</amiLaunchIndex><instanceType>m5.large</instanceType><launchTime>2026-01-01T00:00:00.000Z</launchTime>
<placement><availabilityZone>eu-west-2a</availabilityZone><tenancy>default</tenancy></placement>
<monitoring><state>disabled</state></monitoring><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
<privateIpAddress>10.0.0.1</privateIpAddress><sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-1</groupId>
<groupName>g</groupName></item></groupSet><architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType>
<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1</volumeId><status>attached</status>
<attachTime>2026-01-01T00:00:00.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item>
</blockDeviceMapping><tagSet><item><key>Name</key><value>node</value></item><item><key>Stack</key><value>s</value></item>
</tagSet><ebsOptimized>false</ebsOptimized></item>]]
  local list = {}
  for i = 1, 1000 do list[i] = item:format(i) end
  return "<DescribeInstancesResponse><reservationSet><item><reservationId>r</reservationId><instancesSet>"
    .. table.concat(list) .. "</instancesSet></item></reservationSet></DescribeInstancesResponse>"
end

if arg[1] == "serve" then
  local serve = require("cso.http.server").serve
  local body = vpcs()
  task.run(function()
    local server = assert(serve { host = "127.0.0.1", port = 0, handler = function()
      return { status = 200, headers = { { "Content-Type", "text/xml" } }, body = body }
    end })
    io.write(server.port, "\n")
    io.flush()
    -- Ends with whoever started it.
    task.sleep(300)
  end)
  return
end

local function best(times, fn)
  local least = math.huge
  for _ = 1, times do
    collectgarbage()
    local began = os.clock()
    fn()
    least = math.min(least, os.clock() - began)
  end
  return least
end

local function ours(port)
  local result = {}
  local session = assert(aws.session { env = { HOME = "/nonexistent", AWS_ACCESS_KEY_ID = "a",
    AWS_SECRET_ACCESS_KEY = "b", AWS_REGION = "eu-west-2",
    AWS_ENDPOINT_URL = "http://127.0.0.1:" .. port } })
  local ec2 = assert(session:client("ec2"))
  local params = { Filters = { { Name = "vpc-id", Values = { "vpc-1" } } } }
  local function call() assert(ec2:call("DescribeVpcs", params)) end
  call()
  local n = 1500
  local cpu = os.clock()
  for _ = 1, n do call() end
  result.cpu = (os.clock() - cpu) / n
  local list = {}
  for i = 1, n do list[i] = i end
  local began = task.now()
  task.map(list, call, { limit = 32 })
  result.rate = n / (task.now() - began)
  return result
end

local function pure()
  local c = assert(client.new { service = "ec2", region = "eu-west-2", now = os.clock, clock = os.time,
    credentials = credentials.static { access_key = "a", secret_key = "b" } })
  local body = instances()
  local answer = { status = 200, headers = {}, body = body }
  assert(#assert(c:parse("DescribeInstances", answer)).Reservations[1].Instances == 1000)
  local sigv4 = require "cso.std.sigv4"
  local input = { method = "POST", path = "/", query = {}, headers = { { "Host", "h" } },
    body = ("x"):rep(1024), access_key = "a", secret_key = "b", region = "r", service = "ec2", time = 1700000000 }
  return {
    parse = best(5, function() c:parse("DescribeInstances", answer) end),
    sign = best(5, function() for _ = 1, 2000 do sigv4.sign(input) end end) / 2000,
    body = body,
  }
end

local function wall(command)
  local least = math.huge
  for _ = 1, 3 do
    local began = task.now()
    local r = process.run(command[1], { args = table.move(command, 2, #command, 1, {}),
      env = { AWS_ENDPOINT_URL = "http://127.0.0.1:1", AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b",
        AWS_DEFAULT_REGION = "eu-west-2", AWS_REGION = "eu-west-2", AWS_MAX_ATTEMPTS = "1", CSORUN_LUA = false } })
    if not r or r.code == 127 then return nil end
    least = math.min(least, task.now() - began)
  end
  return least
end

local function show(what, mine, theirs, unit, better)
  if not theirs then
    print(("%-34s %10.2f %s   (botocore is not here)"):format(what, mine, unit))
  else
    local ratio = better == "more" and mine / theirs or theirs / mine
    print(("%-34s %10.2f %s   botocore %10.2f   %5.1f times"):format(what, mine, unit, theirs, ratio))
  end
end

local _, problem = task.run(function()
  local uv = require "luv"
  local exe = require("host.fs").exe_dir() .. "/csorun-lua"
  local pipe = uv.new_pipe(false)
  local told = task.future()
  local handle = assert(uv.spawn(exe, { args = { arg[0], "serve" }, stdio = { nil, pipe, 2 } }, function() end))
  pipe:read_start(function(_, data)
    if data then told:complete(data:match("%d+")) end
  end)
  local port = task.await(told)
  local mine, alone = ours(port), pure()
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(alone.body)
  file:close()
  local r = process.run(os.getenv("JUDGE_PYTHON") or "python3", { args = { here .. "/client_botocore.py", port, path } })
  os.remove(path)
  local theirs = r and r.code == 0 and require("cso.std.json").decode(r.out) or {}
  handle:kill("sigterm")
  handle:close()
  pipe:close()
  show("DescribeVpcs, CPU per call", mine.cpu * 1e6, theirs.cpu and theirs.cpu * 1e6, "us")
  show("DescribeVpcs, 32 in flight", mine.rate, theirs.rate, "/s", "more")
  show("1,000 instances read", alone.parse * 1e3, theirs.parse and theirs.parse * 1e3, "ms")
  show("a signature over 1 KiB", alone.sign * 1e6, theirs.sign and theirs.sign * 1e6, "us")
  local cli = wall { "aws", "sts", "get-caller-identity" }
  local own = wall { require("host.fs").exe_dir() .. "/csorun", "exec", "sts.GetCallerIdentity" }
  if cli and own then
    print(("%-34s %10.2f ms   aws      %10.2f   %5.1f times"):format("a whole exec, no answer", own * 1e3, cli * 1e3, cli / own))
  end
end)
if problem then error(problem, 0) end
