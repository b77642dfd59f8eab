-- Plan and apply of N independent resources on the simulated account (which is in the same process:
-- its share is in the figures), and the plan after it, which finds nothing to do. Time, time per
-- resource, most memory:   build/csorun-lua tools/bench/scale.lua [N …]
local fs = require "cso.std.fs"
local process = require "cso.task.process"
local stdlib = require "posix.stdlib"
local task = require "cso.task"

local sizes = #arg > 0 and arg or { 100, 1000, 10000 }
local csorun = fs.exe_dir() .. "/csorun"

local PLAYBOOK = [[
local cso = require "cso"
for i = 1, %d do
  cso.aws.EC2.Volume("v" .. i) { AvailabilityZone = "eu-west-2a", Size = 8, VolumeType = "gp3" }
end
]]

-- Runs a command; seconds, and the most memory it had, in MiB. /proc is read while it runs, because
-- the figure is gone with the process.
local function measure(dir, args)
  local most, started = 0, task.now()
  local result
  task.scope(function(s)
    local pid
    local watcher = s:spawn(function()
      while true do
        task.sleep(0.01)
        local status = pid and fs.read(("/proc/%d/status"):format(pid))
        most = math.max(most, status and tonumber(status:match("VmHWM:%s*(%d+)")) or 0)
      end
    end)
    result = assert(process.run(csorun, {
      args = args, cwd = dir, started = function(id) pid = id end,
    }))
    watcher:cancel()
  end)
  if result.code ~= 0 then error(result.err .. result.out, 0) end
  return task.now() - started, most / 1024
end

local steps = {
  { "plan, all new", { "plan", "--sim", "many.lua" } },
  { "apply", { "apply", "--sim", "--auto-approve", "many.lua" } },
  { "plan, no change", { "plan", "--sim", "many.lua" } },
}

local _, failure = task.run(function()
  print(("%-18s %8s %9s %12s %8s"):format("", "N", "s", "us/resource", "MiB"))
  for _, size in ipairs(sizes) do
    local n = assert(math.tointeger(tonumber(size)), "N must be an integer")
    local dir = assert(stdlib.mkdtemp("/tmp/csorun-bench-XXXXXX"))
    assert(fs.write_atomic(dir .. "/many.lua", PLAYBOOK:format(n)))
    task.defer(function() os.execute("rm -r " .. dir) end)
    for _, step in ipairs(steps) do
      local seconds, most = measure(dir, step[2])
      print(("%-18s %8d %9.2f %12.0f %8.0f"):format(step[1], n, seconds, seconds / n * 1e6, most))
    end
  end
end)
if failure then error(failure.message or failure, 0) end
