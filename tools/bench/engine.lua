-- The engine against Terraform's and against plain Lua, with things that live in the state alone
-- (terraform_data there), in the same minutes on the same machine. Ratios of CPU and of the most memory,
-- each against its aim:   build/csorun-lua tools/bench/engine.lua [SHAPE | N …]
-- Without terraform only the comparison with plain Lua is made.
package.path = "tools/bench/engine/?.lua;" .. package.path
local fs = require "cso.std.fs"
local measure = require "measure"
local shapes = require "shapes"
local task = require "cso.task"

local AIMS = { plan = 1 / 50, apply = 1 / 50, memory = 1 / 8, floor = 3 }
local ROUNDS = 5
local APPLIED = 1000 -- up to so many things Terraform makes itself; a state of more is written for it
local TERRAFORM = { TF_IN_AUTOMATION = "1", TF_INPUT = "0", CHECKPOINT_DISABLE = "1" }

local bin, here = fs.exe_dir(), assert(os.getenv "PWD")

local sizes, names = {}, {}
for _, word in ipairs(arg) do
  local n = math.tointeger(tonumber(word))
  if n then sizes[#sizes + 1] = n else names[#names + 1] = word end
end
if #sizes == 0 then sizes = { 1000, 10000 } end
if #names == 0 then names = { "independent", "chains" } end

local missed = 0

local function ratio(what, ours, theirs, aim, unit)
  local r = ours / theirs
  local fine = r <= aim
  if not fine then missed = missed + 1 end
  local function shown(x) return x < 1 and ("1/%.0f"):format(1 / x) or ("%.2f"):format(x) end
  print(("  %-34s %9.3f %9.3f %-4s %8s  aim %s%s"):format(what, ours, theirs, unit, shown(r), shown(aim),
    fine and "" or "   MISSED"))
end

-- The medians of what a command costs, and what it is compared with, in turn.
local function in_turn(rounds, ...)
  local costs = {}
  for i = 1, select("#", ...) do costs[i] = { cpu = {}, mib = {} } end
  for _ = 1, rounds do
    for i = 1, select("#", ...) do
      local cost = measure.run(table.unpack((select(i, ...))))
      table.insert(costs[i].cpu, cost.cpu)
      table.insert(costs[i].mib, cost.mib)
    end
  end
  local out = {}
  for i, cost in ipairs(costs) do out[i] = { cpu = measure.median(cost.cpu), mib = measure.median(cost.mib) } end
  return table.unpack(out)
end

local function has_terraform(dir)
  return (pcall(measure.run, dir, { "terraform", "version" }, TERRAFORM))
end

-- What csorun's own code costs, not reading it from the checkout.
local OURS = { CSORUN_LUA = false }

local function live(name, n)
  print(("%s, %d things%42s %9s"):format(name, n, "csorun", "other"))
  local dir = measure.folder { ["many.lua"] = shapes.playbook(name, n), ["main.tf"] = shapes.terraform(name, n) }
  local function csorun(...) return { dir, { bin .. "/csorun", ... }, OURS } end
  local function terraform(...) return { dir, { "terraform", ... }, TERRAFORM } end
  local function floor_of(...)
    return { dir, { bin .. "/csorun-lua", here .. "/tools/bench/engine/floor.lua", name, tostring(n),
      dir .. "/floor.json", ... }, OURS }
  end
  local made = in_turn(1, csorun("apply", "--auto-approve", "many.lua"))
  measure.run(table.unpack(floor_of "write"))
  local plan, floor = in_turn(ROUNDS, csorun("plan", "many.lua"), floor_of())
  ratio("plan without changes : plain Lua", plan.cpu, floor.cpu, AIMS.floor, "s")
  if not has_terraform(dir) then
    print("  terraform is not installed: not compared")
    return
  end
  measure.run(table.unpack(terraform("init", "-no-color")))
  if n <= APPLIED then
    local theirs = in_turn(1, terraform("apply", "-no-color", "-auto-approve"))
    ratio("apply : terraform apply", made.cpu, theirs.cpu, AIMS.apply, "s")
    ratio("memory of that apply", made.mib, theirs.mib, AIMS.memory, "MiB")
  else
    assert(fs.write_atomic(dir .. "/terraform.tfstate", shapes.terraform_state(name, n)))
  end
  local theirs = in_turn(n <= APPLIED and 2 or 1, terraform("plan", "-no-color", "-detailed-exitcode"))
  ratio("plan without changes : terraform", plan.cpu, theirs.cpu, AIMS.plan, "s")
  ratio("memory of that plan", plan.mib, theirs.mib, AIMS.memory, "MiB")
end

local _, failure = task.run(function()
  for _, name in ipairs(names) do
    for _, n in ipairs(sizes) do task.scope(function() live(name, n) end) end
  end
end)
if failure then error(failure.message or failure, 0) end
print(missed == 0 and "every aim is met" or ("%d aims are missed"):format(missed))
