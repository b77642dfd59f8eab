-- Plan, apply, the plan after it, which finds nothing to do, and destroy: of N things that live in the
-- state alone, which is the engine by itself, in each shape, and of volumes in the simulated account
-- (which is in the same process: its share is in the figures). CPU, CPU per thing, most memory.
--   build/csorun-lua tools/bench/scale.lua [N | SHAPE …]
package.path = "tools/bench/engine/?.lua;" .. package.path
local fs = require "cso.std.fs"
local measure = require "measure"
local shapes = require "shapes"
local task = require "cso.task"

local sizes, names = {}, {}
for _, word in ipairs(arg) do
  if tonumber(word) then sizes[#sizes + 1] = assert(math.tointeger(tonumber(word)), "N must be an integer")
  else names[#names + 1] = word end
end
if #sizes == 0 then sizes = { 1000, 10000 } end
if #names == 0 then names = { "independent", "chains", "dense", "hub", "simulated" } end

local VOLUMES = [[
local cso = require "cso"
for i = 1, %d do
  cso.aws.EC2.Volume("v" .. i) { AvailabilityZone = "eu-west-2a", Size = 8, VolumeType = "gp3" }
end
]]

local steps = {
  { "plan, all new", { "plan" } },
  { "apply", { "apply", "--auto-approve" } },
  { "plan, no change", { "plan" } },
  { "destroy", { "destroy", "--auto-approve" } },
}

local function live(name, n)
  local simulated = name == "simulated"
  local dir = measure.folder { ["many.lua"] = simulated and VOLUMES:format(n) or shapes.playbook(name, n) }
  for _, step in ipairs(steps) do
    local words = { fs.exe_dir() .. "/csorun", table.unpack(step[2]) }
    if simulated then words[#words + 1] = "--sim" end
    words[#words + 1] = "many.lua"
    local cost = measure.run(dir, words)
    print(("%-12s %-16s %8d %9.2f %12.0f %8.0f"):format(name, step[1], n, cost.cpu, cost.cpu / n * 1e6, cost.mib))
  end
end

local _, failure = task.run(function()
  print(("%-12s %-16s %8s %9s %12s %8s"):format("", "", "N", "CPU s", "us/thing", "MiB"))
  for _, name in ipairs(names) do
    for _, n in ipairs(sizes) do task.scope(function() live(name, n) end) end
  end
end)
if failure then error(failure.message or failure, 0) end
