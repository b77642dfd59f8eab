-- The client against botocore and against a C program written by hand for the one call, in turn, on this
-- machine: DescribeVpcs on a stub, large answers, a signature, a whole `exec` beside the AWS CLI.
--   csorun-lua tools/bench/client.lua STUB FLOOR
local here = arg[0]:match("^(.*)/[^/]*$")
package.path = here .. "/?.lua;" .. package.path

local answers = require "client.answers"
local fs = require "host.fs"
local json = require "cso.std.json"
local process = require "cso.task.process"
local task = require "cso.task"

local ROUNDS, PAIRS, FLOOR_CALLS = 5, 15, 3000
local stub, floor = table.unpack(arg)
assert(floor, "usage: client.lua STUB FLOOR")

local function put(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  task.defer(function() os.remove(path) end)
  return path
end

-- Starts the stub, which ends when its standard input does: with this program at the latest.
local function start(path, kind)
  local uv = require "luv"
  local input, output, told = uv.new_pipe(false), uv.new_pipe(false), task.future()
  local handle = assert(uv.spawn(stub, { args = { path, kind }, stdio = { input, output, 2 } }, function() end))
  output:read_start(function(_, data)
    if data then told:complete(data:match("%d+")) end
  end)
  task.defer(function()
    input:close()
    output:close()
    handle:close()
  end)
  return task.await(told)
end

-- What a program prints, as a value; nil when it is not here or fails.
local function ask(command, ...)
  local r = process.run(command, { args = { ... } })
  return r and r.code == 0 and json.decode(r.out) or nil
end

local function median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  return sorted[#sorted // 2 + 1], sorted[1], sorted[#sorted]
end

local function column(rounds, field)
  local list = {}
  for i, round in ipairs(rounds) do list[i] = round[field] end
  return list
end

local function seconds(command)
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

-- What is measured: field, its name, what one unit of it is, and whether more of it is better.
local rows = {
  { "cpu", "DescribeVpcs, CPU per call", "us", 1e6 },
  { "rate", "DescribeVpcs, 32 in flight", "/s", 1, true },
  { "xml", "DescribeInstances, 1,000 read", "ms", 1e3 },
  { "json", "DynamoDB Query, 1,000 items read", "ms", 1e3 },
  { "sign", "a signature over 1 KiB", "us", 1e6 },
  { "memory", "one idle client, resident", "MiB", 1 / (1 << 20) },
}

-- Figures that were measured in turn, ours[i] next to theirs[i]: what else the machine did meanwhile meets
-- both, so that the ratio of neighbours says more than that of the medians. `more`: how many times ours is
-- theirs is said, and not the other way round.
local function show(what, scale, unit, ours, peer, theirs, more)
  local line = ("%-34s %10.2f %-3s"):format(what, median(ours) * scale, unit)
  if theirs and #theirs > 0 then
    local ratios = {}
    for i = 1, math.min(#ours, #theirs) do
      ratios[i] = more and ours[i] / theirs[i] or theirs[i] / ours[i]
    end
    line = line .. ("   %-8s %10.2f   %6.2f times [%.2f to %.2f]"):format(peer, median(theirs) * scale,
      median(ratios))
  end
  print(line)
end

-- CPU of a call beside that of the C program, again and again, whoever begins.
local function beside_bare(lua, port)
  local ours, least = {}, {}
  for i = 1, PAIRS do
    for turn = 0, 1 do
      if (i + turn) % 2 == 0 then least[i] = ask(floor, port, tostring(FLOOR_CALLS))
      else ours[i] = assert(ask(lua, here .. "/client/csorun_side.lua", port, tostring(FLOOR_CALLS))) end
    end
  end
  return ours, least
end

-- Instructions of one call, in thousands: the difference between many calls and few. No other load on
-- the machine changes them. nil where valgrind is not.
local function instructions(...)
  local few, many = 100, 400
  local counts = {}
  for i, n in ipairs { few, many } do
    local args = { "--tool=callgrind", "--callgrind-out-file=/dev/null", ... }
    args[#args + 1] = tostring(n)
    local r = process.run("valgrind", { args = args })
    counts[i] = r and tonumber(r.err:match("Collected : (%d+)"))
    if not counts[i] then return nil end
  end
  return (counts[2] - counts[1]) / (many - few) / 1e3
end

local function measure()
  local port = start(put(answers.vpcs()), "text/xml")
  local xml_path, json_path = put(answers.instances(1000)), put(answers.items(1000))
  local python, lua = os.getenv("JUDGE_PYTHON") or "python3", fs.exe_dir() .. "/csorun-lua"
  local ours, theirs = {}, {}
  for i = 1, ROUNDS do
    ours[i] = assert(ask(lua, here .. "/client/csorun_side.lua", port, xml_path, json_path))
    theirs[#theirs + 1] = ask(python, here .. "/client/botocore_side.py", port, xml_path, json_path)
  end
  if #theirs == 0 then print("botocore is not here: no ratios to it") end
  for _, row in ipairs(rows) do
    local field, what, unit, scale, more = table.unpack(row)
    show(what, scale, unit, column(ours, field), "botocore", column(theirs, field), more)
  end
  local own_times, bare_times = beside_bare(lua, port)
  show("DescribeVpcs, CPU per call", 1e6, "us", own_times, "bare C", bare_times, true)
  local own_count = instructions(lua, here .. "/client/csorun_side.lua", port)
  if own_count then
    show("DescribeVpcs, 1,000 instructions", 1, "", { own_count }, "bare C", { instructions(floor, port) }, true)
  end
  local own = seconds { fs.exe_dir() .. "/csorun", "exec", "sts.GetCallerIdentity" }
  local cli = seconds { "aws", "sts", "get-caller-identity" }
  show("a whole exec, no answer", 1e3, "ms", { own }, "aws", { cli })
end

local _, problem = task.run(measure)
if problem then error(problem.message or problem, 0) end
