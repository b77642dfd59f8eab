-- Plan and apply of N independent resources, and the plan after it, which finds nothing to do: of
-- resources that live in the state alone, which is the engine by itself, and of volumes in the
-- simulated account (which is in the same process: its share is in the figures). Time, time per
-- resource, most memory:   build/csorun-lua tools/bench/scale.lua [N …]
local fs = require "cso.std.fs"
local process = require "cso.task.process"
local stdlib = require "posix.stdlib"
local task = require "cso.task"

local sizes = #arg > 0 and arg or { 100, 1000, 10000 }
local csorun = fs.exe_dir() .. "/csorun"

local KINDS = {
  { name = "local", options = {}, playbook = [[
local cso = require "cso"
for i = 1, %d do cso.random.password("p" .. i) { length = 24 } end
]] },
  { name = "simulated", options = { "--sim" }, playbook = [[
local cso = require "cso"
for i = 1, %d do
  cso.aws.EC2.Volume("v" .. i) { AvailabilityZone = "eu-west-2a", Size = 8, VolumeType = "gp3" }
end
]] },
}

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
  { "plan, all new", { "plan", "many.lua" } },
  { "apply", { "apply", "--auto-approve", "many.lua" } },
  { "plan, no change", { "plan", "many.lua" } },
}

local function live(kind, n)
  local dir = assert(stdlib.mkdtemp("/tmp/csorun-bench-XXXXXX"))
  assert(fs.write_atomic(dir .. "/many.lua", kind.playbook:format(n)))
  task.defer(function() os.execute("rm -r " .. dir) end)
  for _, step in ipairs(steps) do
    local args = table.move(kind.options, 1, #kind.options, #step[2] + 1, { table.unpack(step[2]) })
    local seconds, most = measure(dir, args)
    print(("%-10s %-16s %8d %9.2f %12.0f %8.0f"):format(kind.name, step[1], n, seconds, seconds / n * 1e6, most))
  end
end

local _, failure = task.run(function()
  print(("%-10s %-16s %8s %9s %12s %8s"):format("", "", "N", "s", "us/resource", "MiB"))
  for _, size in ipairs(sizes) do
    local n = assert(math.tointeger(tonumber(size)), "N must be an integer")
    for _, kind in ipairs(KINDS) do live(kind, n) end
  end
end)
if failure then error(failure.message or failure, 0) end
