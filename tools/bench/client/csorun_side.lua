-- csorun's side of ../client.lua: prints its figures as JSON.   csorun_side.lua PORT XML_FILE JSON_FILE
-- With a number instead of the files it only makes so many calls, and prints the CPU seconds of one: for who
-- compares them with another program's, or counts their instructions.
local aws = require "cso.aws"
local json = require "cso.std.json"
local sigv4 = require "cso.std.sigv4"
local task = require "cso.task"

local CALLS, IN_FLIGHT = 2000, 32
-- By the clock on the wall a busy machine interrupts: as many as take as long as the other side's.
local TOGETHER = 4 * CALLS
local port, xml_path, json_path = table.unpack(arg)

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
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

local function memory()
  return tonumber(read("/proc/self/status"):match("VmRSS:%s*(%d+)")) * 1024
end

local function caller(ec2)
  local params = { Filters = { { Name = "vpc-id", Values = { "vpc-1" } } } }
  return function() assert(ec2:call("DescribeVpcs", params)) end
end

local function calls(result, ec2)
  local call = caller(ec2)
  call()
  collectgarbage()
  result.memory = memory()
  local cpu = os.clock()
  for _ = 1, CALLS do call() end
  result.cpu = (os.clock() - cpu) / CALLS
  local list = {}
  for i = 1, TOGETHER do list[i] = i end
  local began = task.now()
  task.map(list, call, { limit = IN_FLIGHT })
  result.rate = TOGETHER / (task.now() - began)
end

local function pure(result, session, ec2)
  local xml_answer = { status = 200, headers = {}, body = read(xml_path) }
  assert(#assert(ec2:parse("DescribeInstances", xml_answer)).Reservations[1].Instances == 1000)
  result.xml = best(5, function() ec2:parse("DescribeInstances", xml_answer) end)
  local dynamodb = assert(session:client("dynamodb"))
  local json_answer = { status = 200, headers = {}, body = read(json_path) }
  assert(#assert(dynamodb:parse("Query", json_answer)).Items == 1000)
  result.json = best(5, function() dynamodb:parse("Query", json_answer) end)
  local input = { method = "POST", path = "/", query = {}, headers = { { "Host", "h" } },
    body = ("x"):rep(1024), access_key = "a", secret_key = "b", region = "r", service = "ec2", time = 1700000000 }
  result.sign = best(5, function() for _ = 1, 2000 do sigv4.sign(input) end end) / 2000
end

local _, problem = task.run(function()
  local result = {}
  local session = assert(aws.session { env = { HOME = "/nonexistent", AWS_ACCESS_KEY_ID = "a",
    AWS_SECRET_ACCESS_KEY = "b", AWS_REGION = "eu-west-2",
    AWS_ENDPOINT_URL = "http://127.0.0.1:" .. port } })
  local ec2 = assert(session:client("ec2"))
  if not json_path then
    local call = caller(ec2)
    call()
    local cpu = os.clock()
    for _ = 1, tonumber(xml_path) do call() end
    print(json.encode((os.clock() - cpu) / tonumber(xml_path)))
    return
  end
  calls(result, ec2)
  pure(result, session, ec2)
  print(json.encode(result))
end)
if problem then error(problem, 0) end
